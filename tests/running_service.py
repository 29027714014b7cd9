"""The service as its operator runs it: ``gutschein serve``, a process of its own, on sockets."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

SECONDS_TO_START = 60
KEK_HEX = "00" * 32


@dataclass(frozen=True)
class Served:
    """A running service.

    :param base_url: with the name a browser trusts without TLS, ``localhost``.
    """

    base_url: str
    database_url: str
    port: int
    log: Path

    @property
    def url(self) -> str:
        """Its address as a till or a script of the same machine calls it."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def served(database_url: str, folder: Path, **settings: str) -> Iterator[Served]:
    """Serve a migrated database on a free port until the block ends.

    :param settings: by their names in the settings file, ``workers="2"``.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    service = Served(f"http://localhost:{port}", database_url, port, folder / "service.log")
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | {
        "DATABASE_URL": database_url,
        "GUTSCHEIN_DATA_DIR": str(folder),
        "GUTSCHEIN_PORT": str(port),
        "GUTSCHEIN_PUBLIC_URL": service.base_url,
        "GUTSCHEIN_KEY_ENCRYPTION_KEY": KEK_HEX,
        **{f"GUTSCHEIN_{name.upper()}": value for name, value in settings.items()},
    }
    with service.log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "gutschein", "serve"],
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_ready(service, process)
        yield service
    finally:
        process.terminate()
        process.wait(SECONDS_TO_START)


def _wait_until_ready(service: Served, process: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < ends and process.poll() is None:
        try:
            if httpx.get(f"{service.url}/health/ready", timeout=5).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"the service has not started:\n{service.log.read_text()}")
