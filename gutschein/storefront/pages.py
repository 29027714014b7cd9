"""The pages of towns that everybody may see: the town, its shops, its texts, its pictures."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from litestar import Request, Response, Router, get
from litestar.params import FromPath
from litestar.response import Redirect

from gutschein.db.access import PUBLIC_READER
from gutschein.db.unit_of_work import Database, Work
from gutschein.documents.preview_png import preview_png
from gutschein.kernel.clock import berlin_day
from gutschein.kernel.errors import Refusal
from gutschein.storefront import repository
from gutschein.storefront.offer import offer_of
from gutschein.storefront.prose import blocks
from gutschein.storefront.public_town import TownChoice
from gutschein.storefront.rules import TextKind, matches, searchable, slug_of
from gutschein.storefront.service import accepted_in, coat_of_arms, find_town, offers, text_of
from gutschein.storefront.shop_search import Search, counted, found_by
from gutschein.storefront.structured import shop_list, sitemap, structured, town_facts
from gutschein.storefront.tiles import Tiles
from gutschein.storefront.words import category_names
from gutschein.web.guard import PUBLIC
from gutschein.web.language import reading_language
from gutschein.web.pages import page
from gutschein.web.providers import Db, Now
from gutschein.web.security_headers import PAGE_POLICY
from gutschein.web.words import words

AnyRequest = Request[Any, Any, Any]

#: The last parts of the addresses of a town's texts.
TEXT_PATHS: dict[str, TextKind] = {
    "impressum": "imprint",
    "datenschutz": "privacy",
    "agb": "terms",
    "widerrufsbelehrung": "withdrawal",
    "barrierefreiheit": "accessibility",
}
#: A drawing that is opened by itself is shown, and can do nothing.
_ARMS_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
#: What any page may show; the list of shops, where there is a map, its tiles besides.
_OWN_PICTURES = "img-src 'self' data:"
_FOR_A_DAY = "public, max-age=86400"
_FOR_AN_HOUR = "public, max-age=3600"


@asynccontextmanager
async def public_view(request: AnyRequest, database: Database) -> AsyncIterator[Work]:
    """Open a view of what anyone may read, in the part of the connections that is the public's."""
    async with (
        request.app.state.public_room,
        database.acting(PUBLIC_READER).reading() as work,
    ):
        yield work


async def towns_to_choose(request: AnyRequest, asked: str) -> list[TownChoice]:
    """Return the towns for the start page, each with whether *asked* finds it."""
    async with public_view(request, request.app.state.database) as work:
        cards = await repository.list_town_cards(work)
    known = [searchable(card.name, card.region) for card in cards]
    return [
        TownChoice(card, words, matches(asked, words))
        for card, words in zip(cards, known, strict=True)
    ]


@get("/{slug:str}")
async def show_town(
    slug: FromPath[str], request: AnyRequest, database: Db, now: Now
) -> Response[Any]:
    """Show a town: its vouchers, where they are accepted, and how it goes."""
    meant = slug_of(slug)
    if meant != slug:
        async with public_view(request, database) as work:
            await find_town(work, meant)
        return Redirect(f"/{meant}", status_code=301)
    today = berlin_day(now)
    async with public_view(request, database) as work:
        town = await find_town(work, slug)
        sold = await offers(work, town.id, today)
        counts = await repository.count_shops(work, town.id)
        partners = await accepted_in(work, town.id, today)
        points = await repository.list_points(work, town.id)
    offered = [offer_of(each, today) for each in sold]
    return page(
        request,
        "storefront/town.html",
        town=town,
        canonical=_canonical(request, town.path),
        site=_site(request),
        offers=offered,
        shops=sum(counts.values()),
        categories=counted(counts, category_names(words(request))),
        partners=partners,
        points=points,
        structured=structured(town_facts(town, offered, _site(request))),
    )


@get("/{slug:str}/akzeptanzstellen")
async def show_shops(
    slug: FromPath[str], request: AnyRequest, database: Db, now: Now
) -> Response[str]:
    """List the shops that take a town's vouchers, those that were searched for."""
    search = Search.of(request.query_params)
    async with public_view(request, database) as work:
        town = await find_town(work, slug)
        shops = await repository.list_shops(work, town.id)
        partners = await accepted_in(work, town.id, berlin_day(now))
    names = category_names(words(request))
    listed = found_by(search, shops, names)
    path = f"{town.path}/akzeptanzstellen"
    tiles: Tiles | None = request.app.state.get("map_tiles")
    answer = page(
        request,
        "storefront/shops.html",
        town=town,
        canonical=_canonical(request, path),
        site=_site(request),
        search=search,
        listed=listed,
        shown=sum(each.shown for each in listed),
        categories=counted(Counter(shop.category for shop in shops), names),
        names=names,
        partners=partners,
        map=tiles,
        structured=structured(shop_list(town, shops, f"{_site(request)}{path}")),
    )
    if tiles is not None:
        with_tiles = PAGE_POLICY.replace(_OWN_PICTURES, f"{_OWN_PICTURES} {tiles.origin}")
        answer.headers["content-security-policy"] = with_tiles
    return answer


@get([f"/{{slug:str}}/{each}" for each in TEXT_PATHS])
async def show_text(
    slug: FromPath[str], request: AnyRequest, database: Db, now: Now
) -> Response[str]:
    """Show a town's imprint, privacy notice, terms or the like."""
    last_part = request.url.path.rpartition("/")[2]
    kind, language = TEXT_PATHS[last_part], reading_language(request)
    async with public_view(request, database) as work:
        town = await find_town(work, slug)
        text = await text_of(work, town.id, kind, language, now)
    if text is None:
        raise Refusal("request.not_found")
    return page(
        request,
        "storefront/text.html",
        town=town,
        canonical=_canonical(request, f"{town.path}/{last_part}"),
        site=_site(request),
        kind=kind,
        text=text,
        blocks=blocks(text.paragraphs),
        is_to_come=text.begins_at > now,
    )


@get("/{slug:str}/wappen.svg")
async def get_arms(slug: FromPath[str], request: AnyRequest, database: Db) -> Response[bytes]:
    """Return a town's coat of arms."""
    async with public_view(request, database) as work:
        arms = await coat_of_arms(work, slug)
    headers = {"content-security-policy": _ARMS_POLICY, "cache-control": _FOR_A_DAY}
    return Response(arms, media_type="image/svg+xml", headers=headers)


@get("/{slug:str}/vorschau.png")
async def get_preview(slug: FromPath[str], request: AnyRequest, database: Db) -> Response[bytes]:
    """Return the picture that messengers show beside a link to the town."""
    async with public_view(request, database) as work:
        town = await find_town(work, slug)
    picture = await asyncio.to_thread(preview_png, town.name, town.brand_colour)
    return Response(picture, media_type="image/png", headers={"cache-control": _FOR_A_DAY})


@get("/sitemap.xml")
async def get_sitemap(request: AnyRequest, database: Db) -> Response[str]:
    """Tell search engines which pages of towns there are."""
    async with public_view(request, database) as work:
        towns = await repository.list_town_cards(work)
    return Response(
        sitemap(_site(request), towns),
        media_type="application/xml",
        headers={"cache-control": _FOR_AN_HOUR},
    )


def _site(request: AnyRequest) -> str:
    site: str = request.app.state.public_url
    return site


def _canonical(request: AnyRequest, path: str) -> str:
    return f"{_site(request)}{path}"


router = Router(
    "/",
    route_handlers=[
        show_town,
        show_shops,
        show_text,
        get_arms,
        get_preview,
        get_sitemap,
    ],
    include_in_schema=False,
    opt=dict(PUBLIC),
)
