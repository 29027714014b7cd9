"""A town's own motifs, as the API takes and gives them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from gutschein.motifs.rules import MediaType
from gutschein.web.fields import Input, known_as, line

Name = Annotated[str, line(40, "What it is called where it is chosen.", "Bergparade")]
NameEn = Annotated[str, line(40, "The same in English.", "Miners' parade")]
Alt = Annotated[
    str,
    line(
        200,
        "What is to be seen, for those who do not see it.",
        "Bergleute in Paradetracht ziehen über den verschneiten Markt.",
    ),
]
AltEn = Annotated[
    str,
    line(200, "The same in English.", "Miners in their parade dress cross the market in the snow."),
]
Bytes = Annotated[
    bytes | None,
    Meta(
        description="A PNG or JPEG in base64: at least 1240 x 378 dots, at most 4 million, at most "
        "700,000 bytes. It is cut to the shape of 210 x 64 mm around its middle. Left out, the "
        "picture stays as it is; another one is another motif.",
    ),
]
Position = Annotated[
    int, Meta(ge=0, le=1_000, description="Its place among the town's own.", examples=[1])
]
IsActive = Annotated[
    bool, known_as("Whether it is offered. What was bought in it stays in it.", example=True)
]


class NewMotif(Input, frozen=True, kw_only=True):
    """A motif that a town brings, or what it says of one that it has brought."""

    name_de: Name
    name_en: NameEn
    alt_de: Alt
    alt_en: AltEn
    picture: Bytes = None
    position: Position = 0
    is_active: IsActive = True


class OwnMotif(Struct, frozen=True, kw_only=True):
    """A motif that a town has brought."""

    key: Annotated[str, known_as("Its short name.", "bergparade")]
    name_de: Name
    name_en: NameEn
    alt_de: Alt
    alt_en: AltEn
    media_type: Annotated[MediaType, known_as("What the picture is.", "image/jpeg")]
    position: Position
    is_active: IsActive
    added_at: Annotated[datetime, known_as("When, in UTC.", "2026-11-02T08:30:00Z")]


class OwnMotifs(Struct, frozen=True):
    """A town's own motifs, in its order. The built-in ones come after them."""

    motifs: list[OwnMotif]
