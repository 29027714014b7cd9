"""Processes that count, as workers do: forked or started anew, and killed without a word."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

from gutschein.watch import metrics
from gutschein.watch.cells import Board
from gutschein.watch.instruments import PASSING_PLACES


@contextmanager
def worker(board: Board, method: str = "fork") -> Iterator[Connection]:
    """Run a process that joins the board and does what it is told, until the block ends."""
    context: Any = multiprocessing.get_context(method)
    ours, theirs = context.Pipe()
    process = context.Process(target=work, args=(board, theirs))
    process.start()
    theirs.close()
    try:
        assert ours.recv() == "joined"
        yield ours
    finally:
        process.kill()
        process.join()


def work(board: Board, orders: Connection) -> None:
    """Count as ordered: ``("redemption", 3)`` redemptions, or ``("queue", 7)`` that wait."""
    board.join(anew=PASSING_PLACES)
    orders.send("joined")
    while True:
        what, number = orders.recv()
        if what == "queue":
            metrics.clearing_queue.set(number)
        elif what == "seconds":
            metrics.clearing_commit_seconds.observe(number)
        elif what == "child":
            child = multiprocessing.get_context("fork").Process(target=count_one)
            child.start()
            child.join()
            assert child.exitcode == 0
        else:
            metrics.count_redemption("redemption", "done", number)
        orders.send("done")


def count_one() -> None:
    """Count as the child of a worker, which has not joined by itself."""
    metrics.count_redemption("redemption", "done")


def ordered(orders: Connection, what: str, number: float) -> None:
    orders.send((what, number))
    assert orders.recv() == "done"
