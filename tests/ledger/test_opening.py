"""Accounts that are opened with money on them have it from one that could afford it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import AccountId, TransferId, new_id
from gutschein.kernel.money import LARGEST_AMOUNT_CENTS
from gutschein.ledger.balances import balances_of
from gutschein.ledger.chart import AccountKind
from gutschein.ledger.endowment import Endowment
from gutschein.ledger.entries import Account, Event, NewTransfer
from gutschein.ledger.opening import open_endowed
from gutschein.ledger.posting import open_accounts, post
from tests.ledger.conftest import NOW, Book


def endowment(book: Book, source: AccountId, amount_cents: int = 10_00) -> Endowment:
    return Endowment(book.town_id, AccountKind.VOUCHER, source, amount_cents, Event.ISSUE, new_id())


async def opened(book: Book, endowed: Endowment, count: int) -> list[AccountId]:
    ids = [AccountId(new_id()) for _ in range(count)]
    async with book.database.unit_of_work() as work:
        await open_endowed(work, endowed, ids, [TransferId(new_id()) for _ in ids], NOW)
    return ids


async def balances(book: Book, *accounts: AccountId) -> list[int]:
    async with book.database.reading() as work:
        found = await balances_of(work, book.town_id, accounts)
    return [found[account] for account in accounts]


async def rows(book: Book, table: str, column: str, id_: object) -> list[dict[str, Any]]:
    async with book.database.reading() as work:
        found = await work.execute(
            text(f"SELECT * FROM {table} WHERE town_id = :town_id AND {column} = :id"),
            {"town_id": book.town_id, "id": id_},
        )
        return [dict(row._mapping) for row in found]


async def test_three_accounts_of_10_euros_take_30_from_their_source(book: Book) -> None:
    source = await book.voucher(50_00)
    ids = await opened(book, endowment(book, source), 3)
    assert await balances(book, source, *ids) == [20_00, 10_00, 10_00, 10_00]
    assert await opened(book, endowment(book, source), 0) == []
    assert await balances(book, source) == [20_00]


async def test_the_books_are_those_of_opening_and_posting_one_by_one(book: Book) -> None:
    source = await book.voucher(20_00)
    endowed = endowment(book, source)
    [at_once] = await opened(book, endowed, 1)
    one_by_one = AccountId(new_id())
    transfer = NewTransfer(
        book.town_id,
        TransferId(new_id()),
        source,
        one_by_one,
        endowed.amount_cents,
        endowed.event,
        reference_id=one_by_one,
        link_id=endowed.link_id,
    )
    async with book.database.unit_of_work() as work:
        await open_accounts(work, [Account(book.town_id, endowed.kind, one_by_one)], NOW)
        await post(work, [transfer], NOW)

    async def without_ids(account: AccountId) -> list[dict[str, Any]]:
        own = {"id", "ordinal", "owner_id", "credit_account_id", "reference_id"}
        found = [
            *await rows(book, "ledger_account", "id", account),
            *await rows(book, "transfer", "credit_account_id", account),
        ]
        assert {row.get("owner_id", account) for row in found} == {account}
        assert {row.get("reference_id", account) for row in found} == {account}
        return [{name: row[name] for name in row.keys() - own} for row in found]

    assert await without_ids(at_once) == await without_ids(one_by_one)


@pytest.mark.parametrize(
    ("count", "amount_cents", "code"),
    [
        (3, 17_00, "account.insufficient"),
        (1, 50_01, "account.insufficient"),
        (1, 0, "amount.invalid"),
        (1, -1, "amount.invalid"),
        (1, LARGEST_AMOUNT_CENTS + 1, "amount.invalid"),
    ],
)
async def test_what_the_source_cannot_give_is_refused_and_nothing_is_opened(
    book: Book, count: int, amount_cents: int, code: str
) -> None:
    source = await book.voucher(50_00)
    with pytest.raises(Refusal) as refused:
        await opened(book, endowment(book, source, amount_cents), count)
    assert refused.value.code == code
    assert await balances(book, source) == [50_00]
    assert await rows(book, "transfer", "debit_account_id", source) == []


async def test_only_a_guarded_account_can_be_the_source(book: Book) -> None:
    for source in (book.account(AccountKind.TRUST_BANK), AccountId(new_id())):
        with pytest.raises(Refusal, match=r"account\.unknown"):
            await opened(book, endowment(book, source), 1)


async def test_a_busy_account_is_not_opened_with_money_on_it(book: Book) -> None:
    source = await book.voucher(50_00)
    wrong = Endowment(
        book.town_id, AccountKind.CLEARING, source, 1_00, Event.ISSUE, link_id=new_id()
    )
    with pytest.raises(ValueError, match="begins empty"):
        await opened(book, wrong, 1)


async def test_an_account_that_is_there_is_not_opened_twice(book: Book) -> None:
    source, there = await book.voucher(50_00), await book.voucher(1_00)
    with pytest.raises(IntegrityError, match="pk_ledger_account"):
        async with book.database.unit_of_work() as work:
            await open_endowed(work, endowment(book, source), [there], [TransferId(new_id())], NOW)
    assert await balances(book, source, there) == [50_00, 1_00]


async def test_two_at_once_cannot_spend_one_source_twice(book: Book) -> None:
    source = await book.voucher(50_00)
    ends = await asyncio.gather(
        *(opened(book, endowment(book, source), 3) for _ in range(4)), return_exceptions=True
    )
    assert sorted(type(end).__name__ for end in ends) == ["Refusal"] * 3 + ["list"]
    assert await balances(book, source) == [20_00]
