"""The database itself keeps the ledger, whoever asks."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from gutschein.ledger.chart import AccountKind
from tests.conftest import ConnectAs
from tests.ledger.conftest import Book

MIGRATIONS = Path(__file__).parents[2] / "migrations" / "versions"


def append_only() -> tuple[str, ...]:
    spec = importlib.util.spec_from_file_location("guards", MIGRATIONS / "0009_guards.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return tuple(module.APPEND_ONLY)


@pytest.fixture
async def spent(book: Book) -> Book:
    voucher = await book.voucher(50_00)
    await book.post(book.transfer(voucher, book.payable, 12_50))
    return book


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE transfer SET amount_cents = 1 WHERE town_id = :town_id",
        "DELETE FROM transfer WHERE town_id = :town_id",
    ],
)
async def test_transfers_stay_even_for_the_owner(
    spent: Book, connect: ConnectAs, database_url: str, statement: str
) -> None:
    for role, sqlstate in ((None, "23001"), ("gutschein_app", "42501")):
        database = await connect(database_url, role)
        with pytest.raises(DBAPIError) as refused:
            async with database.unit_of_work() as work:
                await work.execute(text(statement), {"town_id": spent.town_id})
        assert refused.value.orig
        assert refused.value.orig.sqlstate == sqlstate


@pytest.mark.parametrize("table", append_only())
async def test_no_posted_table_is_emptied(
    connect: ConnectAs, database_url: str, table: str
) -> None:
    owner = await connect(database_url, None)
    with pytest.raises(DBAPIError, match="never changed or deleted"):
        async with owner.unit_of_work() as work:
            await work.execute(text(f"TRUNCATE {table} CASCADE"))
    app = await connect(database_url)
    async with app.reading() as work:
        rights = await work.execute(
            text("SELECT has_table_privilege(:t, 'UPDATE, DELETE, TRUNCATE')"), {"t": table}
        )
        assert rights.scalar() is False


async def test_a_guarded_balance_below_zero_is_refused_by_the_database(book: Book) -> None:
    voucher = await book.voucher(5_00)
    with pytest.raises(DBAPIError, match="ck_ledger_account_never_below_zero"):
        async with book.database.unit_of_work() as work:
            await work.execute(
                text("UPDATE ledger_account SET balance_cents = -1 WHERE id = :id"),
                {"id": voucher},
            )


async def test_a_guarded_kind_cannot_be_opened_unguarded(book: Book) -> None:
    with pytest.raises(DBAPIError, match="ck_ledger_account_guarded_kind"):
        async with book.database.unit_of_work() as work:
            await work.execute(
                text(
                    "INSERT INTO ledger_account (town_id, id, kind, guarded, opened_at)"
                    " VALUES (:town_id, gen_random_uuid(), :kind, false, now())"
                ),
                {"town_id": book.town_id, "kind": str(AccountKind.VOUCHER)},
            )
