"""Sealed bank and contact data, and what is to be approved: each value opens in its row, so it
was sealed for this row.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from gutschein.auditor.check import Check, Facts, Opening
from gutschein.auditor.opening import DoesNotOpen, Opener


class _Table(NamedTuple):
    """A table with sealed columns.

    :param town: the column with the town's id.
    :param row: the column that findings name its rows by.
    :param key: its primary key without the town.
    """

    name: str
    columns: tuple[str, ...]
    town: str = "town_id"
    row: str = "id"
    key: tuple[str, ...] = ("id",)

    @property
    def query(self) -> TextClause:
        return text(
            f"SELECT * FROM {self.name} WHERE CAST(:towns AS uuid[]) IS NULL"  # noqa: S608 - the tables are named below
            f" OR {self.town} = ANY (CAST(:towns AS uuid[])) ORDER BY {self.town}, {self.row}"
        )


_TABLES = (
    _Table("town", ("sealed_trust_iban", "sealed_trust_account_holder"), "id", key=()),
    _Table("merchant", ("sealed_contact_email",)),
    _Table(
        "payout_account",
        ("sealed_iban", "sealed_account_holder"),
        row="merchant_id",
        key=("merchant_id", "valid_from"),
    ),
    _Table("statement", ("sealed_iban", "sealed_account_holder")),
    _Table("approval_request", ("sealed_terms",)),
    _Table("bank_entry", ("sealed_details",)),
    _Table("deposit", ("sealed_payer_name", "sealed_payer_iban", "sealed_remittance")),
)


async def _closed(
    connection: AsyncConnection, opener: Opener, towns: Sequence[UUID] | None
) -> AsyncIterator[Facts]:
    for table in _TABLES:
        rows = await connection.stream(table.query, {"towns": towns})
        async for row in rows:
            if not _opens(opener, table, row):
                yield {
                    "town_id": getattr(row, table.town),
                    "row_id": getattr(row, table.row),
                    "fault": table.name,
                    "number": getattr(row, "number", None),
                    "valid_from": getattr(row, "valid_from", None),
                    "expected": "what was sealed for this row",
                    "actual": "what does not open here",
                }


def _opens(opener: Opener, table: _Table, row: Row[Any]) -> bool:
    key = [getattr(row, column) for column in table.key]
    sealed = {column: getattr(row, column) for column in table.columns}
    try:
        for column, value in sealed.items():
            if value is not None:
                opener(getattr(row, table.town), table.name, column, key, value)
    except DoesNotOpen:
        return False
    return True


BANK_DATA = Check(
    number="A67",
    title="Every sealed account, address and request was sealed for the row that it stands in",
    over=tuple(table.name for table in _TABLES),
    finds=Opening(_closed),
    says={
        "town": "The town's trust account was changed past the service: it does not open.",
        "merchant": "Whom to write to about the merchant's account was changed past the service:"
        " it does not open.",
        "payout_account": "The merchant's payout account from {valid_from} on was changed past the"
        " service: it does not open.",
        "statement": "The account on statement {number} was changed past the service: it does not"
        " open.",
        "bank_entry": "What the bank said of money that went out was changed past the service: it"
        " does not open.",
        "deposit": "Who paid a deposit, and what for, was changed past the service: it does not"
        " open.",
        "approval_request": "What is to be approved by a second person was changed past the"
        " service: its terms do not open.",
    },
)

CHECKS = (BANK_DATA,)
