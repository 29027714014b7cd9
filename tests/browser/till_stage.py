"""Two towns that honour one another's vouchers, a shop, and a phone that is its till."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from camera_feed import Feed
from playwright.async_api import Page, expect
from visitor import Visitor

from gutschein.demo.readback import Printed, read_pages
from gutschein.kernel.clock import utc_now
from tests.api_fixtures import Api, fresh_id
from tests.everybody import Everybody
from tests.running_service import Served


@dataclass(frozen=True)
class Paper:
    """A voucher in somebody's hand."""

    id: str
    town: dict[str, Any]
    printed: Printed

    @property
    def qr(self) -> str:
        return self.printed.qr_text


@dataclass
class Market:
    """What happens around the till, done over the API."""

    api: Api
    town: dict[str, Any]
    partner: dict[str, Any]
    merchant: dict[str, Any]
    programmes: dict[str, str] = field(default_factory=dict)

    @property
    def branch_id(self) -> str:
        return str(self.merchant["branches"][0]["id"])

    def path(self, rest: str) -> str:
        return f"/api/v1/towns/{self.town['id']}/merchants/{self.merchant['id']}/{rest}"

    async def voucher(self, cents: int, town: dict[str, Any] | None = None) -> Paper:
        """Sell a voucher, and read what was printed."""
        town = town or self.town
        path = f"/api/v1/towns/{town['id']}"
        payment = {"method": "bank_transfer", "amount_cents": cents, "reference": "Verkauf"}
        paid = await self.api.made(f"{path}/payments", payment)
        order = {
            "id": fresh_id(),
            "programme_id": self.programmes[town["id"]],
            "payment_id": paid["id"],
            "value_cents": cents,
        }
        batch = await self.api.made(f"{path}/batches", order)
        document = await self.api.get(f"{path}/batches/{batch['id']}/document")
        listed = await self.api.get(f"{path}/batches/{batch['id']}/vouchers")
        [voucher] = listed.json()["vouchers"]
        [page] = read_pages(document.content)
        return Paper(str(voucher["id"]), town, page)

    async def balance(self, paper: Paper) -> int:
        path = f"/api/v1/towns/{paper.town['id']}/vouchers/{paper.id}"
        return int((await self.api.get(path)).json()["balance_cents"])

    async def block(self, paper: Paper) -> None:
        path = f"/api/v1/towns/{paper.town['id']}/vouchers/{paper.id}/block"
        assert (await self.api.post(path, {"reason": "Verloren"})).status_code == 200

    async def redeem_elsewhere(self, paper: Paper, cents: int) -> None:
        """Another cash register of the shop takes from the voucher."""
        body = {
            "id": fresh_id(),
            "town_id": self.town["id"],
            "merchant_id": self.merchant["id"],
            "branch_id": self.branch_id,
            "token": paper.qr,
            "amount_cents": cents,
        }
        response = await self.api.post("/api/v1/redemptions", body)
        assert response.status_code == 200, response.text

    async def pairing_code(self, name: str = "Handy an der Kasse") -> str:
        made = await self.api.made(
            self.path("pairing-codes"), {"branch_id": self.branch_id, "name": name}
        )
        return str(made["code"])

    async def cashier(self, name: str, pin: str) -> None:
        await self.api.made(self.path("cashiers"), {"name": name, "pin": pin})

    async def device_id(self) -> str:
        listed = (await self.api.get(self.path("devices"))).json()["devices"]
        return str(listed[0]["id"])


@dataclass
class Cashier:
    """Somebody with a phone that is the shop's till."""

    visitor: Visitor
    feed: Feed
    market: Market

    @property
    def page(self) -> Page:
        return self.visitor.page

    async def pair(self) -> None:
        """Make the phone a till, as its owner would."""
        code = await self.market.pairing_code()
        await self.page.goto(f"{self.visitor.base_url}/kasse/koppeln#{code}")
        await self.page.get_by_role("button", name="Koppeln").click()
        await self.page.get_by_role("link", name="Zur Kasse", exact=True).click()
        await self.camera_is_on()

    async def camera_is_on(self) -> None:
        await expect(self.page.locator(".till-camera--on")).to_be_visible(timeout=15_000)

    async def scan(self, text: str) -> None:
        """Hold a QR code up until the till has seen it."""
        await self.camera_is_on()
        self.feed.show(text)
        await expect(self.page.locator(".till-camera")).to_be_hidden()
        self.feed.show_nothing()

    async def put_away(self) -> None:
        """Leave nothing in the picture until the same code is news again."""
        self.feed.show_nothing()
        await asyncio.sleep(1.2)

    async def scan_voucher(self, paper: Paper) -> None:
        await self.scan(paper.qr)
        await expect(self.page.get_by_role("group", name="Tastenfeld")).to_be_visible()

    async def key_in(self, digits: str) -> None:
        pad = self.page.get_by_role("group", name="Tastenfeld")
        for digit in digits:
            await pad.get_by_role("button", name=digit, exact=True).click()

    async def press(self, name: str) -> None:
        await self.page.get_by_role("button", name=name, exact=True).click()

    async def tab(self, name: str) -> None:
        """Choose a tab; the one of today also counts what waits."""
        await self.page.locator(".till-tab", has_text=name).click()

    async def heading(self, words: str) -> None:
        await expect(self.page.get_by_role("heading", level=1)).to_have_text(words)

    async def look(self, name: str) -> None:
        """Look at the screen: with axe, its width, and a picture."""
        await self.visitor.check_accessibility()
        await self.visitor.check_width()
        await self.visitor.screenshot(name, whole=False)


@asynccontextmanager
async def opened_market(service: Served) -> AsyncIterator[Market]:
    """Open a shop in one of two towns."""
    people = Everybody(service.database_url, utc_now)
    async with httpx.AsyncClient(base_url=service.base_url, auth=people, timeout=30) as client:
        api = Api(client)
        town = await api.new_town(name="Zwönitz")
        partner = await api.new_town(town["region_id"], name="Schneeberg", ags="14521530")
        await api.made(
            f"/api/v1/towns/{partner['id']}/acceptances",
            {"accepting_town_id": town["id"], "valid_from": "2026-01-01"},
        )
        merchant = await api.new_merchant(town)
        market = Market(api, town, partner, merchant)
        for each in (town, partner):
            programme = await api.new_programme(each, name=f"Stadtgutschein {each['name']}")
            market.programmes[each["id"]] = programme["id"]
        yield market
    await people.close()
