"""Serve over HTTP with Granian, until a signal says stop."""

from __future__ import annotations

import logging
import signal
import sys
from types import FrameType
from typing import NoReturn

from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from gutschein.installation import Installation, opened

#: How long requests under way may take after the signal before they are cut off.
GRACE_SECONDS = 30


def serve() -> None:
    """Run the service in the foreground; returns when it was asked to stop.

    The embedded database, where there is one, runs and stops with it.
    """
    signal.signal(signal.SIGTERM, _leave)
    with opened(serving=True) as installation:
        _run(installation)


def _run(installation: Installation) -> None:
    settings = installation.settings
    logging.basicConfig(
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
        datefmt="%Y-%m-%dT%H:%M:%S%z",
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)
    Server(
        "gutschein.app:create_from_environment",
        factory=True,
        interface=Interfaces.ASGI,
        address=settings.host,
        port=settings.port,
        workers=settings.workers,
        loop=Loops.uvloop,
        http=HTTPModes.auto,
        http1_settings=HTTP1Settings(header_read_timeout=1000 * settings.request_timeout_seconds),
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=GRACE_SECONDS,
    ).serve()


def _leave(signal_number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001 - as signal calls it
    sys.exit(128 + signal_number)
