from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gutschein.web.language import preferred_language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "de"),
        ("en", "en"),
        ("EN-gb", "en"),
        ("de-AT, en;q=0.9", "de"),
        ("fr, en;q=0.5, de;q=0.4", "en"),
        ("en;q=0.5, de;q=0.8", "de"),
        ("en;q=0", "de"),
        ("*", "de"),
        ("en, *;q=0.5", "en"),
        ("cs, sk", "de"),
        ("en;q=nonsense", "de"),
        ("english", "de"),
        ("de;q=0.9, en ; q = 1.000", "en"),
    ],
)
def test_the_heaviest_of_our_languages_counts(header: str, language: str) -> None:
    assert preferred_language(header) == language


@given(st.text())
def test_any_header_has_an_answer(header: str) -> None:
    assert preferred_language(header) in {"de", "en"}
