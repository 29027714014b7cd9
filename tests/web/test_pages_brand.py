from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from page_app import browsing, page_app

from gutschein.documents.contrast import BLACK, TEXT_CONTRAST, WHITE, contrast
from gutschein.web.brand import DARK_GROUND, brand_css, brand_stylesheet

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@given(COLOURS)
def test_whatever_the_towns_colour_text_can_be_read(colour: str) -> None:
    light, dark = brand_css(colour).split("@media")
    value = dict(re.findall(r"--brand-(\w+):(#[0-9a-f]{6})", light))
    on_dark = dict(re.findall(r"--brand-(\w+):(#[0-9a-f]{6})", dark))
    assert value["fill"] == colour
    assert contrast(value["fill"], value["ink"]) >= TEXT_CONTRAST
    assert contrast(value["accent"], WHITE) >= TEXT_CONTRAST
    assert contrast(on_dark["accent"], DARK_GROUND) >= TEXT_CONTRAST
    assert contrast(on_dark["accent"], BLACK) >= TEXT_CONTRAST


async def test_it_comes_as_a_file_that_browsers_keep() -> None:
    assert brand_stylesheet("#0B5D3B") == '<link rel="stylesheet" href="/farbe/0b5d3b.css">'
    async with browsing(page_app()) as client:
        answer = await client.get("/farbe/0b5d3b.css")
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["cache-control"].endswith("immutable")
    assert answer.text == brand_css("#0b5d3b")


@pytest.mark.parametrize(
    "name", ["0b5d3b", "0B5D3B.css", "red.css", "0b5d3b}.css", "0b5d3b.css.css"]
)
async def test_nothing_but_a_colour_is_one(name: str) -> None:
    async with browsing(page_app(), accept="*/*") as client:
        assert (await client.get(f"/farbe/{name}")).status_code == 404
    with pytest.raises(ValueError, match="#rrggbb"):
        brand_stylesheet("red")
