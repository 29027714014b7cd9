"""Books kept by hand: rows for every table, written by nothing but these few lines.

The auditor's tests must not rest on the services whose mistakes the auditor is to find,
so this keeps accounts, balances and settlements by itself, and as simply as it can.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

import asyncpg
from envelopes import sealed_row

from gutschein.kernel.clock import BERLIN, berlin_day
from gutschein.kernel.ids import derived_id

_NAMES = UUID("00000000-0000-4000-8000-000000000000")
_GUARDED = ("voucher", "payment", "deposit")

#: In the order in which a row may refer to another.
_TABLES = (
    *("region", "town", "town_vat_rate", "acceptance", "town_counter", "signing_key", "merchant"),
    *("payout_account", "branch", "issuing_point", "programme", "ledger_account", "transfer"),
    *("balance_snapshot", "hold", "hold_resolution", "bank_statement", "bank_entry", "deposit"),
    *("payment_request", "deposit_assignment", "payment", "voucher_batch", "stock_order"),
    *("shop_order", "order_item"),
    *("voucher", "activation_code", "stock_range", "counter_sale", "cash_closing"),
    *("pairing_code", "device", "offline_terms", "claim"),
    *("voucher_event", "redemption", "reversal", "settlement", "statement", "statement_line"),
    *("statement_entry", "payout", "payout_event", "payout_file", "netting", "netting_position"),
    *("netting_payment", "approval_request", "log_entry", "history_block"),
)

#: What the database lets be written only as it happens, one after the other.
_AS_IT_HAPPENS = {
    *("deposit", "payment_request", "deposit_assignment", "payment", "shop_order", "order_item")
}


def at(local: str) -> datetime:
    """Read a time in Germany: ``2026-01-31 20:30``."""
    return datetime.fromisoformat(local).replace(tzinfo=BERLIN)


def day(text: str) -> date:
    return date.fromisoformat(text)


class Books:
    """Rows by table, and what they add up to so far. Every row goes by a name. What is
    sealed in the database stands in clear here.
    """

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.ids: dict[str, UUID] = {}
        self._accounts: dict[tuple[str, str, str | None], dict[str, Any]] = {}
        self._balances: dict[UUID, int] = defaultdict(int)
        self._ordinal = 0

    def id(self, name: str) -> UUID:
        """The id that a name stands for, the same in every run."""
        return self.ids.setdefault(name, derived_id(_NAMES, name))

    def add(self, table: str, **row: Any) -> dict[str, Any]:
        self.rows[table].append(row)
        return row

    def name(self, id_: UUID) -> str:
        """The name that an id goes by."""
        return next(name for name, own in self.ids.items() if own == id_)

    def find(self, table: str, id_: UUID) -> dict[str, Any]:
        return next(row for row in self.rows[table] if row["id"] == id_)

    def account(self, town: str, kind: str, owner: str | None = None) -> UUID:
        """Open an account, or find it. It goes by the name ``town kind owner``."""
        key = (town, kind, owner)
        if key not in self._accounts:
            guarded = kind in _GUARDED
            self._accounts[key] = self.add(
                "ledger_account",
                town_id=self.id(town),
                id=self.id(owner if guarded and owner else " ".join(filter(None, key))),
                kind=kind,
                owner_id=self.id(owner) if owner else None,
                guarded=guarded,
                balance_cents=0 if guarded else None,
                held_cents=0,
                opened_at=at("2022-01-01 00:00"),
            )
        id_: UUID = self._accounts[key]["id"]
        return id_

    def post(
        self,
        name: str,
        town: str,
        accounts: tuple[UUID, UUID],
        cents: int,
        *,
        event: str,
        reference: str,
        when: datetime,
        link: str | None = None,
        reverses: str | None = None,
    ) -> None:
        """Move money from the first account to the second."""
        debit, credit = accounts
        self._ordinal += 1
        self.add(
            "transfer",
            town_id=self.id(town),
            id=self.id(name),
            ordinal=self._ordinal,
            debit_account_id=debit,
            credit_account_id=credit,
            amount_cents=cents,
            event=event,
            reference_id=self.id(reference),
            link_id=self.id(link) if link else None,
            reverses_id=self.id(reverses) if reverses else None,
            booked_at=when,
            booked_on=berlin_day(when),
        )
        for account_id, change in ((debit, -cents), (credit, cents)):
            self._balances[account_id] += change
            account = self.find("ledger_account", account_id)
            if account["guarded"]:
                account["balance_cents"] += change

    def balance(self, account_id: UUID) -> int:
        return self._balances[account_id]

    def snapshot(self, town: str, account_id: UUID, when: datetime) -> None:
        self.add(
            "balance_snapshot",
            town_id=self.id(town),
            account_id=account_id,
            up_to_ordinal=self._ordinal,
            balance_cents=self._balances[account_id],
            taken_at=when,
        )

    async def write(self, connection: asyncpg.Connection) -> None:
        """Insert every row, table by table."""
        assert set(self.rows) <= set(_TABLES)
        for table in _TABLES:
            role = "replica" if table in _AS_IT_HAPPENS else "origin"
            await connection.execute(f"SET session_replication_role = {role}")
            stored = [sealed_row(table, row) for row in self.rows[table]]
            for columns, rows in groupby(stored, key=tuple):
                places = ", ".join(f"${n}" for n in range(1, len(columns) + 1))
                await connection.executemany(
                    f"INSERT INTO {table} ({', '.join(columns)}) "
                    f"OVERRIDING SYSTEM VALUE VALUES ({places})",
                    [tuple(row.values()) for row in rows],
                )
