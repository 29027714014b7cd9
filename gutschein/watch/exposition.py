"""One scrape tells the figures of the whole installation on this machine.

They are read by the process that starts the workers, which lives as long as the service,
at an address of their own: they are not for the public.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from gutschein.watch.cells import Board
from gutschein.watch.job_times import Jobs
from gutschein.watch.metrics import INSTRUMENTS


class BoardCollector(Collector):
    """Reads a board, and adds up what stands there.

    :param board: read by a process that has not joined it.
    """

    def __init__(self, board: Board, clock: Callable[[], datetime]) -> None:
        self._board = board
        self._jobs = Jobs(clock)

    def collect(self) -> Iterator[Metric]:
        readings = list(self._board.read())
        living = sum(each.alive for each in readings)
        yield GaugeMetricFamily("gutschein_workers", "Workers that live.", value=living)
        for instrument in INSTRUMENTS:
            yield instrument.collected(readings)
        yield from self._jobs.collected(readings)


@contextmanager
def exposed(board: Board, host: str, port: int, clock: Callable[[], datetime]) -> Iterator[None]:
    """Answer ``GET /metrics`` at *host* and *port* until the block is left.

    :raises OSError: when the address is taken or not ours.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(BoardCollector(board, clock))
    server, thread = start_http_server(port, host, registry)
    os.register_at_fork(after_in_child=server.socket.close)  # a worker must not hold the port
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
