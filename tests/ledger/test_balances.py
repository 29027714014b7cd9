"""A busy account's balance is its last snapshot plus what came after."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from gutschein.kernel.errors import Refusal
from gutschein.ledger.balances import balance_of, take_snapshots
from gutschein.ledger.chart import AccountKind
from gutschein.ledger.models import balance_snapshot
from gutschein.ledger.posting import post
from tests.ledger.conftest import NOW, Book

POSTING_OR_SNAPSHOT = st.lists(
    st.one_of(st.integers(1, 10_000), st.just("snapshot")), min_size=1, max_size=12
)


async def payable(book: Book) -> int:
    async with book.database.reading() as work:
        return await balance_of(work, book.town_id, book.payable)


async def snapshot(book: Book) -> int:
    async with book.database.unit_of_work() as work:
        return await take_snapshots(work, book.town_id, NOW)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=POSTING_OR_SNAPSHOT)
async def test_snapshots_never_change_a_balance(book: Book, steps: list[int | str]) -> None:
    bank = book.account(AccountKind.TRUST_BANK)
    expected = await payable(book)
    for step in steps:
        if isinstance(step, int):
            await book.post(book.transfer(bank, book.payable, step))
            expected += step
        else:
            await snapshot(book)
        assert await payable(book) == expected


async def test_a_snapshot_covers_only_accounts_that_moved(book: Book) -> None:
    await book.post(book.transfer(book.account(AccountKind.TRUST_BANK), book.payable, 5_00))
    assert await snapshot(book) == 2
    assert await snapshot(book) == 0
    async with book.database.reading() as work:
        count = await work.scalar(
            select(func.count()).where(balance_snapshot.c.town_id == book.town_id)
        )
    assert count == 2


async def test_a_snapshot_waits_for_postings_under_way_and_gives_up_in_time(book: Book) -> None:
    bank = book.account(AccountKind.TRUST_BANK)
    async with book.database.unit_of_work() as work:
        await post(work, [book.transfer(bank, book.payable, 5_00)], NOW)
        with pytest.raises(Refusal, match=r"service\.busy"):
            await snapshot(book)
    assert await snapshot(book) == 2
    assert await payable(book) == 5_00


async def test_postings_and_snapshots_at_once_lose_nothing(book: Book) -> None:
    bank = book.account(AccountKind.TRUST_BANK)

    async def posting() -> None:
        for _ in range(10):
            await book.post(book.transfer(bank, book.payable, 1_00))

    async def snapshots() -> None:
        for _ in range(10):
            await snapshot(book)

    await asyncio.gather(*(posting() for _ in range(5)), snapshots())
    assert await payable(book) == 50_00
