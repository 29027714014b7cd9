"""Where statements pay to, held against the payout accounts of their merchants."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from gutschein.auditor.check import Check, Facts, Opening
from gutschein.auditor.opening import DoesNotOpen, Opener, masked

_ACCOUNTS = text(
    """
    SELECT st.town_id, st.id, st.number, st.payout_cents, st.merchant_id, a.valid_from,
           st.sealed_iban, st.sealed_account_holder,
           a.sealed_iban AS account_sealed_iban,
           a.sealed_account_holder AS account_sealed_account_holder
    FROM statement st
    JOIN settlement s ON s.town_id = st.town_id AND s.id = st.settlement_id
    LEFT JOIN (
        SELECT *, lead(valid_from) OVER (
            PARTITION BY town_id, merchant_id ORDER BY valid_from
        ) AS valid_to
        FROM payout_account
    ) a ON a.town_id = st.town_id AND a.merchant_id = st.merchant_id
        AND a.valid_from <= s.closed_at AND (a.valid_to IS NULL OR a.valid_to > s.closed_at)
    WHERE CAST(:towns AS uuid[]) IS NULL OR st.town_id = ANY (CAST(:towns AS uuid[]))
    ORDER BY st.town_id, st.id
    """
)


async def _other_accounts(
    connection: AsyncConnection, opener: Opener, towns: Sequence[UUID] | None
) -> AsyncIterator[Facts]:
    """What does not open is for A67 to tell."""
    async for row in await connection.stream(_ACCOUNTS, {"towns": towns}):
        facts = {"town_id": row.town_id, "row_id": row.id, "number": row.number}
        facts["payout_cents"] = row.payout_cents
        try:
            iban, holder = _account(row, opener, "statement", "", [row.id])
            if row.valid_from is None:
                yield facts | {"fault": "iban", "expected": "no account", "actual": masked(iban)}
                continue
            key = [row.merchant_id, row.valid_from]
            own_iban, own_holder = _account(row, opener, "payout_account", "account_", key)
        except DoesNotOpen:
            continue
        if iban != own_iban:
            expected = {"expected": masked(own_iban), "actual": masked(iban)}
            yield facts | {"fault": "iban"} | expected
        elif holder != own_holder:
            yield facts | {"fault": "holder", "expected": "its holder", "actual": "another name"}


def _account(
    row: Row[Any], opener: Opener, table: str, prefix: str, key: Sequence[UUID | datetime]
) -> tuple[str, str]:
    """Return the IBAN and the account holder that stand in a table."""
    iban, holder = (
        opener(row.town_id, table, column, key, getattr(row, prefix + column))
        for column in ("sealed_iban", "sealed_account_holder")
    )
    return iban, holder


PAYOUT_ACCOUNT = Check(
    number="A44",
    title="A statement pays to the account the merchant had when the period was closed",
    over=("statement",),
    finds=Opening(_other_accounts),
    says={
        "iban": "Statement {number} pays {payout} to {actual}; the merchant's account was"
        " {expected}.",
        "holder": "Statement {number} pays {payout} to the merchant's account, but under"
        " {actual} than that of {expected}.",
    },
)

CHECKS = (PAYOUT_ACCOUNT,)
