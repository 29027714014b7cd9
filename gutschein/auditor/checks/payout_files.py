"""Payout files: read again as the bank reads them, and held against the statements."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from gutschein.auditor.check import Check, Facts, Opening
from gutschein.auditor.opening import DoesNotOpen, Opener, masked
from gutschein.auditor.payment_file import PaymentFile, Unreadable, read_payment_file
from gutschein.kernel.money import format_euro

_ORDERED = text(
    """
    SELECT s.town_id, s.id, s.number, t.sealed_trust_iban,
           f.sealed_content IS NOT NULL AS has_file,
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
    WHERE (f.sealed_content IS NOT NULL OR p.payouts > 0)
      AND (CAST(:towns AS uuid[]) IS NULL OR s.town_id = ANY (CAST(:towns AS uuid[])))
    ORDER BY s.town_id, s.number
    """
)

_FILE = text(
    "SELECT sealed_content FROM payout_file WHERE town_id = :town_id AND settlement_id = :id"
)

_PAYOUTS = text(
    """
    SELECT st.id, p.end_to_end_id, p.amount_cents, st.sealed_iban
    FROM payout p JOIN statement st ON st.town_id = p.town_id AND st.id = p.statement_id
    WHERE st.town_id = :town_id AND st.settlement_id = :id
    """
)


class _Payout(NamedTuple):
    """What a file must order. An account that does not open is for A67 to tell."""

    amount_cents: int
    iban: str | None

    def __str__(self) -> str:
        return _to(self.amount_cents, self.iban)


async def _differences(
    connection: AsyncConnection, opener: Opener, towns: Sequence[UUID] | None
) -> AsyncIterator[Facts]:
    """Compare file by file, so that only one stands in memory."""
    for ordered in (await connection.execute(_ORDERED, {"towns": towns})).all():
        key = {"town_id": ordered.town_id, "id": ordered.id}
        at = {"town_id": ordered.town_id, "row_id": ordered.id, "number": ordered.number}
        if not ordered.has_file:
            yield at | _fault("missing", format_euro(int(ordered.cents), "en"), "no file")
            continue
        sealed = await connection.scalar(_FILE, key)
        try:
            content = opener(ordered.town_id, "payout_file", "sealed_content", [ordered.id], sealed)
            file = read_payment_file(content.encode())
        except DoesNotOpen:
            yield at | _fault("altered", "what was sealed for it", "what does not open here")
            continue
        except Unreadable as reason:
            yield at | _fault("unreadable", "a readable file", str(reason))
            continue
        for fault in (*_totals(ordered, file), *_debtors(ordered, file, opener)):
            yield at | fault
        wanted = {
            row.end_to_end_id: _Payout(row.amount_cents, _iban_of(ordered.town_id, row, opener))
            for row in await connection.execute(_PAYOUTS, key)
        }
        for fault in _transfers(wanted, file):
            yield at | fault


def _iban_of(town_id: UUID, statement: Row[Any], opener: Opener) -> str | None:
    try:
        return opener(town_id, "statement", "sealed_iban", [statement.id], statement.sealed_iban)
    except DoesNotOpen:
        return None


def _debtors(ordered: Row[Any], file: PaymentFile, opener: Opener) -> Iterator[dict[str, object]]:
    sealed = ordered.sealed_trust_iban
    try:
        trust_iban = opener(ordered.town_id, "town", "sealed_trust_iban", [], sealed)
    except DoesNotOpen:
        return
    yield from (
        _fault("debtor", masked(trust_iban), masked(iban))
        for iban in sorted(file.debtor_ibans)
        if iban != trust_iban
    )


def _totals(ordered: Row[Any], file: PaymentFile) -> Iterator[dict[str, object]]:
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


def _transfers(wanted: dict[str, _Payout], file: PaymentFile) -> Iterator[dict[str, object]]:
    left = dict(wanted)
    for transfer in file.transfers:
        payout = left.pop(transfer.end_to_end_id, None)
        actual = _to(transfer.amount_cents, transfer.iban)
        name = {"name": transfer.end_to_end_id}
        if payout is None:
            known = transfer.end_to_end_id in wanted
            yield _fault("twice" if known else "unknown", "one" if known else "none", actual) | name
        elif transfer.amount_cents != payout.amount_cents or (
            payout.iban is not None and transfer.iban != payout.iban
        ):
            yield _fault("transfer", str(payout), actual) | name
    for name_left, payout in sorted(left.items()):
        yield _fault("left_out", str(payout), "nothing") | {"name": name_left}


def _to(amount_cents: int, iban: str | None) -> str:
    account = "an account that does not open" if iban is None else masked(iban)
    return f"{format_euro(amount_cents, 'en')} to {account}"


def _fault(fault: str, expected: str, actual: str) -> dict[str, object]:
    return {"fault": fault, "expected": expected, "actual": actual}


def _sum(count: int, cents: Decimal) -> str:
    return f"{count} payments, {cents / 100:.2f} €"


PAYOUT_FILES = Check(
    number="A51",
    title="The payout file of a settlement orders exactly its payouts: amount, IBAN, EndToEndId,"
    " number and control sums",
    over=("payout_file", "payout"),
    finds=Opening(_differences),
    says={
        "altered": "The payout file of settlement {number} was changed past the service: it does"
        " not open.",
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
