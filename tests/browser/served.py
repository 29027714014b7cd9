"""The service as its operator runs it: ``gutschein serve``, in a process of its own."""

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

STARTED_WITHIN_SECONDS = 60
KEK_HEX = "00" * 32


@dataclass(frozen=True)
class Served:
    """A running service."""

    base_url: str
    database_url: str
    log: Path


@contextmanager
def served(database_url: str, folder: Path, **settings: str) -> Iterator[Served]:
    """Serve a migrated database on a free port; *settings* are environment variables."""
    port = _free_port()
    log = folder / "service.log"
    ours = {
        "DATABASE_URL": database_url,
        "GUTSCHEIN_PORT": str(port),
        "GUTSCHEIN_PUBLIC_URL": f"http://localhost:{port}",
        "GUTSCHEIN_KEY_ENCRYPTION_KEY": KEK_HEX,
        **settings,
    }
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GUTSCHEIN_") and name != "DATABASE_URL"
    }
    command = [sys.executable, "-m", "gutschein", "serve"]
    with log.open("wb") as written:
        process = subprocess.Popen(
            command, cwd=folder, env=kept | ours, stdout=written, stderr=subprocess.STDOUT
        )
    try:
        service = Served(f"http://localhost:{port}", database_url, log)
        _wait_until_ready(service, process)
        yield service
    finally:
        process.terminate()
        process.wait(timeout=30)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _wait_until_ready(service: Served, process: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + STARTED_WITHIN_SECONDS
    while time.monotonic() < ends and process.poll() is None:
        try:
            if httpx.get(f"{service.base_url}/health/ready", timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"the service has not started:\n{service.log.read_text()}")
