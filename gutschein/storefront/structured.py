"""What machines read of a town's pages: schema.org as JSON-LD, and the sitemap."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from xml.sax.saxutils import escape

import msgspec
from markupsafe import Markup

from gutschein.kernel.money import format_decimal
from gutschein.storefront.offer import Offer
from gutschein.storefront.public_town import PublicShop, PublicTown, TownCard
from gutschein.web.address import Address

#: What schema.org calls the kinds of shop; all else is a `LocalBusiness`.
_BUSINESSES = {
    "groceries": "GroceryStore",
    "bakery": "Bakery",
    "restaurant": "Restaurant",
    "cafe": "CafeOrCoffeeShop",
    "clothing": "ClothingStore",
    "shoes": "ShoeStore",
    "books": "BookStore",
    "toys": "ToyStore",
    "flowers": "Florist",
    "electronics": "ElectronicsStore",
    "pharmacy": "Pharmacy",
    "hairdresser": "HairSalon",
    "wellness": "HealthAndBeautyBusiness",
    "sports": "SportingGoodsStore",
    "household": "HomeGoodsStore",
}
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_XHTML = "http://www.w3.org/1999/xhtml"


def structured(facts: dict[str, Any]) -> Markup:
    """Return the element that carries *facts* (JSON-LD 1.1, section 7). It is no script: no
    browser runs it, and nothing in it can end it.
    """
    text = msgspec.json.encode({"@context": "https://schema.org", **facts}).decode()
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(f'<script type="application/ld+json">{text}</script>')  # noqa: S704 - escaped above


def town_facts(town: PublicTown, sold: Iterable[Offer], site: str) -> dict[str, Any]:
    """Say who issues the vouchers, and what they cost."""
    url = f"{site}{town.path}"
    issuer = {
        "@type": "GovernmentOrganization",
        "@id": f"{url}#stadt",
        "name": town.name,
        "url": url,
        "address": _address(town.address),
    }
    if town.contact_phone:
        issuer["telephone"] = town.contact_phone
    if town.contact_email:
        issuer["email"] = town.contact_email
    for_sale = [_for_sale(each, url, is_open=town.is_open) for each in sold]
    return {"@graph": [issuer, *for_sale]}


def _for_sale(offer: Offer, url: str, *, is_open: bool) -> dict[str, Any]:
    lowest, highest = offer.minimum_cents, offer.maximum_cents
    availability = "InStock" if is_open else "InStoreOnly"
    return {
        "@type": "Product",
        "name": offer.name,
        "image": f"{url}/vorschau.png",
        "brand": {"@id": f"{url}#stadt"},
        "offers": {
            "@type": "AggregateOffer",
            "priceCurrency": "EUR",
            "lowPrice": format_decimal(lowest),
            "highPrice": format_decimal(highest),
            "availability": f"https://schema.org/{availability}",
            "url": url,
        },
    }


def shop_list(town: PublicTown, shops: Sequence[PublicShop], url: str) -> dict[str, Any]:
    """Say which shops take a town's vouchers."""
    return {
        "@type": "ItemList",
        "name": town.name,
        "url": url,
        "numberOfItems": len(shops),
        "itemListElement": [
            {"@type": "ListItem", "position": place, "item": _business(shop)}
            for place, shop in enumerate(shops, 1)
        ],
    }


def _business(shop: PublicShop) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "@type": _BUSINESSES.get(shop.category or "other", "LocalBusiness"),
        "name": shop.title,
    }
    if shop.address is not None:
        facts["address"] = _address(shop.address)
    if shop.phone:
        facts["telephone"] = shop.phone
    if shop.website:
        facts["url"] = shop.website
    if shop.latitude is not None:
        facts["geo"] = {
            "@type": "GeoCoordinates",
            "latitude": shop.latitude,
            "longitude": shop.longitude,
        }
    return facts


def _address(address: Address) -> dict[str, str]:
    return {
        "@type": "PostalAddress",
        "streetAddress": f"{address.street} {address.house_number}",
        "postalCode": address.postcode,
        "addressLocality": address.post_town,
        "addressCountry": "DE",
    }


def sitemap(site: str, towns: Iterable[TownCard]) -> str:
    """Write the sitemap (sitemaps.org 0.9), each page with its address in either language."""
    pages = ["/"]
    for town in towns:
        pages += [f"/{town.slug}", f"/{town.slug}/akzeptanzstellen"]
    entries = "".join(_entry(f"{site}{path}") for path in pages)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="{_SITEMAP}" xmlns:xhtml="{_XHTML}">{entries}\n</urlset>\n'
    )


def _entry(url: str) -> str:
    place = escape(url, {'"': "&quot;"})
    others = "".join(
        f'<xhtml:link rel="alternate" hreflang="{language}" href="{place}?sprache={language}"/>'
        for language in ("de", "en")
    )
    return f"\n<url><loc>{place}</loc>{others}</url>"
