"""Text on a town's colour, and in it, can be read: WCAG 2.1 AA, 4.5 to 1."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gutschein.documents.contrast import BLACK, WHITE, contrast, mix, palette

channel = st.integers(0, 255)
colours = st.builds("#{:02x}{:02x}{:02x}".format, channel, channel, channel)


def test_contrast_is_that_of_the_standard():
    assert contrast(BLACK, WHITE) == pytest.approx(21)
    assert contrast("#767676", WHITE) == pytest.approx(4.54, abs=0.01)  # the known limit grey
    assert contrast("#777777", WHITE) < 4.5


@given(colours)
def test_every_colour_gets_readable_text(colour):
    colours_of_town = palette(colour)
    assert colours_of_town.fill == colour
    assert contrast(colours_of_town.ink, colours_of_town.fill) >= 4.5
    assert contrast(colours_of_town.ink, colours_of_town.ornament) >= 4.5
    assert contrast(colours_of_town.accent, WHITE) >= 4.5


def test_a_dark_colour_stays_as_it_is_and_a_light_one_is_darkened():
    assert palette("#1B5E3F").accent == "#1b5e3f"
    assert palette("#1B5E3F").ink == WHITE
    yellow = palette("#f7d117")
    assert yellow.ink == BLACK
    assert yellow.accent == "#88730a"  # still a yellow, dark enough for text


def test_mixing_is_by_channel():
    assert mix("#000000", "#ffffff", 50) == "#7f7f7f"
    assert mix("#102030", "#102030", 8) == "#102030"


@pytest.mark.parametrize("colour", ["", "#fff", "rgb(0,0,0)", "#12345g", "#1234567", "#123456\n"])
def test_another_notation_is_refused(colour):
    with pytest.raises(ValueError, match="not a colour"):
        palette(colour)
