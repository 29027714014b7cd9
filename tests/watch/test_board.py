from __future__ import annotations

import multiprocessing
import re

import pytest
from counting import ordered, worker
from prometheus_client import CollectorRegistry, generate_latest

from gutschein.kernel.clock import utc_now
from gutschein.watch.cells import Board
from gutschein.watch.exposition import BoardCollector
from gutschein.watch.instruments import PASSING_PLACES

REDEMPTIONS = 'gutschein_redemptions_total{kind="redemption",outcome="done"}'
QUEUE = "gutschein_clearing_queue"
WORKERS = "gutschein_workers"


@pytest.fixture
def board() -> Board:
    return Board(slots=6)


def scraped(board: Board) -> dict[str, float]:
    """What a scrape shows, each series with its value."""
    registry = CollectorRegistry()
    registry.register(BoardCollector(board, utc_now))
    text = generate_latest(registry).decode()
    return {name: float(value) for name, value in re.findall(r"(?m)^([^#\s]\S*) (\S+)$", text)}


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_scrape_adds_up_all_workers(board: Board, method: str) -> None:
    with worker(board, method) as one, worker(board, method) as two:
        ordered(one, "redemption", 3)
        ordered(two, "redemption", 4)
        ordered(one, "queue", 10)
        ordered(two, "queue", 5)
        found = scraped(board)
        assert (found[REDEMPTIONS], found[QUEUE], found[WORKERS]) == (7, 15, 2)


def test_what_a_killed_worker_has_counted_stays_and_counts_once(board: Board) -> None:
    with worker(board) as one:
        ordered(one, "redemption", 3)
        ordered(one, "queue", 10)
    found = scraped(board)
    assert (found[REDEMPTIONS], found[QUEUE], found[WORKERS]) == (3, 0, 0)
    for turn in range(1, 10):  # more than there are slots
        with worker(board) as another:
            found = scraped(board)
            assert (found[REDEMPTIONS], found[QUEUE], found[WORKERS]) == (2 + turn, 0, 1)
            ordered(another, "redemption", 1)
            assert scraped(board)[REDEMPTIONS] == 3 + turn


def test_a_scrape_takes_no_slot_from_a_worker(board: Board) -> None:
    with worker(board) as one:
        for _ in range(3):
            scraped(board)
        with worker(board) as two:
            ordered(one, "queue", 1)
            ordered(two, "queue", 1)
            assert scraped(board)[QUEUE] == 2


def test_a_worker_without_a_slot_says_so() -> None:
    full = Board(slots=1)
    with worker(full), pytest.raises(OSError, match="no free slot"):
        full.join(anew=PASSING_PLACES)


def test_a_child_of_a_worker_does_not_count_into_its_numbers(board: Board) -> None:
    with worker(board) as one:
        ordered(one, "child", 0)
        ordered(one, "redemption", 1)
        assert scraped(board)[REDEMPTIONS] == 1


def test_a_histogram_has_rising_buckets_with_the_sum_of_all(board: Board) -> None:
    name = "gutschein_clearing_commit_seconds"
    with worker(board) as one, worker(board) as two:
        for seconds in (0.0004, 0.001, 0.0011, 99):
            ordered(one, "seconds", seconds)
        ordered(two, "seconds", 0.001)
        found = scraped(board)
    buckets = [found[f'{name}_bucket{{le="{end}"}}'] for end in ("0.0005", "0.001", "0.002")]
    assert buckets == [1, 3, 4]  # a bucket holds what is as large as its end
    assert found[f'{name}_bucket{{le="10.0"}}'] == 4
    assert found[f'{name}_bucket{{le="+Inf"}}'] == found[f"{name}_count"] == 5
    assert found[f"{name}_sum"] == pytest.approx(99.0035)


def test_all_processes_hear_of_the_stop(board: Board) -> None:
    assert not board.stopping
    process = multiprocessing.get_context("spawn").Process(target=board.stop)
    process.start()
    process.join()
    assert process.exitcode == 0
    assert board.stopping
