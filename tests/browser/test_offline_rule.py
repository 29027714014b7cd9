"""An administrator allows vouchers to be taken without a net, and sees what came to nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest_asyncio
from playwright.async_api import expect
from till_stage import Market
from visitor import Visiting, Visitor

from gutschein.kernel.clock import utc_now
from tests.api_fixtures import Clock, fresh_id
from tests.devices.shop_stage import Till
from tests.everybody import ANNA, BERND, COOKIE
from tests.running_service import Served


@dataclass
class Hall:
    """A town hall, and a phone that is a till of the town."""

    market: Market
    visiting: Visiting
    till: Till
    authority: str

    @property
    def path(self) -> str:
        return f"/stadt/{self.market.town['id']}/offline"

    async def sits(self, who: Any, device: str = "desktop", **looks: Any) -> Visitor:
        """Let somebody sit down at a browser, signed in."""
        visitor = await self.visiting(device, **looks)
        people: Any = self.market.api.client.auth
        token = await people.session_of(who)
        await visitor.context.add_cookies(
            [{"name": COOKIE, "value": token, "url": visitor.base_url}]
        )
        return visitor

    async def send(self, path: str, body: object) -> httpx.Response:
        self.till.clock.now = utc_now()
        signing = self.till.signing(authority=self.authority)
        return await self.till.send("POST", path, body, signing=signing)

    async def pair(self) -> None:
        body = {
            "id": self.till.id,
            "code": await self.market.pairing_code(),
            "public_key": self.till.public_key,
        }
        self.till.town_id = ""
        paired = await self.send("/api/v1/devices", body)
        assert paired.status_code == 201, paired.text
        self.till.town_id = str(self.market.town["id"])

    async def disputed(self, cents: int) -> None:
        """Let the till send something that is not covered any more."""
        paper = await self.market.voucher(cents)
        await self.market.redeem_elsewhere(paper, cents)
        taken = (utc_now() - timedelta(milliseconds=1)).isoformat()
        claim = {
            "id": fresh_id(),
            "town_id": self.market.town["id"],
            "merchant_id": self.market.merchant["id"],
            "branch_id": self.market.branch_id,
            "token": paper.qr,
            "amount_cents": cents,
            "claimed_at": taken,
            "outage_began_at": taken,
        }
        done = await self.send("/api/v1/claims", claim)
        assert done.json()["outcome"] == "disputed", done.text


@pytest_asyncio.fixture(loop_scope="session")
async def hall(market: Market, visiting: Visiting, service: Served) -> AsyncIterator[Hall]:
    async with httpx.AsyncClient(base_url=service.base_url) as client:
        authority = service.base_url.removeprefix("http://")
        yield Hall(market, visiting, Till(client, Clock()), authority)


async def test_an_administrator_sets_the_rule_and_sees_what_is_disputed(hall: Hall) -> None:
    anna = await hall.sits(ANNA)
    await anna.goto(hall.path)
    await expect(anna.page.get_by_text("nehmen die Geschäfte keine Gutscheine an")).to_be_visible()
    await anna.check_accessibility()

    # Limits that cannot be are named, and what was entered is still there.
    await anna.page.get_by_label("Annahme ohne Netz erlauben").check()
    await anna.page.get_by_label("Höchstens je Gutschein, in Euro").fill("200")
    await anna.page.get_by_role("button", name="Regel ändern").click()
    await expect(anna.page.get_by_role("alert")).to_contain_text("mindestens so viel")
    await expect(anna.page.get_by_label("Höchstens je Gutschein, in Euro")).to_have_value("200")
    await anna.check_accessibility()

    await anna.page.get_by_label("Höchstens je Gutschein, in Euro").fill("20,00 €")
    await anna.page.get_by_label("Nicht gedeckte Beträge trägt").select_option("die Stadt")
    await anna.page.get_by_role("button", name="Regel ändern").click()
    rule = anna.page.get_by_role("region", name="Was gilt")
    for fact in ("erlaubt", "20,00 €", "100,00 €", "4 Stunden", "die Stadt"):
        await expect(rule.get_by_text(fact, exact=True)).to_be_visible()

    await hall.pair()
    await hall.disputed(12_50)
    await anna.goto(hall.path)
    listed = anna.page.get_by_role("region", name="Strittige Beträge")
    await expect(listed.get_by_role("heading", name="12,50 € bei")).to_be_visible()
    await expect(listed.get_by_text("die Stadt", exact=True)).to_be_visible()
    await listed.get_by_role("link", name="Als erledigt vermerken").click()
    await anna.check_accessibility()
    await anna.page.get_by_role("button", name="Als erledigt vermerken").click()
    await expect(anna.page.get_by_role("alert")).to_contain_text("Bitte ausfüllen")
    await anna.check_accessibility()
    await anna.screenshot("claim")
    await hall.disputed(7_00)
    await anna.page.get_by_label("Wie hat die Stadt").fill("Überwiesen am 2. Dezember")
    await anna.page.get_by_role("button", name="Als erledigt vermerken").click()
    await expect(listed.get_by_text("Überwiesen am 2. Dezember")).to_be_visible()
    first = listed.get_by_role("listitem").first
    await expect(first.get_by_text("offen", exact=True)).to_be_visible()
    for name, device, looks in (
        ("desktop", "desktop", {}),
        ("phone", "phone", {}),
        ("dark", "phone", {"dark": True}),
        ("english", "desktop", {"locale": "en-GB"}),
    ):
        visitor = await hall.sits(ANNA, device, **looks)
        await visitor.goto(hall.path)
        await visitor.check_accessibility()
        await visitor.check_width()
        await visitor.screenshot(f"offline-{name}")


async def test_an_approver_reads_and_does_not_change(hall: Hall) -> None:
    bernd = await hall.sits(BERND)
    await bernd.goto(hall.path)
    await expect(bernd.page.get_by_role("heading", name="Strittige Beträge")).to_be_visible()
    await expect(bernd.page.get_by_role("button", name="Regel ändern")).to_have_count(0)


async def test_the_menu_leads_to_it(hall: Hall) -> None:
    anna = await hall.sits(ANNA)
    await anna.goto("/offline")
    link = anna.page.get_by_role("link", name="Zwönitz").first
    await expect(link).to_be_visible()
    await anna.check_accessibility()
