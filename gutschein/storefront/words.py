"""What categories are called."""

from __future__ import annotations

from collections.abc import Callable

from gutschein.storefront.rules import Category
from gutschein.web.words import german

_CATEGORIES: dict[Category, str] = {
    "groceries": german("Lebensmittel"),
    "bakery": german("Bäckerei"),
    "restaurant": german("Restaurant"),
    "cafe": german("Café und Eis"),
    "clothing": german("Kleidung"),
    "shoes": german("Schuhe und Leder"),
    "books": german("Bücher"),
    "toys": german("Spielwaren"),
    "flowers": german("Blumen"),
    "crafts": german("Handwerk"),
    "household": german("Haushalt"),
    "electronics": german("Elektronik"),
    "pharmacy": german("Apotheke und Drogerie"),
    "hairdresser": german("Friseur"),
    "wellness": german("Wohlbefinden"),
    "culture": german("Kultur"),
    "sports": german("Sport und Rad"),
    "services": german("Dienstleistung"),
    "other": german("Weitere"),
}


def category_names(say: Callable[[str], str]) -> dict[Category, str]:
    """Return what categories are called.

    :param say: says German in the reader's language, as :func:`gutschein.web.words.words` does.
    """
    return {category: say(name) for category, name in _CATEGORIES.items()}
