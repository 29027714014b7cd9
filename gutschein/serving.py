"""Serve over HTTP with Granian, until a signal says stop."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import resource
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pkgutil import resolve_name
from threading import Thread, Timer
from types import FrameType
from typing import Any, NoReturn

from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from gutschein.installation import Installation, opened
from gutschein.kernel.clock import utc_now
from gutschein.settings import Settings, SettingsError, variable_of
from gutschein.watch import log_lines, redemption_log, traces
from gutschein.watch.cells import Board
from gutschein.watch.exposition import exposed
from gutschein.watch.instruments import PASSING_PLACES

#: How long requests under way may take after the signal before they are cut off.
GRACE_SECONDS = 30

#: Connections of each worker at once, and as many more that wait to be accepted. Those of tills
#: stay open; who is too much is told by an answer (`service.busy`), not by silence.
_CONNECTIONS = 4_096
_BACKLOG = 4_096

#: After so many new objects the collector looks at the young ones; after twenty such looks
#: at older ones, and so on. Little of a request is left for it.
_COLLECTIONS = (50_000, 20, 50)

_STOPPING = {signal.SIGTERM, signal.SIGINT}

_log = logging.getLogger(__name__)


def serve() -> None:
    """Run the service in the foreground; returns when it was asked to stop.

    The embedded database, where there is one, runs and stops with it.
    """
    signal.signal(signal.SIGTERM, _leave)
    with opened(serving=True) as installation:
        _run(installation)


def _run(installation: Installation) -> None:
    settings = installation.settings
    if settings.otlp_endpoint is not None and not traces.installed():
        raise SettingsError("traces need another package: pip install 'gutschein[traces]'")
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # each connection is an open file
    board = Board(slots=2 * settings.workers + 2)  # an old and a new one of each, and two spare
    with _shown(board, settings):
        server = _Server(
            "gutschein.app:create_from_environment",
            interface=Interfaces.ASGI,
            address=settings.host,
            backlog=_BACKLOG,
            backpressure=_CONNECTIONS,
            port=settings.port,
            workers=settings.workers,
            loop=Loops.uvloop,
            http=HTTPModes.auto,
            http1_settings=HTTP1Settings(
                header_read_timeout=1000 * settings.request_timeout_seconds
            ),
            log_level=LogLevels.warning,
            respawn_failed_workers=True,
            workers_kill_timeout=GRACE_SECONDS,
        )
        log_lines.configure(settings.log_format)  # Granian has set its own just now
        server.stops_on(board, settings.stop_delay_seconds)
        server.serve(
            target_loader=partial(
                _application, board, settings.log_format, settings.log_redemptions
            )
        )


class _Server(Server):  # type: ignore[misc, valid-type] # which class it is depends on Python's build
    """Granian, which first tells that it is about to stop, and then stops; and which makes a new
    worker however often one is killed.
    """

    def stops_on(self, board: Board, delay_seconds: float) -> None:
        """Say where to tell it, and how long before.

        In between, balancers notice that the service is not ready, and callers on open
        connections are asked to close them.
        """
        self._board = board
        self._delay_seconds = delay_seconds

    def signal_handler_interrupt(self, *args: Any, **kwargs: Any) -> None:
        """Stop; at the second signal at once.

        Whoever signals to all processes ends the workers without delay. Then it is no
        accident that they end, and they are not started again. A worker that has only just
        been forked is here too: it has accepted nothing yet, and would else miss the signal.
        """
        if os.getpid() != self.pid:
            sys.exit(128 + signal.SIGTERM)
        delay = 0 if self._board.stopping else self._delay_seconds
        self._board.stop()
        self.respawn_failed_workers = False
        timer = Timer(delay, super().signal_handler_interrupt, args, kwargs)
        timer.daemon = True
        timer.start()

    def _respawn_workers(self, workers: list[int], *args: Any, **kwargs: Any) -> None:
        """Put new workers in the places of those that have ended.

        Granian stops for good when one ends within seconds of being made: it takes it for one
        that cannot start. That is not said of those that were killed.
        """
        ends = {place: getattr(self.wrks[place].inner, "exitcode", None) for place in workers}
        super()._respawn_workers(workers, *args, **kwargs)
        for place, code in ends.items():
            if code == -signal.SIGKILL:
                del self.respawned_wrks[place]

    def shutdown(self, exit_code: int = 0) -> None:
        """Stop the workers, and wait until they have ended."""
        if self._board.stopping:
            self.interrupt_children.clear()
        super().shutdown(exit_code)


@contextmanager
def _shown(board: Board, settings: Settings) -> Iterator[None]:
    with ExitStack() as stack:
        if settings.metrics_listener is not None:
            try:
                stack.enter_context(exposed(board, *settings.metrics_listener, utc_now))
            except OSError as error:
                name = variable_of("metrics_address")
                raise SettingsError(f"{name} cannot be listened at: {error.strerror}") from error
        yield


def _application(
    board: Board,
    log_format: log_lines.LogFormat,
    log_redemptions: bool,  # noqa: FBT001 - pickled as it is
    target: str,
) -> Any:
    """Wire the service in a worker, by the name of its factory: the parent has no need of it.

    Until it has started it hears no signal, and then of all that came as one: a second one
    before it listens would stop Granian's worker for good.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)
    log_lines.configure(log_format)
    if not log_redemptions:
        redemption_log.silence()
    board.join(anew=PASSING_PLACES)
    _stop_with_parent(board)
    app = resolve_name(target)(lambda: board.stopping)
    app.on_shutdown.append(log_lines.flush)
    app.on_startup.append(_spare_the_collector)
    app.on_startup.append(partial(signal.pthread_sigmask, signal.SIG_UNBLOCK, _STOPPING))
    return app


def _stop_with_parent(board: Board) -> None:
    """Let this worker stop when its parent has died: nobody would tell it to any more.

    It would go on beside the service that is started next, with nobody to start it again.
    """
    parent = multiprocessing.parent_process()
    if parent is not None:  # workers that are threads end with it anyway
        Thread(target=_outlive, args=(board, parent.pid), daemon=True).start()


def _outlive(board: Board, parent_pid: int | None) -> None:
    while os.getppid() == parent_pid:
        time.sleep(1)
    _log.error("the main process has died: this worker stops")
    board.stop()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)


def _spare_the_collector() -> None:
    """What was made at the start lives as long as the worker: it is not gone through again.

    A full collection over it holds up all requests for a tenth of a second.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECTIONS)


def _leave(signal_number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001 - as signal calls it
    sys.exit(128 + signal_number)
