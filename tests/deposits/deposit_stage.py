"""A town that asks for money and reads its bank statements, without the service around it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

import pytest
from sqlalchemy import text
from towns_with_keys import NOW, new_region, new_town

from gutschein.bank.statement_file import read_statements
from gutschein.db.access import Access
from gutschein.db.unit_of_work import Database, Work
from gutschein.deposits.assigning import assign
from gutschein.deposits.importing import import_statements
from gutschein.deposits.repository import Deposit, deposits_left
from gutschein.deposits.requests import Paid, PaymentRequest, ask, close_request, get_request
from gutschein.deposits.schemas import Imported
from gutschein.kernel.author import Author
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId, new_id
from gutschein.ledger.balances import balance_of
from gutschein.ledger.chart import AccountKind, account_id
from gutschein.signing.data_keys import town_data_keys
from gutschein.signing.sealing import KeyEncryptionKey

DUE = date(2026, 12, 19)
#: The key of the service in the other tests, which share the database.
KEK = KeyEncryptionKey(bytes(32))
CLERK = Author(UUID(int=7), "Anna Amt")

_BALANCES = text(
    "SELECT kind, sum(balance_cents) AS cents FROM ledger_account WHERE guarded GROUP BY kind"
)


@contextmanager
def refused(code: str) -> Iterator[None]:
    with pytest.raises(Refusal) as refusal:
        yield
    assert refusal.value.code == code


@dataclass
class Hall:
    """The town hall, and what is done there. Amounts are cents."""

    town_id: TownId
    database: Database
    now: datetime = NOW
    paid: list[UUID] = field(default_factory=list)

    async def ask(self, amount_cents: int, request_id: UUID | None = None) -> PaymentRequest:
        async with self.database.unit_of_work() as work:
            return await ask(
                work,
                self.town_id,
                request_id or new_id(),
                amount_cents,
                due_on=DUE,
                now=self.now,
            )

    async def close(self, request: PaymentRequest) -> None:
        async with self.database.unit_of_work() as work:
            await close_request(work, self.town_id, request.id, self.now)

    async def request(self, request: PaymentRequest) -> PaymentRequest:
        async with self.database.reading() as work:
            return await get_request(work, self.town_id, request.id)

    async def hand_in(self, file: bytes, paid: Paid | None = None) -> Imported:
        """Import a file, as the page and the API do."""
        async with self.database.unit_of_work() as work:
            return await import_statements(
                work,
                self.town_id,
                read_statements(file),
                by=CLERK,
                kek=KEK,
                paid=paid or self.note_paid,
                now=self.now,
            )

    async def assign(self, deposit_id: UUID, request: PaymentRequest) -> PaymentRequest:
        async with self.database.unit_of_work() as work:
            return await assign(
                work,
                self.town_id,
                deposit_id,
                request.id,
                by=CLERK,
                kek=KEK,
                paid=self.note_paid,
                now=self.now,
            )

    async def left(self) -> list[Deposit]:
        """The deposits that wait for somebody."""
        async with self.database.reading() as work:
            return await deposits_left(work, await town_data_keys(work, self.town_id, KEK))

    async def held(self) -> int:
        """What the town has on its trust account, by its books."""
        account = account_id(self.town_id, AccountKind.TRUST_BANK)
        async with self.database.reading() as work:
            return -await balance_of(work, self.town_id, account)

    async def owed(self) -> dict[str, int]:
        """What stands on all deposits and on all payments."""
        async with self.database.reading() as work:
            rows = await work.execute(_BALANCES)
            return {row.kind: int(row.cents) for row in rows}

    async def transfers(self) -> dict[str, UUID]:
        """The ids of all transfers by their events."""
        async with self.database.reading() as work:
            rows = await work.execute(text("SELECT event, id FROM transfer"))
            return {row.event: row.id for row in rows}

    async def note_paid(self, work: Work, town_id: TownId, request_id: UUID, now: datetime) -> None:
        """Stand in for the shop: by now the payment is booked, in the same unit of work."""
        assert (town_id, now) == (self.town_id, self.now)
        booked = "SELECT count(*) FROM payment WHERE id = :id AND method = 'deposits'"
        assert await work.scalar(text(booked), {"id": request_id}) == 1
        self.paid.append(request_id)


async def new_hall(database: Database) -> Hall:
    town_id = await new_town(database, await new_region(database), KEK)
    return Hall(town_id, database.acting(Access.town(town_id)))


@pytest.fixture
async def hall(database: Database) -> Hall:
    return await new_hall(database)
