"""The service as an operator runs it: a process of its own, on real sockets."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

SECONDS_TO_START = 60


@contextmanager
def served(database_url: str, folder: Path, **settings: str) -> Iterator[str]:
    """Run ``gutschein serve`` and yield its address.

    :param settings: by their names in the file; the key-encryption key is that of the tests.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | {
        "DATABASE_URL": database_url,
        "GUTSCHEIN_DATA_DIR": str(folder),
        "GUTSCHEIN_PORT": str(port),
        "GUTSCHEIN_KEY_ENCRYPTION_KEY": "00" * 32,
        **{f"GUTSCHEIN_{name.upper()}": value for name, value in settings.items()},
    }
    log = folder / "log"
    with log.open("wb") as output:
        service = subprocess.Popen(
            [sys.executable, "-m", "gutschein", "serve"],
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=output,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        assert _is_ready(url, service), log.read_text()
        yield url
    finally:
        service.terminate()
        service.wait(SECONDS_TO_START)


def _is_ready(url: str, service: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + SECONDS_TO_START
    while service.poll() is None and time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/health/ready").is_success:
                return True
        except httpx.TransportError:
            time.sleep(0.2)
    return False
