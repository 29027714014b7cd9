"""Payout files: read again as the bank reads them, and held against the statements."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gutschein.auditor.check import Check, Facts
from gutschein.auditor.payment_file import PaymentFile, Unreadable, read_payment_file
from gutschein.kernel.money import format_euro

_ORDERED = text(
    """
    SELECT s.town_id, s.id, s.number, t.trust_iban, f.content IS NOT NULL AS has_file,
           s.state = 'approved' AS approved, f.message_id, f.transfer_count, f.control_sum_cents,
           coalesce(p.payouts, 0) AS payouts, coalesce(p.cents, 0) AS cents
    FROM settlement s
    JOIN town t ON t.id = s.town_id
    LEFT JOIN payout_file f ON f.town_id = s.town_id AND f.settlement_id = s.id
    LEFT JOIN (
        SELECT st.town_id, st.settlement_id, count(*) AS payouts, sum(p.amount_cents) AS cents
        FROM payout p JOIN statement st ON st.town_id = p.town_id AND st.id = p.statement_id
        GROUP BY 1, 2
    ) p ON p.town_id = s.town_id AND p.settlement_id = s.id
    WHERE f.content IS NOT NULL OR p.payouts > 0
    ORDER BY s.town_id, s.number
    """
)

_FILE = text("SELECT content FROM payout_file WHERE town_id = :town_id AND settlement_id = :id")

_PAYOUTS = text(
    """
    SELECT st.id, p.end_to_end_id, p.amount_cents, st.iban
    FROM payout p JOIN statement st ON st.town_id = p.town_id AND st.id = p.statement_id
    WHERE st.town_id = :town_id AND st.settlement_id = :id
    """
)


async def _differences(connection: AsyncConnection) -> AsyncIterator[Facts]:
    """Compare file by file, so that only one stands in memory."""
    for ordered in (await connection.execute(_ORDERED)).all():
        key = {"town_id": ordered.town_id, "id": ordered.id}
        at = {"town_id": ordered.town_id, "row_id": ordered.id, "number": ordered.number}
        if not ordered.has_file:
            yield at | _fault("missing", format_euro(int(ordered.cents), "en"), "no file")
            continue
        try:
            file = read_payment_file(await connection.scalar(_FILE, key) or b"")
        except Unreadable as reason:
            yield at | _fault("unreadable", "a readable file", str(reason))
            continue
        for fault in _totals(ordered, file):
            yield at | fault
        wanted = {row.end_to_end_id: row for row in (await connection.execute(_PAYOUTS, key)).all()}
        for fault in _transfers(wanted, file):
            yield at | fault


def _totals(ordered: Any, file: PaymentFile) -> Iterator[dict[str, object]]:
    count = len(file.transfers)
    total_cents = sum(transfer.amount_cents for transfer in file.transfers)
    own = (count, Decimal(total_cents))
    for stated in (file.header_totals, file.batch_totals):
        if stated != own:
            yield _fault("total", _sum(*own), _sum(*stated))
    kept = (ordered.transfer_count, Decimal(ordered.control_sum_cents))
    if kept != own:
        yield _fault("kept", _sum(*own), _sum(*kept))
    if file.message_id != ordered.message_id:
        yield _fault("name", ordered.message_id, file.message_id)
    yield from (
        _fault("debtor", ordered.trust_iban, iban)
        for iban in sorted(file.debtor_ibans)
        if iban != ordered.trust_iban
    )


def _transfers(wanted: dict[str, Any], file: PaymentFile) -> Iterator[dict[str, object]]:
    left = dict(wanted)
    for transfer in file.transfers:
        payout = left.pop(transfer.end_to_end_id, None)
        actual = f"{format_euro(transfer.amount_cents, 'en')} to {transfer.iban}"
        name = {"name": transfer.end_to_end_id}
        if payout is None:
            known = transfer.end_to_end_id in wanted
            yield _fault("twice" if known else "unknown", "one" if known else "none", actual) | name
        elif (transfer.amount_cents, transfer.iban) != (payout.amount_cents, payout.iban):
            expected = f"{format_euro(payout.amount_cents, 'en')} to {payout.iban}"
            yield _fault("transfer", expected, actual) | name
    for name_left, payout in sorted(left.items()):
        expected = f"{format_euro(payout.amount_cents, 'en')} to {payout.iban}"
        yield _fault("left_out", expected, "nothing") | {"name": name_left}


def _fault(fault: str, expected: str, actual: str) -> dict[str, object]:
    return {"fault": fault, "expected": expected, "actual": actual}


def _sum(count: int, cents: Decimal) -> str:
    return f"{count} payments, {cents / 100:.2f} €"


PAYOUT_FILES = Check(
    number="A51",
    title="The payout file of a settlement orders exactly its payouts: amount, IBAN, EndToEndId,"
    " number and control sums",
    over=("payout_file", "payout"),
    finds=_differences,
    says={
        "missing": "The payouts of settlement {number} ({expected}) are in no payout file.",
        "unreadable": "The payout file of settlement {number} cannot be read: {actual}.",
        "total": "The payout file of settlement {number} states {actual}; it orders {expected}.",
        "kept": "The payout file of settlement {number} is kept with {actual}; it orders"
        " {expected}.",
        "name": "The payout file of settlement {number} is named {actual} instead of {expected}.",
        "debtor": "The payout file of settlement {number} pays from {actual} instead of the trust"
        " account {expected}.",
        "unknown": "The payout file of settlement {number} orders {actual} ({name}), which no"
        " statement asks for.",
        "twice": "The payout file of settlement {number} orders {name} a second time: {actual}.",
        "transfer": "The payout file of settlement {number} orders {actual} for {name} instead of"
        " {expected}.",
        "left_out": "The payout file of settlement {number} leaves out {name}: {expected}.",
    },
)

CHECKS = (PAYOUT_FILES,)
