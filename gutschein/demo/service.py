"""A service in a process of its own, for as long as it is needed."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from gutschein.demo.client import Client, Unexpected

_START_SECONDS = 100
_STOP_SECONDS = 40
_POLL_SECONDS = 0.05


@contextmanager
def running_service(client: Client, env: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run ``gutschein serve`` in this environment until the block is left.

    :raises Unexpected: when it does not answer in time, or ends.
    """
    service = subprocess.Popen(
        [sys.executable, "-m", "gutschein", "serve"],
        env={"GUTSCHEIN_LOG_REDEMPTIONS": "false"} | dict(env),  # the screen tells of the demo
        start_new_session=True,  # Ctrl+C reaches us; we end the service in good order
    )
    try:
        _wait(service, client)
        yield service
    finally:
        service.terminate()
        try:
            service.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            service.kill()
            service.wait()


def _wait(service: subprocess.Popen[bytes], client: Client) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not client.is_there():
        if service.poll() is not None:
            raise Unexpected(f"the service ended with exit code {service.returncode}")
        if time.monotonic() > deadline:
            raise Unexpected(f"the service does not answer at {client.url}")
        time.sleep(_POLL_SECONDS)
