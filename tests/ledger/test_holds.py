"""Money on hold cannot be spent otherwise, and a hold ends exactly once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from gutschein.db.unit_of_work import Work
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import AccountId, HoldId, TransferId, new_id
from gutschein.ledger.balances import balance_of
from gutschein.ledger.chart import AccountKind
from gutschein.ledger.entries import Event, NewHold
from gutschein.ledger.holds import post_hold, release, reserve
from tests.ledger.conftest import NOW, Book


def held(book: Book, voucher: AccountId, amount_cents: int) -> NewHold:
    return NewHold(
        book.town_id,
        HoldId(new_id()),
        voucher,
        book.payable,
        amount_cents,
        Event.REDEMPTION,
        new_id(),
    )


async def do(book: Book, step: Callable[[Work], Awaitable[None]]) -> None:
    async with book.database.unit_of_work() as work:
        await step(work)


async def end(book: Book, hold: NewHold, amount_cents: int, transfer_id: TransferId) -> None:
    await do(
        book,
        lambda work: post_hold(
            work,
            book.town_id,
            hold.id,
            transfer_id=transfer_id,
            amount_cents=amount_cents,
            now=NOW,
        ),
    )


async def balances(book: Book, voucher: AccountId) -> tuple[int, int]:
    async with book.database.reading() as work:
        return (
            await balance_of(work, book.town_id, voucher),
            await balance_of(work, book.town_id, book.payable),
        )


async def test_40_euros_on_hold_leave_10_of_50_to_spend(book: Book) -> None:
    voucher = await book.voucher(50_00)
    await do(book, lambda work: reserve(work, held(book, voucher, 40_00), NOW))
    with pytest.raises(Refusal) as refused:
        await book.post(book.transfer(voucher, book.payable, 10_01))
    assert refused.value.params["available_cents"] == 10_00
    await book.post(book.transfer(voucher, book.payable, 10_00))
    assert await balances(book, voucher) == (40_00, 10_00)


async def test_a_hold_posts_in_part_and_frees_the_rest(book: Book) -> None:
    voucher, hold_transfer = await book.voucher(50_00), TransferId(new_id())
    hold = held(book, voucher, 40_00)
    await do(book, lambda work: reserve(work, hold, NOW))
    await end(book, hold, 25_00, hold_transfer)
    assert await balances(book, voucher) == (25_00, 25_00)
    await end(book, hold, 25_00, hold_transfer)  # again: nothing new
    assert await balances(book, voucher) == (25_00, 25_00)
    with pytest.raises(Refusal, match=r"hold\.conflict"):
        await end(book, hold, 20_00, hold_transfer)
    with pytest.raises(Refusal, match=r"hold\.conflict"):
        await do(book, lambda work: release(work, book.town_id, hold.id, NOW))
    await book.post(book.transfer(voucher, book.payable, 25_00))


async def test_a_released_hold_moves_nothing(book: Book) -> None:
    voucher = await book.voucher(50_00)
    hold = held(book, voucher, 50_00)
    for step in (
        lambda work: reserve(work, hold, NOW),
        lambda work: reserve(work, hold, NOW),
        lambda work: release(work, book.town_id, hold.id, NOW),
        lambda work: release(work, book.town_id, hold.id, NOW),
    ):
        await do(book, step)
    assert await balances(book, voucher) == (50_00, 0)
    with pytest.raises(Refusal, match=r"hold\.conflict"):
        await end(book, hold, 50_00, TransferId(new_id()))
    await book.post(book.transfer(voucher, book.payable, 50_00))


async def test_what_is_not_there_is_not_held(book: Book) -> None:
    voucher = await book.voucher(50_00)
    with pytest.raises(Refusal, match=r"account\.insufficient"):
        await do(book, lambda work: reserve(work, held(book, voucher, 50_01), NOW))
    busy = book.account(AccountKind.TRUST_BANK)
    with pytest.raises(Refusal, match=r"account\.unknown"):
        await do(book, lambda work: reserve(work, held(book, busy, 1), NOW))
    hold = held(book, voucher, 10_00)
    await do(book, lambda work: reserve(work, hold, NOW))
    with pytest.raises(Refusal, match=r"hold\.exceeded"):
        await end(book, hold, 10_01, TransferId(new_id()))
    with pytest.raises(Refusal, match=r"hold\.unknown"):
        await end(book, held(book, voucher, 1), 1, TransferId(new_id()))
    other = NewHold(
        hold.town_id, hold.id, voucher, book.payable, 9_00, hold.event, hold.reference_id
    )
    with pytest.raises(Refusal, match=r"hold\.conflict"):
        await do(book, lambda work: reserve(work, other, NOW))
