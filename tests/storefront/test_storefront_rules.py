from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree

from gutschein.storefront.prose import Block, blocks
from gutschein.storefront.public_town import TownCard, dialled
from gutschein.storefront.rules import folded, matches, searchable, slug_of, text_in_force
from gutschein.storefront.schemas import StorefrontText
from gutschein.storefront.shop_search import Search
from gutschein.storefront.structured import sitemap, structured

NOW = datetime(2026, 12, 5, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "typed", ["müßig", "MUESSIG", "muessig", "mußig", "rad mü", "  fahrrad   müßig ", "", "Rad-Mü"]
)
def test_a_shop_is_found_however_its_umlauts_are_typed(typed: str) -> None:
    assert matches(typed, searchable("Fahrrad Müßig", "Markt 3"))


@pytest.mark.parametrize("typed", ["musik", "fahrrad café", "müller"])
def test_what_is_not_there_is_not_found(typed: str) -> None:
    assert not matches(typed, searchable("Fahrrad Müßig", "Markt 3"))


def test_names_are_folded_into_what_an_address_can_hold() -> None:
    assert folded("  Thalheim/Erzgeb. ") == "thalheim erzgeb"
    assert folded("MÜSSIG Müßig") == "muessig muessig"
    assert folded("Chóśebuz, Café № 5") == "chosebuz cafe no 5"
    assert slug_of("Thalheim/Erzgeb.") == "thalheim-erzgeb"
    assert slug_of("ZWÖNITZ") == "zwoenitz"
    assert slug_of("Chóśebuz") == "chosebuz"


def test_the_newest_text_that_has_begun_counts() -> None:
    def text(days: int) -> StorefrontText:
        begins_at = NOW + timedelta(days=days)
        return StorefrontText(kind="terms", language="de", begins_at=begins_at, paragraphs=["x"])

    old, new, to_come = text(-9), text(-1), text(1)
    assert text_in_force([old, new, to_come], NOW) is new
    assert text_in_force([to_come], NOW) is to_come
    assert text_in_force([], NOW) is None


def test_a_text_is_made_of_headings_lists_and_paragraphs() -> None:
    assert blocks(["# Wer", "Wir.", "Sie.", "- eins", "- zwei", "# Ende", "#kein"]) == [
        Block("heading", ("Wer",)),
        Block("paragraph", ("Wir.",)),
        Block("paragraph", ("Sie.",)),
        Block("list", ("eins", "zwei")),
        Block("heading", ("Ende",)),
        Block("paragraph", ("#kein",)),
    ]


def test_a_search_that_makes_no_sense_looks_for_nothing() -> None:
    assert Search.of({"kategorie": "weapons", "barrierefrei": "yes", "q": "  "}) == Search()
    asked = {"kategorie": "books", "barrierefrei": "1", "q": "x" * 999}
    assert Search.of(asked) == Search("x" * 100, "books", accessible=True)


def test_nothing_ends_the_element_that_machines_read() -> None:
    name = "</script><!--<script>&amp;\u2028"
    markup = str(structured({"name": name}))
    inside = markup.removeprefix('<script type="application/ld+json">').removesuffix("</script>")
    assert not set("<>&") & set(inside)
    assert json.loads(inside) == {"@context": "https://schema.org", "name": name}


def test_the_sitemap_names_every_page_in_either_language() -> None:
    card = TownCard(
        id=None,  # type: ignore[arg-type]
        region="R",
        name="Stadt",
        slug="stadt",
        brand_colour="#000000",
        has_arms=False,
        changed_at=NOW,
        shops=0,
    )
    root = etree.fromstring(sitemap("https://a.example", [card]).encode())
    places = [each.text for each in root.iter("{*}loc")]
    assert places == [
        f"https://a.example{path}" for path in ("/", "/stadt", "/stadt/akzeptanzstellen")
    ]
    others = [each.get("href") for each in root.iter("{*}link")]
    assert others[2:4] == [f"https://a.example/stadt?sprache={each}" for each in ("de", "en")]


def test_a_number_is_dialled_without_its_ornaments() -> None:
    assert dialled("+49 (0) 37 72 / 12-0") == "+4903772120"
