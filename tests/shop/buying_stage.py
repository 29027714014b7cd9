"""A town that sells vouchers online, and a citizen who buys with a browser without script."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from random import randrange
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from api_fixtures import Api, Clock
from bank_messages import Booking, message
from filled_forms import forms_of
from stage import Stage

from gutschein.bank.statement_file import read_statements
from gutschein.db.access import Access
from gutschein.db.unit_of_work import Database
from gutschein.deposits.importing import import_statements
from gutschein.kernel.author import Author
from gutschein.kernel.ids import TownId
from gutschein.shop import drafts
from gutschein.shop.delivery_jobs import Delivery
from gutschein.shop.fulfilment import Fulfilment
from gutschein.shop.order_link import order_of
from gutschein.shop.orders import ShopOrder
from gutschein.signing.service_keys import ServiceKeys
from gutschein.vouchers.printing import Press

CLERK = Author(UUID(int=7), "Anna Amt")


@dataclass
class Shop:
    """A town's shop, its buyer and its bank."""

    stage: Stage
    citizen: httpx.AsyncClient
    slug: str
    money_came: bool = False

    @property
    def email(self) -> str:
        """The buyer's, and nobody else's."""
        return f"erika@{self.slug}.example"

    @property
    def town_id(self) -> TownId:
        return TownId(UUID(self.stage.zwoenitz.id))

    @property
    def clock(self) -> Clock:
        return self.stage.clock

    @property
    def keys(self) -> ServiceKeys:
        keys: ServiceKeys = self.stage.app.state.service_keys
        return keys

    @property
    def database(self) -> Database:
        """The town's rows, with the service's rights."""
        database: Database = self.stage.app.state.database
        return database.acting(Access.town(self.town_id))

    async def get(self, path: str) -> str:
        answer = await self.citizen.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    async def send(self, page: str, to: str, **changes: str) -> httpx.Response:
        """Send the form of a page that goes to an address ending in *to*."""
        form = forms_of(page)[to]
        return await self.citizen.post(form.action, data=form.fields | changes)

    async def chosen(self, **wish: str) -> str:
        """Put a voucher into a new order; return the order's address."""
        page = await self.get(f"/{self.slug}/kaufen")
        answer = await self.send(page, "kaufen", **{"amount": "50"} | wish)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def ordered(self, **wish: str) -> str:
        """Order a voucher; return the order's address."""
        path = await self.chosen(**wish)
        answer = await self.place(path)
        assert answer.status_code == 303, answer.text
        return path

    async def place(self, path: str, **changes: str) -> httpx.Response:
        page = await self.get(path)
        return await self.send(page, path.rpartition("/")[2], **{"email": self.email} | changes)

    async def order(self, path: str) -> ShopOrder:
        order_id = order_of(self.keys, self.town_id, path.rpartition("/")[2])
        async with self.database.reading() as work:
            return await drafts.get_order(work, self.town_id, order_id, self.stage.kek)

    async def pay(self, remittance: str, amount_cents: int, bank_reference: str = "") -> None:
        """Let money come in at the town's bank, and its statement be imported."""
        booking = Booking(
            cents=amount_cents, text=(remittance,), bank_reference=bank_reference or uuid4().hex
        )
        await self.hand_in(message(booking, id=uuid4().hex[:12], sequence=None))

    async def hand_in(self, file: bytes) -> None:
        """Import a bank statement, as the town hall does."""
        self.money_came = True
        async with self.database.unit_of_work() as work:
            await import_statements(
                work,
                self.town_id,
                read_statements(file),
                by=CLERK,
                kek=self.stage.kek,
                paid=Fulfilment(self.stage.kek),
                now=self.clock.now,
            )

    async def reference(self, path: str) -> str:
        """The reference that the buyer is asked to pay under, as the page shows it."""
        page = await self.get(path)
        return page.partition("<title>Bestellung ")[2][:14]

    @property
    def delivery(self) -> Delivery:
        press = Press("HTTPS://GUTSCHEIN.EXAMPLE/V/", self.stage.kek, self.clock.now)
        return Delivery(self.stage.kek, self.keys, "https://gutschein.example", press)

    async def deliver(self) -> int:
        """Let the deliveries of the town be made."""
        acting = self.delivery
        return await acting.town(self.stage.app.state.database, self.town_id)


async def open_shop(api: Api, town: dict[str, Any] | Any) -> str:
    """Give a town a storefront that sells; return its slug."""
    slug = f"ort-{uuid4().hex[:12]}"
    body = {"slug": slug, "intro": "Ein Gutschein, viele Läden.", "intro_en": None}
    answer = await api.client.put(f"/api/v1/towns/{town.id}/storefront", json=body)
    assert answer.is_success, answer.text
    return slug


@asynccontextmanager
async def opened_shop(stage: Stage) -> AsyncIterator[Shop]:
    """Open the shop of the stage's first town, for a citizen with an address of their own."""
    slug = await open_shop(stage.api, stage.zwoenitz)
    address = str(ip_address(randrange(1 << 32)))
    transport = httpx.ASGITransport(
        app=stage.app, raise_app_exceptions=False, client=(address, 50_000)
    )
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as citizen:
        yield Shop(stage, citizen, slug)


@pytest.fixture
async def shop(stage: Stage) -> AsyncIterator[Shop]:
    async with opened_shop(stage) as opened:
        yield opened
        if opened.money_came:
            await stage.audit()
