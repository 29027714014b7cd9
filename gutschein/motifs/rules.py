"""What is said of a motif; which pictures a town can bring, told from their first bytes."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from gutschein.kernel.errors import Refusal

MediaType = Literal["image/png", "image/jpeg"]

#: In bytes: a photograph of that many dots as JPEG has half of it. Every mail with a voucher in
#: this motif carries it.
LARGEST = 700_000
#: In dots: 210 by 64 mm at 150 dots an inch, below which print looks coarse.
NARROWEST, LOWEST = 1_240, 378
#: In dots, more than twice as fine as print needs. A PDF packs a PNG worse than the PNG did, and
#: each dot unpacked takes four bytes.
MOST_DOTS = 4_000_000

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_END = b"\x00\x00\x00\x00IEND\xaeB`\x82"
_JPEG, _JPEG_END = b"\xff\xd8\xff", b"\xff\xd9"
#: Start of frame, baseline and progressive (ITU-T T.81, table B.1): what browsers and Typst draw.
_FRAMES = frozenset((0xC0, 0xC1, 0xC2))
_START_OF_SCAN = 0xDA


@dataclass(frozen=True, slots=True)
class Words:
    """What is said of a motif, in both languages."""

    key: str
    name_de: str
    name_en: str
    alt_de: str
    alt_en: str


class Picture(NamedTuple):
    """A picture as browsers and the printed voucher take it, ``image/svg+xml``, ``image/png``
    or ``image/jpeg``.
    """

    content: bytes
    media_type: str


def media_type_of(picture: bytes) -> MediaType:
    """Return what a picture is, whatever it was called.

    :raises Refusal: ``motif.picture`` for anything but a whole PNG or JPEG, an SVG too: that
        is a document, which can do things; ``motif.too_large`` above :data:`LARGEST`;
        ``motif.dots`` when it has too few to be printed, or too many.
    """
    if len(picture) > LARGEST:
        raise Refusal("motif.too_large", max_bytes=LARGEST)
    media_type, size = _header(picture)
    if size is None:
        raise Refusal("motif.picture")
    width, height = size
    if width < NARROWEST or height < LOWEST or width * height > MOST_DOTS:
        raise Refusal("motif.dots", width=width, height=height, least=f"{NARROWEST} x {LOWEST}")
    return media_type


def _header(picture: bytes) -> tuple[MediaType, tuple[int, int] | None]:
    if picture.startswith(_JPEG):
        # Cameras write a few zeros or a preview behind the end.
        return "image/jpeg", _jpeg_size(picture) if _JPEG_END in picture[-65_536:] else None
    whole = picture.startswith(_PNG + b"\x00\x00\x00\rIHDR") and picture.endswith(_PNG_END)
    return "image/png", struct.unpack(">II", picture[16:24]) if whole else None  # W3C PNG, 11.2.1


def _jpeg_size(picture: bytes) -> tuple[int, int] | None:
    for kind, segment in _segments(picture):
        if kind in _FRAMES and len(segment) >= 5:
            height, width = struct.unpack(">HH", segment[1:5])
            return width, height
    return None


def _segments(picture: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the segments before the picture itself (ITU-T T.81, B.1.1.4)."""
    at = 2
    while at + 4 <= len(picture) and picture[at] == 0xFF:
        kind, length = picture[at + 1], int.from_bytes(picture[at + 2 : at + 4])
        if kind == 0xFF:  # fill bytes
            at += 1
            continue
        if kind == _START_OF_SCAN or length < 2:
            return
        yield kind, picture[at + 4 : at + 2 + length]
        at += 2 + length
