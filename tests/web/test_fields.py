from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gutschein.web.fields import LINE


@pytest.mark.parametrize(
    "text", ["Zwönitz", "Chóśebuz", "12 a", "Café »Zum Bären« & Söhne", "喫茶"]
)
def test_a_line_may_be_in_any_script(text: str) -> None:
    assert re.search(LINE, text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        " vorn",
        "hinten ",
        "hinten\u00a0",
        "zwei\nZeilen",
        "Ende\n",
        "NUL\x00",
        "\x1b[31mrot",
        "\u202eznemmoK",  # written backwards
        "a\u2028b",
    ],
)
def test_what_steers_or_breaks_a_line_is_none(text: str) -> None:
    assert not re.search(LINE, text)


@given(st.text())
def test_a_line_has_no_control_character_and_no_space_around_it(text: str) -> None:
    if re.search(LINE, text):
        assert text
        assert text == text.strip()
        assert not any(unicodedata.category(character) == "Cc" for character in text)
