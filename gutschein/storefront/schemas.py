"""Storefronts, texts and profiles of branches, as the API takes and gives them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from gutschein.kernel.errors import Language
from gutschein.merchants.schemas import ContactEmail
from gutschein.storefront.rules import SLUG_MAX, SLUG_PATTERN, Category, TextKind, Wheelchair
from gutschein.web.address import Address
from gutschein.web.fields import Id, Input, known_as, line

Slug = Annotated[
    str,
    Meta(
        min_length=2,
        max_length=SLUG_MAX,
        pattern=f"^{SLUG_PATTERN}$(?!\\n)",
        description="What the town's pages go by: `https://…/annaberg-buchholz`.",
        examples=["annaberg-buchholz"],
    ),
]
Intro = Annotated[
    str, line(600, "What the town says of its voucher.", "Ein Gutschein, viele Läden: Danke!")
]
#: No pattern: what it must be is decided by reading it, see `coat_of_arms`.
Svg = Annotated[
    str | None,
    Meta(
        description="The coat of arms, an SVG drawing of at most 64 kB: shapes, without scripts, "
        "links, styles from elsewhere or text."
    ),
]
PublicEmail = Annotated[
    ContactEmail, known_as("Where citizens write to.", "gutschein@annaberg.example")
]
Phone = Annotated[
    str,
    Meta(
        min_length=3,
        max_length=30,
        pattern=r"^\+?[0-9][0-9 /()-]*[0-9]$(?!\n)",
        description="As people write it.",
        examples=["03733 425-0"],
    ),
]
IsOpen = Annotated[
    bool,
    known_as("Whether vouchers are sold online; else at the issuing points only.", example=True),
]
ChangedAt = Annotated[
    datetime, known_as("When it was last changed, in UTC.", "2026-11-02T08:30:00Z")
]


class NewStorefront(Input, frozen=True, kw_only=True):
    """What the public is to see of a town."""

    slug: Slug
    intro: Intro
    intro_en: Annotated[Intro | None, known_as("The same in English.", "One voucher, many shops.")]
    coat_of_arms_svg: Svg = None
    contact_email: PublicEmail | None = None
    contact_phone: Phone | None = None
    is_open: IsOpen = True


class Storefront(Struct, frozen=True, kw_only=True):
    """What the public sees of a town."""

    town_id: Id
    slug: Slug
    intro: Intro
    intro_en: Intro | None
    coat_of_arms_svg: Svg
    contact_email: PublicEmail | None
    contact_phone: Phone | None
    is_open: IsOpen
    changed_at: ChangedAt
    texts: Annotated[
        list[TextKind], known_as("The texts that the town has.", ["imprint", "privacy"])
    ]


Paragraph = Annotated[
    str,
    line(
        4_000,
        "One paragraph; after `# ` a heading, after `- ` an entry of a list.",
        "# Angaben gemäß § 5 DDG",
    ),
]
BeginsAt = Annotated[
    datetime,
    Meta(tz=True, description="From when on it counts, in UTC.", examples=["2027-01-01T00:00:00Z"]),
]


class NewText(Input, frozen=True, kw_only=True):
    """A text that the law asks for."""

    paragraphs: Annotated[list[Paragraph], Meta(min_length=1, max_length=500)]
    begins_at: Annotated[
        BeginsAt | None, Meta(description="Now, unless given; never earlier than that.")
    ] = None


class StorefrontText(Struct, frozen=True, kw_only=True):
    """A text of a town, and from when on it counts."""

    kind: Annotated[TextKind, known_as("What it is.", "imprint")]
    language: Annotated[Language, known_as("Its language.", "de")]
    begins_at: BeginsAt
    paragraphs: list[Paragraph]


Degrees = Annotated[float, known_as("Degrees (WGS 84).", 50.58)]
Website = Annotated[
    str,
    Meta(
        max_length=300,
        pattern=r"^https://[a-z0-9.-]+(:[0-9]+)?(/[^\s<>\"'\\\x00-\x1f\x7f]*)?$(?!\n)",
        description="Its own pages.",
        examples=["https://buchladen.example"],
    ),
]
HoursLine = Annotated[str, line(80, "A line, as people write it.", "Mo-Fr 9-18 Uhr")]


class BranchProfile(Input, frozen=True, kw_only=True):
    """Where a branch is and what it sells, for those who look for one."""

    category: Annotated[Category, known_as("What it sells.", "books")]
    address: Address
    phone: Phone | None = None
    website: Website | None = None
    opening_hours: Annotated[tuple[HoursLine, ...], Meta(max_length=14)] = ()
    wheelchair: Annotated[
        Wheelchair | None, known_as("Whether wheelchairs get in; null: nobody has said.", "yes")
    ] = None
    latitude: Annotated[Degrees, Meta(ge=-90, le=90)] | None = None
    longitude: Annotated[Degrees, Meta(ge=-180, le=180)] | None = None

    def __post_init__(self) -> None:
        if (self.latitude is None) is not (self.longitude is None):
            raise ValueError("Latitude and longitude belong together in field `longitude`")
