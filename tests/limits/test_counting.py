from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from gutschein.db.access import AUDITOR, JOBS, Access
from gutschein.db.engine import create_engine
from gutschein.db.unit_of_work import Database
from gutschein.kernel.errors import Refusal
from gutschein.limits.counting import Limits, purge
from gutschein.limits.rules import AddressLimit, Limit
from tests.conftest import ConnectAs
from tests.limits.conftest import keyed

NOW = datetime(2026, 12, 5, 9, 0, tzinfo=UTC)
FIVE = Limit("five", 5, 50, "five at once, one more every ten seconds")


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


async def seconds_refused(call: Awaitable[None]) -> int:
    """How long one has to wait; 0 when the call was let through."""
    try:
        await call
    except Refusal as refusal:
        return int(str(refusal.params["seconds"]))
    return 0


async def let_through(count: int, call: Callable[[], Awaitable[None]]) -> int:
    return [await seconds_refused(call()) for _ in range(count)].count(0)


async def test_a_burst_and_then_one_at_a_time(limits: Limits, key: str) -> None:
    assert await let_through(8, lambda: limits.take(FIVE, key, NOW)) == 5
    assert await seconds_refused(limits.take(FIVE, key, NOW)) == 10
    assert await seconds_refused(limits.take(FIVE, key, after(9.2))) == 1
    assert await let_through(3, lambda: limits.take(FIVE, key, after(10))) == 1
    assert await let_through(3, lambda: limits.take(FIVE, key, after(30))) == 2
    assert await let_through(9, lambda: limits.take(FIVE, key, after(300))) == 5


async def test_keys_and_limits_are_counted_apart(limits: Limits, key: str) -> None:
    six = Limit("six", 6, 60, "another one")
    assert await let_through(9, lambda: limits.take(FIVE, key, NOW)) == 5
    assert await let_through(9, lambda: limits.take(FIVE, key + "'", NOW)) == 5
    assert await let_through(9, lambda: limits.take(six, key, NOW)) == 6


async def test_another_worker_counts_on(limits: Limits, other_worker: Limits, key: str) -> None:
    assert await let_through(3, lambda: limits.take(FIVE, key, NOW)) == 3
    assert await let_through(9, lambda: other_worker.take(FIVE, key, NOW)) == 2
    assert await seconds_refused(limits.take(FIVE, key, NOW)) == 10


async def test_a_refusal_counts_under_no_limit(limits: Limits, key: str) -> None:
    one = Limit("one", 1, 10, "once")
    both = [(FIVE, key), (one, key)]
    assert await let_through(4, lambda: limits.take_all(both, NOW)) == 1
    assert await let_through(9, lambda: limits.take(FIVE, key, NOW)) == 4


async def test_the_longest_wait_is_told(limits: Limits, other_worker: Limits, key: str) -> None:
    long, short = Limit("long", 1, 90, "once"), Limit("short", 1, 20, "once")
    both = [(short, key), (long, key)]
    await limits.take_all(both, NOW)
    assert await seconds_refused(limits.take_all(both, NOW)) == 90
    assert await seconds_refused(other_worker.take_all(both, NOW)) == 90


async def test_a_network_may_do_more_than_one_of_its_hosts(limits: Limits) -> None:
    name = uuid4().hex
    rule = AddressLimit(Limit(f"{name} host", 2, 60, "a host"), Limit(f"{name} net", 5, 60, "all"))

    async def passed(address: str) -> int:
        return await let_through(9, lambda: limits.take(rule, address, NOW))

    assert [await passed(f"2001:db8:7:{host}::{host}") for host in range(4)] == [2, 2, 1, 0]
    assert await passed("2001:db8:8::1") == 2


async def test_failures_alone_count_where_that_is_wanted(limits: Limits, key: str) -> None:
    assert await let_through(9, lambda: limits.check(FIVE, key, NOW)) == 9
    for _ in range(5):
        assert await seconds_refused(limits.check(FIVE, key, NOW)) == 0
        await limits.note(FIVE, key, NOW)
    assert await seconds_refused(limits.check(FIVE, key, NOW)) == 10
    assert await seconds_refused(limits.check(FIVE, key, after(10))) == 0


async def test_failures_that_were_under_way_count_too_up_to_twice(limits: Limits, key: str) -> None:
    for _ in range(7):
        await limits.note(FIVE, key, NOW)
    assert await seconds_refused(limits.check(FIVE, key, NOW)) == 30
    for _ in range(20):
        await limits.note(FIVE, key, NOW)
    assert await seconds_refused(limits.check(FIVE, key, NOW)) == 50
    assert await seconds_refused(limits.check(FIVE, key, after(50))) == 0


async def test_what_is_refused_is_known_without_the_database(
    connect: ConnectAs, database_url: str, other_worker: Limits, key: str
) -> None:
    """The till's path asks memory alone; another worker knows from its own first failure on."""
    unreachable = await connect("postgresql://x@/x?host=/no/such/folder")
    limits = Limits(await connect(database_url), keyed)
    limits.check_known(FIVE, key, NOW)
    for _ in range(5):
        await limits.note(FIVE, key, NOW)
    limits._database = unreachable
    with pytest.raises(Refusal):
        limits.check_known(FIVE, key, after(9))
    assert await seconds_refused(limits.take(FIVE, key, NOW)) == 10
    assert await seconds_refused(limits.check(FIVE, key, NOW)) == 10
    limits.check_known(FIVE, key, after(10))
    other_worker.check_known(FIVE, key, NOW)
    await other_worker.note(FIVE, key, NOW)
    with pytest.raises(Refusal):
        other_worker.check_known(FIVE, key, NOW)


