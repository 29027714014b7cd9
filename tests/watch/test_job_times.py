from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from api_fixtures import Clock

from gutschein.db.unit_of_work import Database
from gutschein.jobs import Job, running
from gutschein.kernel.clock import utc_now
from gutschein.watch.cells import OWN, SLOT_BYTES, TEXT_BYTES, Reading
from gutschein.watch.job_times import Jobs, JobTimes


class Worker:
    """The memory that a worker counts in, and its jobs."""

    def __init__(self, clock: Clock, *names: str) -> None:
        self.memory = memoryview(bytearray(SLOT_BYTES))
        OWN.use(self.memory)
        self.times = JobTimes(names, clock)

    def __enter__(self) -> JobTimes:
        OWN.use(self.memory)
        return self.times

    def __exit__(self, *_: object) -> None:
        OWN.use(memoryview(bytearray(SLOT_BYTES)))

    def reading(self, *, alive: bool = True) -> Reading:
        return reading(self.memory, alive=alive)


def reading(memory: memoryview, *, alive: bool = True) -> Reading:
    return Reading(alive, memory[TEXT_BYTES:].cast("d"), bytes(memory[:TEXT_BYTES]).rstrip(b"\0"))


def scraped(clock: Clock, *readings: Reading) -> dict[tuple[str, ...], float]:
    """What a scrape shows: series without the prefix, labels, value."""
    return {
        (sample.name.removeprefix("gutschein_job_"), *sample.labels.values()): sample.value
        for family in Jobs(clock).collected(readings)
        for sample in family.samples
    }


@pytest.fixture(autouse=True)
def own_numbers() -> Iterator[None]:
    before = OWN.text.obj
    yield
    OWN.use(memoryview(before))


@pytest.fixture
def clock() -> Clock:
    return Clock()


def later(clock: Clock, seconds: float) -> None:
    clock.now += timedelta(seconds=seconds)


def test_a_job_lags_from_when_it_is_due_until_it_begins(clock: Clock) -> None:
    worker = Worker(clock, "mail", "history")
    with worker as times:
        times.due_in("mail", 10)
        times.due_in("history", 60)
    lag = ("lag_seconds", "mail")
    assert scraped(clock, worker.reading())[lag] == 0
    later(clock, 35)
    found = scraped(clock, worker.reading())
    assert (found[lag], found[("lag_seconds", "history")]) == (25, 0)
    with worker as times:
        times.begun("mail")
    later(clock, 100)
    assert scraped(clock, worker.reading())[lag] == 0  # it is under way


def test_a_job_lags_only_when_no_living_worker_is_there_for_it(clock: Clock) -> None:
    busy, idle = Worker(clock, "mail"), Worker(clock, "mail")
    for worker, seconds in ((busy, 10), (idle, 30)):
        with worker as times:
            times.due_in("mail", seconds)
    later(clock, 25)
    lag = ("lag_seconds", "mail")
    assert scraped(clock, busy.reading(), idle.reading())[lag] == 0
    assert scraped(clock, busy.reading(), idle.reading(alive=False))[lag] == 15
    assert lag not in scraped(clock, busy.reading(alive=False))


def test_the_last_success_and_all_runs_count_whoever_lives(clock: Clock) -> None:
    one, two = Worker(clock, "history", "mail"), Worker(clock, "mail")  # each in its own order
    with one as times:
        times.ended("mail", "done")
    since = clock.now.timestamp()
    later(clock, 60)
    with two as times:
        times.ended("mail", "failed")
    found = scraped(clock, one.reading(alive=False), two.reading())
    assert found[("last_success_timestamp_seconds", "mail")] == since
    assert ("last_success_timestamp_seconds", "history") not in found
    assert found[("runs_total", "mail", "done")] == 1
    assert found[("runs_total", "mail", "failed")] == 1


def test_more_jobs_than_there_is_room_for_are_told_of(clock: Clock) -> None:
    with pytest.raises(ValueError, match="too many"):
        Worker(clock, *map(str, range(65)))


async def test_the_jobs_that_run_are_watched(fresh_database: Database) -> None:
    runs = 0
    enough = asyncio.Event()

    async def fail_first(database: Database, now: datetime) -> None:  # noqa: ARG001 - as jobs are
        nonlocal runs
        runs += 1
        if runs == 1:
            raise ZeroDivisionError
        if runs == 4:
            enough.set()

    begun = utc_now().timestamp()
    memory = memoryview(bytearray(SLOT_BYTES))
    OWN.use(memory)
    jobs = [Job("often", 0.01, fail_first), Job("rare", 3_600, fail_first)]
    async with running(fresh_database, jobs, utc_now):
        await asyncio.wait_for(enough.wait(), 10)
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in Jobs(utc_now).collected([reading(memory)])
        for sample in family.samples
    }
    assert found[("gutschein_job_runs_total", "often", "failed")] == 1
    assert found[("gutschein_job_runs_total", "often", "done")] >= 3
    last = found[("gutschein_job_last_success_timestamp_seconds", "often")]
    assert begun <= last <= utc_now().timestamp()
    assert found[("gutschein_job_lag_seconds", "rare")] == 0
