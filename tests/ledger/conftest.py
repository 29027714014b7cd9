"""A town with money in it, made without any feature above the ledger."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import insert

from gutschein.db.unit_of_work import Database
from gutschein.kernel.ids import AccountId, TownId, TransferId, new_id
from gutschein.ledger.chart import TOWN_KINDS, AccountKind, account_id
from gutschein.ledger.entries import Account, Event, NewTransfer
from gutschein.ledger.posting import open_accounts, post
from gutschein.towns.models import region, town

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


@dataclass
class Book:
    """One town's book in a test: accounts by kind, transfers in euros' cents."""

    database: Database
    town_id: TownId
    merchant_id: UUID = field(default_factory=new_id)

    def account(self, kind: AccountKind) -> AccountId:
        return account_id(self.town_id, kind)

    @property
    def payable(self) -> AccountId:
        return account_id(self.town_id, AccountKind.MERCHANT_PAYABLE, self.merchant_id)

    async def voucher(self, amount_cents: int = 0) -> AccountId:
        """Open a guarded account, with money on it when asked."""
        account = Account(self.town_id, AccountKind.VOUCHER, new_id())
        async with self.database.unit_of_work() as work:
            await open_accounts(work, [account], NOW)
            if amount_cents:
                bank = self.account(AccountKind.TRUST_BANK)
                await post(work, [self.transfer(bank, account.id, amount_cents)], NOW)
        return account.id

    def transfer(
        self, debit: AccountId, credit: AccountId, amount_cents: int, **more: UUID
    ) -> NewTransfer:
        return NewTransfer(
            town_id=self.town_id,
            id=TransferId(new_id()),
            debit_account_id=debit,
            credit_account_id=credit,
            amount_cents=amount_cents,
            event=Event.REDEMPTION,
            reference_id=new_id(),
            **more,  # type: ignore[arg-type]
        )

    async def post(self, *transfers: NewTransfer) -> None:
        async with self.database.unit_of_work() as work:
            await post(work, transfers, NOW)


async def new_book(database: Database, region_id: UUID | None = None) -> Book:
    town_id = TownId(new_id())
    async with database.unit_of_work() as work:
        if region_id is None:
            region_id = new_id()
            await work.execute(
                insert(region).values(id=region_id, name="Erzgebirge", created_at=NOW)
            )
        await work.execute(
            insert(town).values(
                id=town_id,
                region_id=region_id,
                name="Zwönitz",
                ags="14521710",
                sealed_trust_iban=bytes(28),  # the ledger never opens them
                sealed_trust_account_holder=bytes(28),
                street="Markt",
                house_number="3",
                postcode="08297",
                post_town="Zwönitz",
                brand_colour="#1d4f91",
                minimum_payout_cents=1_000,
                created_at=NOW,
            )
        )
        book = Book(database, town_id)
        await open_accounts(
            work,
            [
                *(Account(town_id, kind) for kind in TOWN_KINDS),
                Account(town_id, AccountKind.MERCHANT_PAYABLE, book.merchant_id),
            ],
            NOW,
        )
    return book


@pytest.fixture
async def book(database: Database) -> Book:
    return await new_book(database)
