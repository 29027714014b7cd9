"""Regions, towns, VAT rates and acceptances, as the API takes and gives them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from msgspec import Meta, Struct

from gutschein.kernel.money import LARGEST_AMOUNT_CENTS
from gutschein.web.address import Address
from gutschein.web.fields import (
    AccountHolder,
    BasisPoints,
    Iban,
    Id,
    Input,
    NewThing,
    known_as,
    line,
)

RegionName = Annotated[str, line(140, "What the region is called.", "Erzgebirge")]
TownName = Annotated[str, line(140, "What the town is called.", "Annaberg-Buchholz")]
Ags = Annotated[str, line(20, "Official municipality key (AGS), eight digits.", "14521020")]
TrustAccountHolder = Annotated[
    AccountHolder, known_as("Name the bank knows the account by.", "Stadt Annaberg-Buchholz")
]
BrandColour = Annotated[
    str,
    Meta(
        pattern=r"^#[0-9a-f]{6}$(?!\n)",
        description="The colour of the town's printed vouchers.",
        examples=["#1f5c3a"],
    ),
]
MinimumPayoutCents = Annotated[
    int,
    Meta(
        ge=0,
        le=LARGEST_AMOUNT_CENTS,
        description="A statement below this is carried to the next one; euro cents.",
        examples=[1_000],
    ),
]
CreatedAt = Annotated[datetime, known_as("When it was made, in UTC.", "2026-11-02T08:30:00Z")]
FirstDay = Annotated[date, known_as("The first day, in Germany.", "2026-12-01")]
LastDay = Annotated[date, known_as("The last day, included.", "2027-12-31")]


class NewRegion(NewThing, frozen=True, kw_only=True):
    """A region to be made."""

    name: RegionName


class Region(Struct, frozen=True, kw_only=True):
    """Towns on one platform that may honour one another's vouchers."""

    id: Id
    name: RegionName
    created_at: CreatedAt


class Regions(Struct, frozen=True):
    """All regions, by name."""

    regions: list[Region]


class NewTown(NewThing, frozen=True, kw_only=True):
    """A town to be made in a region."""

    name: TownName
    ags: Ags
    trust_iban: Iban
    trust_account_holder: TrustAccountHolder
    address: Address
    brand_colour: BrandColour = "#004b93"
    minimum_payout_cents: MinimumPayoutCents = 0


class TownSummary(Struct, frozen=True, kw_only=True):
    """The legal issuer of its own vouchers."""

    id: Id
    region_id: Id
    name: TownName
    ags: Ags
    address: Address
    brand_colour: BrandColour
    minimum_payout_cents: MinimumPayoutCents
    created_at: CreatedAt


class Town(TownSummary, frozen=True, kw_only=True):
    """A town with its own trust account, as its own people see it."""

    trust_iban: Iban
    trust_account_holder: TrustAccountHolder


class Towns(Struct, frozen=True):
    """Towns, by name."""

    towns: list[TownSummary]


class VatRate(Input, frozen=True, kw_only=True):
    """The VAT rate on the town's merchant fees from a day on (paragraph 2b UStG)."""

    valid_from: FirstDay
    basis_points: Annotated[BasisPoints, known_as("Hundredths of a percent.", 1_900)]


class VatRates(Struct, frozen=True):
    """A town's VAT rates, the oldest first; before the first of them fees carry no VAT."""

    vat_rates: list[VatRate]


class NewAcceptance(Input, frozen=True, kw_only=True):
    """Merchants of another town of the region are to honour this town's vouchers."""

    accepting_town_id: Id
    valid_from: FirstDay
    valid_until: LastDay | None = None

    def __post_init__(self) -> None:
        if self.valid_until is not None and self.valid_until < self.valid_from:
            raise ValueError("Before `valid_from` in field `valid_until`")


class Acceptance(Struct, frozen=True, kw_only=True):
    """From when to when the merchants of a town honour the vouchers of ``town_id``."""

    town_id: Id
    accepting_town_id: Id
    valid_from: FirstDay
    valid_until: LastDay | None
    agreed_at: CreatedAt


class Acceptances(Struct, frozen=True):
    """Who honours a town's vouchers, past and to come."""

    acceptances: list[Acceptance]


class AcceptanceEnd(Input, frozen=True):
    """The last day on which the vouchers are honoured, today at the earliest."""

    valid_until: LastDay
