"""What each town owes and holds, read from its books; what happened, from its vouchers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from gutschein.auditor.findings import Held, Owed, TownCoverage
from gutschein.auditor.views import over_views

_BOOKED = over_views(
    """
    SELECT t.id AS town_id, t.name, b.kind, b.cents
    FROM town t
    LEFT JOIN (SELECT town_id, kind, sum(cents) AS cents FROM booked GROUP BY 1, 2) b
        ON b.town_id = t.id
    ORDER BY t.name, t.id
    """
)

_FIGURES = over_views("SELECT town_id, figure, cents FROM voucher_figure")


async def town_coverage(
    connection: AsyncConnection, towns: Sequence[UUID] | None
) -> list[TownCoverage]:
    """Return the cover of each town, in order of name."""
    figures: dict[tuple[UUID, str], int] = {
        (row.town_id, row.figure): int(row.cents) for row in await connection.execute(_FIGURES)
    }
    names: dict[UUID, str] = {}
    booked: dict[UUID, dict[str, int]] = {}
    for row in await connection.execute(_BOOKED):
        if towns is None or row.town_id in towns:
            names[row.town_id] = row.name
            balances = booked.setdefault(row.town_id, {})
            if row.kind is not None:
                balances[row.kind] = int(row.cents)
    return [_town(town_id, names[town_id], kinds, figures) for town_id, kinds in booked.items()]


def _town(
    town_id: UUID, name: str, kinds: Mapping[str, int], figures: Mapping[tuple[UUID, str], int]
) -> TownCoverage:
    owed = Owed(
        open_vouchers_cents=kinds.get("voucher", 0),
        unissued_payments_cents=kinds.get("payment", 0),
        unassigned_deposits_cents=kinds.get("deposit", 0),
        merchants_cents=kinds.get("merchant_payable", 0),
        payouts_in_transit_cents=kinds.get("payout_in_transit", 0),
        other_towns_cents=kinds.get("clearing", 0),
        fees_cents=kinds.get("fee_income", 0),
        vat_cents=kinds.get("vat_payable", 0),
        lapsed_cents=kinds.get("lapsed", 0),
    )
    held = Held(
        trust_bank_cents=-kinds.get("trust_bank", 0),
        payment_provider_cents=-kinds.get("payment_provider", 0),
        cash_cents=-kinds.get("cash", 0),
        subsidy_cents=-kinds.get("subsidy", 0),
    )
    return TownCoverage(
        town_id=town_id,
        name=name,
        issued_cents=figures.get((town_id, "issued"), 0),
        redeemed_cents=figures.get((town_id, "redeemed"), 0),
        reversed_cents=figures.get((town_id, "reversed"), 0),
        expired_cents=figures.get((town_id, "expired"), 0),
        owed=owed,
        held=held,
        difference_cents=held.total_cents - owed.total_cents,
    )
