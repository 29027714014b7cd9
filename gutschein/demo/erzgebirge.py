"""The demo region: real towns and municipality keys, invented shops and accounts.

The towns' programmes differ on purpose, as they do in the Erzgebirge: paper with fixed
values at one desk, a card with a bonus, a digital free amount, a subsidised edition.
The municipality keys are those of the annex to the MietNEinV (as of 25 January 2021). The
IBANs are well formed and name a bank that does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

REGION = "Erzgebirge"

#: VAT on the merchants' fees; under paragraph 2b UStG towns may still be exempt.
VAT_BASIS_POINTS = 1_900
VAT_VALID_FROM = "2020-01-01"

_BANK_CODE = "87099999"


@dataclass(frozen=True, slots=True)
class Shop:
    """An invented merchant: its shop's name and its account holder's."""

    name: str
    holder: str
    branches: tuple[str, ...] = ("Hauptgeschäft",)


@dataclass(frozen=True, slots=True)
class Programme:
    """A kind of voucher, the value the demo issues, and how many."""

    name: str
    value_cents: int
    count: int
    terms: dict[str, Any]

    @property
    def subsidised(self) -> bool:
        return self.terms.get("payer") == "town"


@dataclass(frozen=True, slots=True)
class Town:
    """A real town with invented shops."""

    name: str
    ags: str
    street: str
    house_number: str
    postcode: str
    brand_colour: str
    minimum_payout_cents: int
    programmes: tuple[Programme, ...]
    shops: tuple[Shop, ...]
    honoured_in: tuple[str, ...] = field(default=())


def iban(town: Town, place: int) -> str:
    """Return a well-formed German IBAN (ISO 13616) of the bank that does not exist."""
    account = f"{town.ags[-5:]}{place:05d}"
    digits = int(f"{_BANK_CODE}{account}131400")  # "DE00" as digits at the end
    return f"DE{98 - digits % 97:02d}{_BANK_CODE}{account}"


def free(name: str, value_cents: int, count: int, *, fee_basis_points: int = 300) -> Programme:
    """A free amount from 5 to 250 EUR."""
    terms = {
        "minimum_cents": 5_00,
        "maximum_cents": 250_00,
        "merchant_fee_basis_points": fee_basis_points,
    }
    return Programme(name, value_cents, count, terms)


TOWNS = (
    Town(
        name="Zwönitz",
        ags="14521710",
        street="Markt",
        house_number="6",
        postcode="08297",
        brand_colour="#1d4f91",
        minimum_payout_cents=5_00,
        programmes=(
            # Paper at one desk: three fixed values, no fee.
            Programme(
                "Zwönitzer Geschenkgutschein",
                25_00,
                8,
                {"fixed_values_cents": [10_00, 25_00, 50_00], "merchant_fee_basis_points": 0},
            ),
        ),
        shops=(
            Shop("Buchhandlung Morgenleite", "Katrin Löschner"),
            Shop("Bäckerei Ziegenbein", "Bäckerei Ziegenbein GmbH", ("Markt", "Bahnhof")),
            Shop("Spielwaren Räuchermann", "Uwe Süß"),
        ),
        honoured_in=("Schneeberg", "Annaberg-Buchholz", "Thalheim/Erzgeb."),
    ),
    Town(
        name="Schneeberg",
        ags="14521530",
        street="Markt",
        house_number="1",
        postcode="08289",
        brand_colour="#8a1c1c",
        minimum_payout_cents=10_00,
        programmes=(
            # A card with a bonus: what citizens pay lasts three years, the bonus one.
            free("Schneebergkarte", 50_00, 6),
            Programme(
                "Schneebergkarte Bonus",
                5_00,
                6,
                {
                    "minimum_cents": 1_00,
                    "maximum_cents": 25_00,
                    "validity": "days",
                    "validity_count": 365,
                    "merchant_fee_basis_points": 0,
                    "payer": "town",
                },
            ),
        ),
        shops=(
            Shop("Schnitzstube Kienberg", "Friedhelm Groß"),
            Shop("Café Silberstollen", "Café Silberstollen OHG"),
            Shop("Fahrrad Müßig", "Jörg Müßig"),
        ),
        honoured_in=("Zwönitz", "Annaberg-Buchholz"),
    ),
    Town(
        name="Annaberg-Buchholz",
        ags="14521020",
        street="Markt",
        house_number="1",
        postcode="09456",
        brand_colour="#0b6e4f",
        minimum_payout_cents=10_00,
        programmes=(free("Annaberg-Gutschein", 40_00, 8),),
        shops=(
            Shop("Posamenten Barbara", "Posamenten Barbara e. K."),
            Shop("Weinkeller Frohnau", "Dr. Heike Jäckel", ("Altstadt", "Frohnau")),
            Shop("Optik Pöhlberg", "Optik Pöhlberg GmbH & Co. KG"),
        ),
        honoured_in=("Zwönitz", "Schneeberg", "Marienberg"),
    ),
    Town(
        name="Marienberg",
        ags="14521390",
        street="Markt",
        house_number="1",
        postcode="09496",
        brand_colour="#5b2a86",
        minimum_payout_cents=10_00,
        programmes=(
            # A sponsors' edition: paid by the town, only used whole.
            Programme(
                "Marienberger Bergparade-Edition",
                20_00,
                6,
                {
                    "fixed_values_cents": [20_00],
                    "validity": "end_of_year",
                    "validity_count": 1,
                    "partial_redemption": False,
                    "merchant_fee_basis_points": 250,
                    "payer": "town",
                },
            ),
            free("Marienberger Stadtgutschein", 30_00, 4),
        ),
        shops=(
            Shop("Lederwaren Zschopautor", "Sabine Weiß"),
            Shop("Gasthof Roter Turm", "Gasthof Roter Turm GbR"),
        ),
        honoured_in=("Olbernhau", "Zschopau"),
    ),
    Town(
        name="Olbernhau",
        ags="14521460",
        street="Grünthaler Straße",
        house_number="28",
        postcode="09526",
        brand_colour="#a85500",
        minimum_payout_cents=10_00,
        programmes=(free("Olbernhauer Sternegutschein", 15_00, 4),),
        shops=(
            Shop("Drechslerei Flöhatal", "Christfried Hänel"),
            Shop("Blumen Saigerhütte", "Blumen Saigerhütte GmbH"),
        ),
        honoured_in=("Marienberg", "Zschopau"),
    ),
    Town(
        name="Zschopau",
        ags="14521690",
        street="Altmarkt",
        house_number="2",
        postcode="09405",
        brand_colour="#20639b",
        minimum_payout_cents=10_00,
        programmes=(free("Zschopauer Motorradgutschein", 60_00, 4, fee_basis_points=350),),
        shops=(
            Shop("Zweirad Wildeck", "Zweirad Wildeck GmbH"),
            Shop("Eisdiele Dicker Heinrich", "Antonella Rossi"),
        ),
        honoured_in=("Marienberg", "Olbernhau"),
    ),
    Town(
        name="Thalheim/Erzgeb.",
        ags="14521620",
        street="Hauptstraße",
        house_number="5",
        postcode="09380",
        brand_colour="#3d5a3d",
        minimum_payout_cents=50_00,
        programmes=(free("Thalheim-Gutschein", 10_00, 4),),
        shops=(Shop("Strumpfladen Dreitannen", "Monika Günther"),),
        honoured_in=("Zwönitz",),
    ),
    Town(
        name="Ehrenfriedersdorf",
        ags="14521160",
        street="Max-Wenzel-Straße",
        house_number="1",
        postcode="09427",
        brand_colour="#444b54",
        minimum_payout_cents=10_00,
        programmes=(free("Ehrenfriedersdorfer Zinngutschein", 25_00, 4),),
        shops=(Shop("Sauberg-Drogerie", "Sauberg-Drogerie Inh. T. Böhme"),),
    ),
)
