"""One asks and another approves, each at a browser of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest_asyncio
from playwright.async_api import expect
from visitor import Visiting, Visitor

from gutschein.kernel.clock import utc_now
from tests.api_fixtures import Api
from tests.everybody import ANNA, BERND, COOKIE, Everybody
from tests.running_service import Served

SUBSIDY = {"kind": "gratis_issue", "amount_cents": 500_00, "reference": "Neugeborene 2027"}


@dataclass
class Hall:
    """A town hall where Anna asks and Bernd approves."""

    api: Api
    people: Everybody
    town_id: str
    visiting: Visiting

    @property
    def path(self) -> str:
        return f"/stadt/{self.town_id}/freigaben"

    async def asked(self, reason: str) -> dict[str, Any]:
        body = {"reason": reason, "terms": SUBSIDY}
        return await self.api.made(f"/api/v1/towns/{self.town_id}/approvals", body)

    async def sits(self, who: Any, device: str = "desktop", **looks: Any) -> Visitor:
        """Let somebody sit down at a browser, signed in."""
        visitor = await self.visiting(device, **looks)
        token = await self.people.session_of(who)
        await visitor.context.add_cookies(
            [{"name": COOKIE, "value": token, "url": visitor.base_url}]
        )
        return visitor


@pytest_asyncio.fixture(loop_scope="session")
async def hall(service: Served, visiting: Visiting) -> AsyncIterator[Hall]:
    people = Everybody(service.database_url, utc_now)
    async with httpx.AsyncClient(base_url=service.base_url, auth=people) as client:
        api = Api(client)
        yield Hall(api, people, (await api.new_town())["id"], visiting)
    await people.close()


async def test_one_asks_and_another_approves(hall: Hall) -> None:
    request = await hall.asked("Beschluss 17/2026")
    anna, bernd = await hall.sits(ANNA), await hall.sits(BERND)

    await anna.goto(hall.path)
    await expect(anna.page.get_by_text("Gerade nichts zu entscheiden.")).to_be_visible()
    own = anna.page.get_by_role("region", name="Von Ihnen beantragt")
    await own.get_by_role("link", name="Gutscheine auf Kosten der Stadt").click()
    await expect(anna.page.get_by_role("button", name="Freigeben")).to_have_count(0)

    await bernd.goto(hall.path)
    waiting = bernd.page.get_by_role("region", name="Wartet auf Sie")
    await expect(waiting.get_by_text(request["summary"])).to_be_visible()
    await bernd.check_accessibility()
    await waiting.get_by_role("link", name="Gutscheine auf Kosten der Stadt").click()
    await expect(bernd.page.get_by_text("Beschluss 17/2026")).to_be_visible()

    # Nothing is approved unseen: the box comes first.
    await bernd.page.get_by_role("button", name="Freigeben").click()
    await expect(bernd.page.get_by_role("alert")).to_contain_text("Bitte bestätigen")
    await bernd.check_accessibility()
    await bernd.page.get_by_label("Ich habe die Angaben geprüft").check()
    await bernd.page.get_by_role("button", name="Freigeben").click()
    await expect(bernd.page.get_by_text("Freigegeben von Bernd Bewilliger")).to_be_visible()
    await expect(bernd.page.get_by_role("button", name="Freigeben")).to_have_count(0)

    await anna.goto(hall.path)
    over = anna.page.get_by_role("region", name="Erledigt")
    await expect(over.get_by_text("Freigegeben von Bernd Bewilliger")).to_be_visible()
    payment = await hall.api.get(f"/api/v1/towns/{hall.town_id}/payments/{request['id']}")
    assert payment.json()["left_cents"] == 500_00


async def test_a_request_is_rejected_and_another_taken_back(hall: Hall) -> None:
    await hall.asked("Zu viel")
    bernd = await hall.sits(BERND, "phone", dark=True)
    await bernd.goto(hall.path)
    await bernd.page.get_by_role("link", name="Gutscheine auf Kosten der Stadt").click()
    await bernd.page.get_by_role("link", name="Ablehnen").click()
    await bernd.check_accessibility()
    await bernd.page.get_by_role("button", name="Ablehnen").click()
    await expect(bernd.page.get_by_role("alert")).to_contain_text("Bitte ausfüllen.")
    await bernd.page.get_by_label("Warum nicht?").fill("Kein Geld da")
    await bernd.page.get_by_role("button", name="Ablehnen").click()
    await expect(bernd.page.get_by_text("Kein Geld da")).to_be_visible()
    await bernd.check_accessibility()
    await bernd.check_width()

    await hall.asked("Doch nicht")
    anna = await hall.sits(ANNA)
    await anna.goto(hall.path)
    own = anna.page.get_by_role("region", name="Von Ihnen beantragt")
    await own.get_by_role("link", name="Gutscheine auf Kosten der Stadt").click()
    await anna.page.get_by_role("button", name="Antrag zurückziehen").click()
    await expect(anna.page.get_by_text("Zurückgezogen von Anna Amtmann")).to_be_visible()


async def test_the_pages_read_well_on_every_screen_and_in_english(hall: Hall) -> None:
    request = await hall.asked("Beschluss 17/2026")
    for device in ("desktop", "phone"):
        for dark in (False, True):
            visitor = await hall.sits(BERND, device, dark=dark, locale="en-GB")
            for path, heading in (
                (hall.path, "Waiting for you"),
                (f"{hall.path}/{request['id']}", "Vouchers at the town's expense"),
            ):
                await visitor.goto(path)
                await expect(
                    visitor.page.get_by_role("heading", name=heading).first
                ).to_be_visible()
                await visitor.check_accessibility()
                await visitor.check_width()
                await visitor.screenshot(f"{heading}-{device}-{'dark' if dark else 'light'}")
