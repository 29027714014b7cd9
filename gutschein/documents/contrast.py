"""A town's colour, and what can be read on it: contrast as WCAG 2.1 measures it."""

from __future__ import annotations

import re

import msgspec

WHITE = "#ffffff"
BLACK = "#000000"

#: WCAG 2.1, success criterion 1.4.3 (AA): text of any size.
TEXT_CONTRAST = 4.5

_HEX_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


class Palette(msgspec.Struct, frozen=True):
    """The colours of one town on paper, each ``#rrggbb``."""

    fill: str  # the town's colour as it is
    ink: str  # text on the fill
    ornament: str  # a shade of the fill behind text
    accent: str  # the town's colour as text on white


def palette(brand_colour: str) -> Palette:
    """Derive from ``#rrggbb`` colours whose text has at least :data:`TEXT_CONTRAST`.

    :raises ValueError: when *brand_colour* has another form.
    """
    if not _HEX_COLOUR.fullmatch(brand_colour):
        raise ValueError(f"not a colour of the form #rrggbb: {brand_colour!r}")
    fill = brand_colour.lower()
    # One of the two always suffices: white fails above luminance 0.183, black below 0.175.
    ink, other = (WHITE, BLACK) if contrast(fill, WHITE) >= TEXT_CONTRAST else (BLACK, WHITE)
    ornament = mix(fill, ink, 8)
    if contrast(ornament, ink) < TEXT_CONTRAST:
        ornament = mix(fill, other, 8)
    accent = fill
    while contrast(accent, WHITE) < TEXT_CONTRAST:
        accent = mix(accent, BLACK, 5)
    return Palette(fill=fill, ink=ink, ornament=ornament, accent=accent)


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.1, "contrast ratio")."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def mix(colour: str, into: str, percent: int) -> str:
    """Return *colour* with *percent* of *into* mixed in, channel by channel."""
    pairs = zip(_channels(colour), _channels(into), strict=True)
    return "#" + "".join(f"{(a * (100 - percent) + b * percent) // 100:02x}" for a, b in pairs)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    """Relative luminance of an sRGB colour (WCAG 2.1, "relative luminance")."""
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