async def test_many_at_once_get_no_more_than_the_burst(limits: Limits, key: str) -> None:
    """Each of them under two keys, in either order."""
    one, two = (FIVE, key), (FIVE, key + "'")
    waits = await asyncio.gather(
        *(
            seconds_refused(limits.take_all([one, two] if n % 2 else [two, one], NOW))
            for n in range(40)
        )
    )
    assert waits.count(0) == 5


def _takes(database_url: str, key: str, tries: int) -> int:
    """Run in a process of its own: how many of the tries were let through."""

    async def run() -> int:
        async with counters(database_url, pool_size=8) as limits:
            waits = await asyncio.gather(
                *(seconds_refused(limits.take(HUNDRED, key, NOW)) for _ in range(tries))
            )
            return waits.count(0)

    return asyncio.run(run())


HUNDRED = Limit("hundred", 100, 1000, "a hundred")


@asynccontextmanager
async def counters(database_url: str, pool_size: int = 1) -> AsyncIterator[Limits]:
    database = Database(create_engine(database_url, pool_size=pool_size))
    try:
        yield Limits(database, keyed)
    finally:
        await database.close()


def test_two_processes_together_get_no_more_than_the_burst(database_url: str, key: str) -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
        running = [processes.submit(_takes, database_url, key, 150) for _ in range(2)]
        passed = [each.result(60) for each in running]
    assert sum(passed) == 100


@settings(max_examples=25, deadline=None)
@given(
    burst=st.integers(1, 6),
    per_seconds=st.integers(1, 30),
    pauses=st.lists(st.integers(0, 8_000), min_size=1, max_size=30),
)
def test_over_any_time_no_more_than_burst_and_rate(
    database_url: str, burst: int, per_seconds: int, pauses: list[int]
) -> None:
    """And never fewer: who was refused would have been the one too many."""
    limit, key = Limit("drawn", burst, per_seconds, "drawn"), uuid4().hex
    times, at = [], 0.0
    for pause in pauses:
        at += pause / 1000
        times.append(at)

    async def run() -> list[bool]:
        # Another worker for each try, so that PostgreSQL decides every one of them.
        async with counters(database_url) as limits:
            return [
                await seconds_refused(
                    Limits(limits._database, keyed).take(limit, key, after(instant))
                )
                == 0
                for instant in times
            ]

    let = asyncio.run(run())
    rate, passed = burst / per_seconds, [t for t, ok in zip(times, let, strict=True) if ok]
    for first, begin in enumerate(passed):
        for more, end in enumerate(passed[first:], 1):
            assert more <= burst + rate * (end - begin) + 1e-3
    filled, before = 0.0, 0.0  # the same as a bucket that leaks
    for instant, ok in zip(times, let, strict=True):
        filled = max(0.0, filled - rate * (instant - before))
        before = instant
        if abs(filled + 1 - burst) > 1e-3:  # a microsecond's rounding may decide
            assert ok == (filled + 1 < burst)
        filled += ok


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=1, max_size=25))
def test_the_wait_that_is_told_is_true(database_url: str, steps: list[tuple[int, bool]]) -> None:
    """At the end of it the next try is let through, and a second and a bit before it is not."""
    key = uuid4().hex

    async def run() -> None:
        async with counters(database_url) as limits:
            at = 0
            for pause, failed in steps:
                at += pause
                call = limits.note if failed else limits.take
                wait = await seconds_refused(call(FIVE, key, after(at)))
                if wait:
                    fresh = Limits(limits._database, keyed)
                    assert await seconds_refused(fresh.check(FIVE, key, after(at + wait - 1.1)))
                    assert not await seconds_refused(fresh.check(FIVE, key, after(at + wait)))

    asyncio.run(run())


async def test_nothing_is_stored_in_clear(fresh_database: Database) -> None:
    limits = Limits(fresh_database, keyed)
    rule = AddressLimit(FIVE, Limit("wide", 9, 9, "wide"))
    await limits.take(rule, "192.0.2.77", NOW)
    await limits.note(FIVE, "kerstin@example.org", NOW)
    async with fresh_database.acting(AUDITOR).reading() as work:
        rows = (await work.execute(text("SELECT * FROM rate_limit"))).all()
    assert len(rows) == 3
    assert all(len(row.key) == 32 for row in rows)
    assert not [row for row in rows if b"192.0.2" in row.key or b"kerstin" in row.key]


async def test_what_is_over_is_cleared_away(fresh_database: Database) -> None:
    limits = Limits(fresh_database, keyed)
    await limits.take(FIVE, "once", NOW)
    assert await let_through(5, lambda: limits.take(FIVE, "often", NOW)) == 5

    jobs = fresh_database.acting(JOBS)
    assert await purge(jobs, after(10)) == 0
    assert await purge(jobs, after(11)) == 1
    fresh = Limits(fresh_database, keyed)
    assert await let_through(9, lambda: fresh.take(FIVE, "often", after(11))) == 1
    assert await purge(jobs, after(61)) == 1


async def test_no_town_and_no_auditor_can_lower_a_count(
    limits: Limits, database: Database, key: str
) -> None:
    await limits.take(FIVE, key, NOW)
    for access in (Access.town(), Access.operator([]), AUDITOR):
        for statement in ("UPDATE rate_limit SET used_until = now()", "DELETE FROM rate_limit"):
            with pytest.raises(DBAPIError, match="permission denied"):
                async with database.acting(access).unit_of_work() as work:
                    await work.execute(text(statement))


async def test_counting_does_not_wait_for_the_disk(database: Database) -> None:
    async with database.acting(AUDITOR).reading() as work:
        kept = await work.execute(
            text("SELECT relpersistence FROM pg_class WHERE relname = 'rate_limit'")
        )
        assert kept.scalar_one() == b"u"
