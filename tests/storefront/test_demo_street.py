"""What the demo shows of its towns is whole, and what the service would take."""

from __future__ import annotations

import msgspec
import pytest

from gutschein.demo import erzgebirge
from gutschein.demo.high_street import CLOSED, FRONTS, Front, coat_of_arms
from gutschein.demo.legal_texts import TEXTS
from gutschein.storefront.coat_of_arms import checked_arms
from gutschein.storefront.rules import TEXT_KINDS, is_slug
from gutschein.storefront.schemas import BranchProfile, NewText


def test_every_town_and_every_shop_is_told_of() -> None:
    assert FRONTS.keys() == {town.name for town in erzgebirge.TOWNS}
    assert FRONTS.keys() > CLOSED
    for town in erzgebirge.TOWNS:
        assert FRONTS[town.name].stalls.keys() == {shop.name for shop in town.shops}
    slugs = [front.slug for front in FRONTS.values()]
    assert len(set(slugs)) == len(slugs)


@pytest.mark.parametrize("front", FRONTS.values(), ids=lambda front: front.slug)
def test_a_town_shows_what_the_service_takes(front: Front) -> None:
    assert is_slug(front.slug)
    assert checked_arms(coat_of_arms(front)) == coat_of_arms(front)
    assert max(len(front.intro), len(front.intro_en)) <= 600
    for stall in [*front.stalls.values(), *front.others.values()]:
        address = {"street": stall.street, "house_number": stall.house_number}
        told = {
            "category": stall.category,
            "address": address | {"postcode": "08297", "post_town": "Zwönitz"},
            "opening_hours": stall.hours,
            "wheelchair": stall.wheelchair,
        }
        assert msgspec.convert(told, BranchProfile).category == stall.category


def test_every_text_is_there_in_either_language() -> None:
    assert TEXTS.keys() == {(kind, language) for kind in TEXT_KINDS for language in ("de", "en")}
    facts = {"name": "Stadt", "address": "Markt 1", "email": "a@b.example"}
    for lines in TEXTS.values():
        paragraphs = [line.format_map(facts) for line in lines]
        assert msgspec.convert({"paragraphs": paragraphs}, NewText).paragraphs == paragraphs
