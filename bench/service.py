"""The service as its operator runs it: ``gutschein serve``, in processes of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

WORKERS = 2
SECONDS_TO_START = 60
SECONDS_TO_STOP = 60

_LOG_SHOWN = 2_000
_CHECKOUT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Served:
    """A running service, or another application under the same server."""

    port: int

    @property
    def authority(self) -> str:
        """Host and port, as devices sign them."""
        return f"127.0.0.1:{self.port}"


@contextmanager
def served(
    database_url: str,
    folder: Path,
    key_encryption_key: str,
    *,
    program: tuple[str, ...] = ("gutschein", "serve"),
    environment: Mapping[str, str] | None = None,
) -> Iterator[Served]:
    """Serve on a free port until the block ends.

    :param program: the module to run, and its arguments.
    :param environment: variables for it besides the service's settings.
    :raises RuntimeError: with the log, when it does not start.
    """
    port = _free_port()
    log = folder / f"service-{port}.log"
    variables = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | {
        "PYTHONPATH": str(_CHECKOUT),
        "DATABASE_URL": database_url,
        "GUTSCHEIN_DATA_DIR": str(folder),
        "GUTSCHEIN_PORT": str(port),
        "GUTSCHEIN_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "GUTSCHEIN_WORKERS": str(WORKERS),
        "GUTSCHEIN_KEY_ENCRYPTION_KEY": key_encryption_key,
        **(environment or {}),
    }
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - the program is our own
            [sys.executable, "-m", *program],
            cwd=folder,
            env=variables,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_ready(port, process, log)
        yield Served(port)
    finally:
        process.terminate()
        process.wait(SECONDS_TO_STOP)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _wait_until_ready(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    ends = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < ends and process.poll() is None:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/health/ready", timeout=5).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise RuntimeError(f"the service has not started:\n{log.read_text()[-_LOG_SHOWN:]}")
