"""The built-in motifs: whole drawings in any colour, with words for those who do not see them."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from gutschein.documents.voucher_pdf import MOTIF_SHAPE
from gutschein.motifs.built_in import BUILT_IN, drawing

SVG = "{http://www.w3.org/2000/svg}"
COLOURS = ["#0b5d3b", "#ffe100", "#000000", "#ffffff", "#A3134A"]


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("key", BUILT_IN)
def test_a_drawing_is_shapes_and_nothing_that_acts_or_loads(key: str, colour: str) -> None:
    content = drawing(key, colour)
    root = ET.fromstring(content)
    assert root.get("viewBox") == f"0 0 {MOTIF_SHAPE[0]} {MOTIF_SHAPE[1]}"
    shapes = {"path", "rect", "circle", "ellipse", "g"}
    paint = {"defs", "linearGradient", "radialGradient", "stop"}
    used = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert used - {"svg"} <= shapes | paint  # no text either: it would have a language
    attributes = {name for element in root.iter() for name in element.attrib}
    assert not [name for name in attributes if name.startswith("on") or "href" in name]
    assert b"$" not in content
    assert colour.lower().encode() in content
    assert len(content) < 50_000


def test_only_a_colour_can_be_filled_in() -> None:
    for wrong in ("red", "#fff", '#000000"/><script/>', ""):
        with pytest.raises(ValueError, match="not a colour"):
            drawing("town", wrong)


def test_each_has_a_name_and_says_what_is_to_be_seen_in_both_languages() -> None:
    assert list(BUILT_IN) == ["town", "birthday", "christmas", "thanks"]
    for motif in BUILT_IN.values():
        words = {motif.name_de, motif.name_en, motif.alt_de, motif.alt_en}
        assert len(words) == 4
        assert motif.alt_de.endswith(".")
        assert motif.alt_en.endswith(".")
