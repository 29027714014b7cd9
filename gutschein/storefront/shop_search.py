"""Finding a shop: by words, by what it sells, by whether wheelchairs get in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from gutschein.storefront.public_town import PublicShop
from gutschein.storefront.rules import CATEGORIES, Category, matches, searchable

_LONGEST_SEARCH = 100


class Search(Struct, frozen=True):
    """What somebody looks for; anything that is not understood looks for nothing."""

    words: str = ""
    category: Category | None = None
    accessible: bool = False

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Search:
        """Read the query of an address: ``q``, ``kategorie``, ``barrierefrei``."""
        asked = query.get("kategorie", "")
        return cls(
            words=query.get("q", "").strip()[:_LONGEST_SEARCH],
            category=next((each for each in CATEGORIES if each == asked), None),
            accessible=query.get("barrierefrei") == "1",
        )


class Listed(Struct, frozen=True):
    """A shop in the list.

    :param shown: whether it was searched for.
    :param words: what a search compares with.
    """

    shop: PublicShop
    shown: bool
    words: str


class Counted(Struct, frozen=True):
    """A category that has shops."""

    category: Category
    name: str
    shops: int


def found_by(
    search: Search, shops: Sequence[PublicShop], names: Mapping[Category, str]
) -> list[Listed]:
    """Return all shops, each with whether *search* finds it.

    :param names: of the categories, in the reader's language: they are searched, too.
    """
    listed = []
    for shop in shops:
        texts = [shop.name, shop.branch, names[shop.category or "other"]]
        if shop.address is not None:
            texts += [shop.address.street, shop.address.post_town]
        known = searchable(*texts)
        shown = (
            matches(search.words, known)
            and search.category in {None, shop.category}
            and (not search.accessible or shop.wheelchair == "yes")
        )
        listed.append(Listed(shop, shown, known))
    return listed


def counted(counts: Mapping[Category | None, int], names: Mapping[Category, str]) -> list[Counted]:
    """Return the categories that have shops, with how many."""
    return [Counted(each, names[each], counts[each]) for each in CATEGORIES if counts.get(each)]
