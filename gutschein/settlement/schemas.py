"""Settlements, statements and payouts, as the API takes and gives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any

from msgspec import Struct
from sqlalchemy import Row

from gutschein.kernel.ids import StatementId
from gutschein.web.fields import AmountCents, Id, Input, NewThing, known_as, line

Cents = Annotated[int, known_as("Euro cents; negative where a merchant owes.", 12_345)]
Instant = Annotated[datetime, known_as("When, in UTC.", "2026-12-01T08:30:00Z")]
FirstDay = Annotated[date, known_as("The first day, included.", "2026-11-01")]
LastDay = Annotated[date, known_as("The last day, included.", "2026-11-30")]


class NewSettlement(NewThing, frozen=True, kw_only=True):
    """A period to be closed; it begins the day after the last one ended."""

    period_from: FirstDay
    period_to: LastDay


class Statement(Struct, frozen=True, kw_only=True):
    """What one merchant is owed for the period, and where it goes."""

    id: Id
    merchant_id: Id
    number: Annotated[str, known_as("Also the EndToEndId of its payout.", "14521710-0001-0001")]
    redeemed_cents: Cents
    reversed_cents: Cents
    returned_cents: Cents
    fee_cents: Cents
    vat_cents: Cents
    carried_in_cents: Cents
    payout_cents: Cents
    carried_out_cents: Cents
    payout_state: Annotated[
        str | None,
        known_as("in_transit, confirmed or returned; null without a payout.", "confirmed"),
    ]


class Settlement(Struct, frozen=True, kw_only=True):
    """A closed period."""

    id: Id
    town_id: Id
    number: Annotated[int, known_as("Counts the town's settlements.", 1)]
    period_from: FirstDay
    period_to: LastDay
    state: Annotated[str, known_as("closed or approved.", "approved")]
    vat_basis_points: Annotated[int, known_as("VAT on fees, in basis points.", 1_900)]
    minimum_payout_cents: Cents
    closed_at: Instant
    approved_at: Annotated[datetime | None, known_as("When, in UTC.", "2026-12-01T09:00:00Z")]

    @classmethod
    def of(cls, row: Row[Any]) -> Settlement:
        return cls(**{name: getattr(row, name) for name in cls.__struct_fields__})


class SettlementWithStatements(Settlement, frozen=True, kw_only=True):
    """A closed period with all its statements."""

    statements: list[Statement]

    @classmethod
    def with_statements(
        cls, row: Row[Any], statements: Sequence[Row[Any]], states: Mapping[StatementId, str]
    ) -> SettlementWithStatements:
        return cls(
            **{name: getattr(row, name) for name in Settlement.__struct_fields__},
            statements=[
                Statement(
                    **{
                        name: getattr(each, name)
                        for name in Statement.__struct_fields__
                        if name != "payout_state"
                    },
                    payout_state=states.get(each.id),
                )
                for each in statements
            ],
        )


class Settlements(Struct, frozen=True, kw_only=True):
    """A town's settlements, the newest first."""

    settlements: list[Settlement]


class Confirmed(Struct, frozen=True, kw_only=True):
    """What a confirmation by the bank did."""

    confirmed_count: Annotated[int, known_as("How many payouts it confirmed.", 12)]


class Return(Input, frozen=True, kw_only=True):
    """A payout that the bank sent back."""

    reason: Annotated[str, line(35, "The bank's reason (ISO 20022 return reason).", "AC04")]


class NewNetting(NewThing, frozen=True, kw_only=True):
    """All open claims of a region to be netted."""


class NettingPosition(Struct, frozen=True, kw_only=True):
    """What a town is owed in all; negative when it owes."""

    town_id: Id
    position_cents: Cents


class NettingPayment(Struct, frozen=True, kw_only=True):
    """What one town pays another."""

    id: Id
    payer_town_id: Id
    payee_town_id: Id
    amount_cents: AmountCents
    reference: Annotated[str, known_as("For the transfer.", "VR-20261201-14521710-14521530-1f3a")]
    paid_at: Annotated[datetime | None, known_as("When it was booked.", "2026-12-03T08:00:00Z")]


class Netting(Struct, frozen=True, kw_only=True):
    """The claims between a region's towns, turned into the fewest payments."""

    id: Id
    region_id: Id
    netted_at: Instant
    positions: list[NettingPosition]
    payments: list[NettingPayment]
