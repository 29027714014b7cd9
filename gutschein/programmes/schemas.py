"""Programmes, as the API takes and gives them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from msgspec import Meta, Struct

from gutschein.programmes.rules import STATUTORY_YEARS, USUAL_CAP_CENTS, Payer, Validity
from gutschein.web.fields import AmountCents, BasisPoints, Id, NewThing, known_as, line

ProgrammeName = Annotated[str, line(140, "What the voucher is called.", "Stadtgutschein")]
FixedValues = Annotated[
    list[AmountCents],
    Meta(
        min_length=1,
        max_length=50,
        description="The only values there are; without them any value within the bounds.",
        examples=[[1_000, 2_500, 5_000]],
    ),
]
MinimumCents = Annotated[
    AmountCents, known_as("The smallest value in cents; of the fixed ones unless given.", 1_000)
]
MaximumCents = Annotated[
    AmountCents, known_as("The largest value in cents; of the fixed ones unless given.", 5_000)
]
CapCents = Annotated[
    AmountCents, known_as("No voucher is worth more, in cents. 250 € are usual.", 25_000)
]
ValidityKind = Annotated[
    Validity,
    known_as(
        "`end_of_year`: to 31 December of the year of sale plus `validity_count`. `days`: that "
        "many days after the sale. `fixed_day`: to `validity_day`. What citizens pay for lasts "
        "to the end of the third year at least (paragraphs 195, 199 BGB).",
        "end_of_year",
    ),
]
ValidityCount = Annotated[
    int | None, known_as("Years (three when left out) or days.", STATUTORY_YEARS)
]
ValidityDay = Annotated[date, known_as("The last day, included.", "2027-03-31")]
Partial = Annotated[bool, known_as("Whether a rest may stay on the voucher.", example=True)]
PaidBy = Annotated[Payer, known_as("Citizens, or the town as a subsidy.", "citizen")]
PinFromCents = Annotated[
    AmountCents | None,
    Meta(
        description="Vouchers of this value and above, in cents, carry a PIN that is printed apart "
        "and asked for at the till. Without it none does.",
        examples=[10_000],
    ),
]
CreatedAt = Annotated[datetime, known_as("When it was made, in UTC.", "2026-11-02T08:30:00Z")]


class NewProgramme(NewThing, frozen=True, kw_only=True):
    """A programme to be offered. Its terms never change: other terms are another programme."""

    name: ProgrammeName
    fixed_values_cents: FixedValues | None = None
    minimum_cents: MinimumCents | None = None
    maximum_cents: MaximumCents | None = None
    cap_cents: CapCents = USUAL_CAP_CENTS
    validity: ValidityKind = "end_of_year"
    validity_count: ValidityCount = None
    validity_day: ValidityDay | None = None
    partial_redemption: Partial = True
    merchant_fee_basis_points: BasisPoints = 0
    payer: PaidBy = "citizen"
    pin_from_cents: PinFromCents = None


class Programme(Struct, frozen=True, kw_only=True):
    """A kind of voucher, and the terms it is sold under."""

    id: Id
    town_id: Id
    name: ProgrammeName
    fixed_values_cents: FixedValues | None
    minimum_cents: MinimumCents
    maximum_cents: MaximumCents
    cap_cents: CapCents
    validity: ValidityKind
    validity_count: ValidityCount
    validity_day: ValidityDay | None
    partial_redemption: Partial
    merchant_fee_basis_points: BasisPoints
    payer: PaidBy
    pin_from_cents: PinFromCents
    created_at: CreatedAt


class Programmes(Struct, frozen=True):
    """A town's programmes, by name."""

    programmes: list[Programme]
