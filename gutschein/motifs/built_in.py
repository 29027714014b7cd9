"""The motifs that every town has: drawn in its colour, each as an SVG beside this file.

A drawing is 1050 by 320 and names its colours, ``$fill`` for that of the town; where it meets
the voucher below, it has that colour. It may be cut at its edges.
"""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from string import Template

from gutschein.documents.contrast import BLACK, WHITE, mix, palette
from gutschein.motifs.rules import Words

_DRAWINGS = Path(__file__).parent / "drawings"

BUILT_IN = {
    each.key: each
    for each in (
        Words(
            "town",
            "Unsere Stadt",
            "Our town",
            "Eine Stadt im Sonnenschein: Rathaus, Kirche und Häuser am Marktplatz.",
            "A town in the sun: town hall, church and houses on the market square.",
        ),
        Words(
            "birthday",
            "Geburtstag",
            "Birthday",
            "Eine Geburtstagstorte mit Kerzen zwischen Geschenken und Luftballons.",
            "A birthday cake with candles among presents and balloons.",
        ),
        Words(
            "christmas",
            "Weihnachten",
            "Christmas",
            "Ein verschneiter Marktplatz am Abend, in der Mitte ein leuchtender Weihnachtsbaum.",
            "A market square in the snow at night, in its middle a shining Christmas tree.",
        ),
        Words(
            "thanks",
            "Danke",
            "Thank you",
            "Ein Blumenstrauß mit Schleife auf einer Sommerwiese.",
            "A bunch of flowers with a ribbon on a summer meadow.",
        ),
    )
}

#: What has its colour whatever the town's is: gold, light, flowers, leaves.
_OWN_COLOURS = {
    "gold": "#f4b63f",
    "golddeep": "#d9912a",
    "flame": "#ffd45c",
    "lit": "#ffce6b",
    "rose": "#e4586b",
    "rosedeep": "#b93a55",
    "leaf": "#4f9a5b",
    "leafdeep": "#2f7a4b",
    "leafpale": "#8fc08a",
    "kraft": "#d9b27c",
    "kraftlight": "#ebcda0",
    "fir": "#2c6a52",
    "paper": "#ffffff",
    "cream": "#fdf3e1",
}


@lru_cache(maxsize=256)
def drawing(key: str, brand_colour: str) -> bytes:
    """Return a built-in motif as SVG, in the colour ``#rrggbb``.

    :raises KeyError: when there is no such motif.
    :raises ValueError: when *brand_colour* has another form.
    """
    return _template(BUILT_IN[key].key).substitute(_colours(brand_colour)).encode()


@cache
def _template(key: str) -> Template:
    return Template((_DRAWINGS / f"{key}.svg").read_text(encoding="utf-8"))


def _colours(brand_colour: str) -> dict[str, str]:
    fill = palette(brand_colour).fill
    night = mix(mix(fill, "#0b1026", 55), BLACK, 10)
    return _OWN_COLOURS | {
        "fill": fill,
        "deep": mix(fill, BLACK, 32),
        "mid": mix(fill, WHITE, 34),
        "soft": mix(fill, WHITE, 52),
        "haze": mix(fill, WHITE, 68),
        "light": mix(fill, WHITE, 72),
        "pale": mix(fill, WHITE, 91),
        "glass": mix(mix(fill, BLACK, 20), WHITE, 30),
        "night": night,
        "evening": mix(night, fill, 40),
        "dusk": mix(night, WHITE, 14),
        "nightfir": mix(night, "#2c6a52", 35),
        "snowshade": mix(fill, WHITE, 78),
        "wallnight": mix(night, "#c9b79c", 48),
        "wallnight2": mix(night, "#dcc9a8", 60),
        "roofnight": mix(night, BLACK, 18),
    }
