"""What the pages of a town's shop have in common: the town, and how much one address may ask."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct

from gutschein.db.access import Access
from gutschein.db.unit_of_work import Database, Work
from gutschein.kernel.clock import berlin_day
from gutschein.kernel.errors import Language, Refusal
from gutschein.kernel.ids import TownId
from gutschein.limits.client import client_address
from gutschein.limits.counting import Limits
from gutschein.limits.rules import Rule
from gutschein.shop.order_link import link_of, order_of
from gutschein.shop.stationery import Stationery, stationery_of
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.signing.service_keys import ServiceKeys
from gutschein.storefront.pages import public_view
from gutschein.storefront.public_town import PublicTown
from gutschein.storefront.service import find_town
from gutschein.vouchers.printing import Press
from gutschein.web.forms import form_again
from gutschein.web.language import reading_language
from gutschein.web.pages import page, see_other
from gutschein.web.providers import Counters, Db, Now

AnyRequest = Request[Any, Any, Any]
AnyResponse = Response[str] | Redirect

Kek = NamedDependency[KeyEncryptionKey]
Keys = NamedDependency[ServiceKeys]

#: The address of an order opens it: it goes to nobody, into no index and no cache.
PRIVATE = {
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex, nofollow",
    "cache-control": "no-store",
}


@dataclass(frozen=True, slots=True)
class AtShop:
    """A citizen in a town's shop."""

    request: AnyRequest
    database: Database
    limits: Limits
    kek: KeyEncryptionKey
    keys: ServiceKeys
    now: datetime
    town: PublicTown

    @property
    def town_id(self) -> TownId:
        return TownId(self.town.id)

    @property
    def language(self) -> Language:
        return reading_language(self.request)

    @property
    def today(self) -> date:
        return berlin_day(self.now)

    @property
    def press(self) -> Press:
        return Press(self.request.app.state.qr_prefix, self.kek, self.now)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Work]:
        """Open a view of the town, in the part of the connections that is the public's."""
        async with self.request.app.state.public_room, self.database.reading() as work:
            yield work

    @asynccontextmanager
    async def unit_of_work(self) -> AsyncIterator[Work]:
        """Open a unit of work in the town, in the public's part of the connections."""
        async with self.request.app.state.public_room, self.database.unit_of_work() as work:
            yield work

    async def take(self, rule: Rule, key: str = "") -> None:
        """Count a try of this address, or of *key*.

        :raises Refusal: ``limit.rate``.
        """
        async with self.request.app.state.public_room:
            await self.limits.take(rule, key or client_address(self.request), self.now)

    async def stationery(self, work: Work) -> Stationery:
        url: str = self.request.app.state.public_url
        return await stationery_of(work, self.town_id, kek=self.kek, keys=self.keys, url=url)

    def order_id(self, link: str) -> UUID:
        """Return the order that an address is for.

        :raises Refusal: ``order.unknown``.
        """
        return order_of(self.keys, self.town_id, link)

    def order_path(self, order_id: UUID) -> str:
        return f"{self.town.path}/bestellung/{link_of(self.keys, self.town_id, order_id)}"

    def show(self, template: str, status_code: int = 200, **values: Any) -> Response[str]:
        """Answer with a page of the town."""
        answer = page(self.request, template, status_code, town=self.town, **values)
        answer.headers.update(PRIVATE)
        return answer

    def show_again(
        self, template: str, refusal: Refusal, form: Struct | None, field: str = "", **values: Any
    ) -> Response[str]:
        """Answer with the page of a form, and what was refused."""
        answer = form_again(
            self.request, template, refusal, form=form, field=field, town=self.town, **values
        )
        answer.headers.update(PRIVATE)
        return answer

    def to_order(self, order_id: UUID) -> Redirect:
        """Lead to the page of an order."""
        return see_other(self.order_path(order_id))

    def to_sell(self) -> None:
        """Refuse to sell in a town whose shop is closed: ``shop.closed``."""
        if not self.town.is_open:
            raise Refusal("shop.closed", town=self.town.name)


At = NamedDependency[AtShop]


async def _at_shop(
    slug: FromPath[str],
    request: AnyRequest,
    *,
    database: Db,
    limits: Counters,
    kek: Kek,
    keys: Keys,
    now: Now,
) -> AtShop:
    async with public_view(request, database) as work:
        town = await find_town(work, slug)
    acting = database.acting(Access.town(TownId(town.id)))
    return AtShop(request, acting, limits, kek, keys, now, town)


AT_SHOP = {"at": Provide(_at_shop)}
