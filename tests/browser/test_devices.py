"""A shop's owner pairs a phone: two browsers, a real key in one of them."""

from __future__ import annotations

import re
from base64 import b64decode
from dataclasses import dataclass
from datetime import datetime
from secrets import token_bytes
from typing import Any
from uuid import UUID

import httpx
import pytest_asyncio
import zxingcpp
from playwright.async_api import expect
from sqlalchemy import text
from visitor import Visiting, Visitor

from gutschein.db.access import IDENTITY
from gutschein.db.engine import create_engine
from gutschein.db.unit_of_work import Database
from gutschein.identity.roles import grant_role
from gutschein.identity.sessions import start_session
from gutschein.kernel.clock import utc_now
from gutschein.kernel.ids import MerchantId, PersonId, TownId, new_id
from gutschein.web.rights import Role
from tests.api_fixtures import Api, fresh_id
from tests.devices.shop_stage import Till
from tests.everybody import COOKIE, Everybody
from tests.running_service import Served

PAIRED = "Gekoppelt mit Buchladen am Markt"

_PERSON = text(
    "INSERT INTO person (id, name, email_hash, sealed_email, language, created_at)"
    " VALUES (:id, 'Kerstin Beispiel', :email_hash, '\\x00', 'de', :now)"
)

#: What a stranger's script could try, if it came to run on the page.
STEAL_THE_KEY = """async () => {
    const opened = await new Promise((resolve) => {
        const opening = indexedDB.open("gutschein");
        opening.onsuccess = () => resolve(opening.result);
    });
    const device = await new Promise((resolve) => {
        const asked = opened.transaction("device").objectStore("device").get("own");
        asked.onsuccess = () => resolve(asked.result);
    });
    const key = device.keys.privateKey;
    const taken = [];
    for (const format of ["jwk", "pkcs8"]) {
        try { taken.push(await crypto.subtle.exportKey(format, key)); } catch { /* refused */ }
    }
    return { extractable: key.extractable, taken: taken.length, usages: key.usages };
}"""

#: The picture as a camera would see it: one byte of grey for each point.
PIXELS = 480
READ_PIXELS = """(image, size) => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = size;
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0, size, size);
    const points = context.getImageData(0, 0, size, size).data;
    let grey = "";
    for (let at = 0; at < points.length; at += 4) grey += String.fromCharCode(points[at]);
    return btoa(grey);
}"""


class RealClock:
    """The clock on the wall."""

    @property
    def now(self) -> datetime:
        return utc_now()


@dataclass
class Counter:
    """A shop, its owner at a browser, and phones."""

    town: dict[str, Any]
    merchant: dict[str, Any]
    cookie: str
    visiting: Visiting

    @property
    def path(self) -> str:
        return f"/betrieb/{self.town['id']}/{self.merchant['id']}/geraete"

    async def owner(self, device: str = "desktop", **looks: Any) -> Visitor:
        visitor = await self.visiting(device, **looks)
        await visitor.context.add_cookies(
            [{"name": COOKIE, "value": self.cookie, "url": visitor.base_url}]
        )
        return visitor

    async def phone(self, **looks: Any) -> Visitor:
        return await self.visiting("phone", **looks)


@pytest_asyncio.fixture(loop_scope="session")
async def counter(service: Served, visiting: Visiting) -> Counter:
    people = Everybody(service.database_url, utc_now)
    async with httpx.AsyncClient(base_url=service.base_url, auth=people) as client:
        api = Api(client)
        town = await api.new_town()
        merchant = await api.new_merchant(town)
    await people.close()
    person_id, now = PersonId(new_id()), utc_now()
    engine = create_engine(service.database_url, role=None, pool_size=1)
    async with Database(engine, IDENTITY).unit_of_work() as work:
        await work.execute(_PERSON, {"id": person_id, "email_hash": token_bytes(32), "now": now})
        await grant_role(
            work,
            person_id,
            Role.OWNER,
            region_id=None,
            town_id=TownId(UUID(town["id"])),
            merchant_id=MerchantId(UUID(merchant["id"])),
            by=None,
            now=now,
        )
        cookie = await start_session(work, person_id, second_factor=True, browser="Tests", now=now)
    await engine.dispose()
    return Counter(town, merchant, cookie, visiting)


async def shown_code(owner: Visitor, counter: Counter, name: str) -> str:
    """Have the owner show a pairing code; return the address in its QR code."""
    await owner.goto(counter.path)
    await owner.page.get_by_role("link", name="Gerät koppeln").click()
    await owner.page.get_by_label("Wie soll das Gerät heißen?").fill(name)
    await owner.page.get_by_role("button", name="Code anzeigen").click()
    await expect(owner.page.get_by_role("heading", level=1)).to_have_text(f"{name} koppeln")
    picture = owner.page.get_by_role("img", name="QR-Code zum Koppeln")
    grey = b64decode(await picture.evaluate(READ_PIXELS, PIXELS))
    [found] = zxingcpp.read_barcodes(memoryview(grey).cast("B", (PIXELS, PIXELS)))
    return str(found.text)


async def test_a_phone_scans_the_code_becomes_a_device_and_is_locked(counter: Counter) -> None:
    owner, phone = await counter.owner(), await counter.phone()
    address = await shown_code(owner, counter, "Handy von Petra")
    await owner.check_accessibility()
    await expect(owner.page.locator("[data-left]")).to_have_text(re.compile(r"Noch [45]:\d\d\."))

    assert address.startswith(f"{phone.base_url}/kasse/koppeln#")
    await phone.page.goto(address)
    await expect(phone.page.get_by_label("Kopplungscode")).to_have_value(address.partition("#")[2])
    await expect(phone.page).to_have_url(f"{phone.base_url}/kasse/koppeln")  # the code is gone
    await phone.check_accessibility()
    await phone.check_width()
    await phone.page.get_by_role("button", name="Koppeln").click()
    await expect(phone.page.get_by_role("heading", name=PAIRED)).to_be_visible()
    await expect(phone.page.get_by_text("Handy von Petra, Markt 3")).to_be_visible()
    await phone.check_accessibility()
    await phone.screenshot("paired")

    # The owner's page notices by itself.
    await expect(owner.page.get_by_role("heading", level=1)).to_have_text("Gekoppelt")
    await owner.check_accessibility()
    await owner.screenshot("owner-paired")

    # The key is still there after the page was left, and signs; nothing takes it out.
    await phone.goto("/kasse/koppeln")
    await expect(phone.page.get_by_role("heading", name=PAIRED)).to_be_visible()
    stolen = await phone.page.evaluate(STEAL_THE_KEY)
    assert stolen == {"extractable": False, "taken": 0, "usages": ["sign"]}

    await owner.page.get_by_role("link", name="Zu den Geräten").click()
    await owner.page.get_by_role("link", name="Sperren").click()
    await owner.page.get_by_label("Warum?").fill("Verloren")
    await owner.page.get_by_role("button", name="Gerät sperren").click()
    await expect(owner.page.get_by_text("Das Gerät ist gesperrt")).to_be_visible()
    await owner.check_accessibility()
    await owner.screenshot("owner-locked")
    await phone.goto("/kasse/koppeln")
    await expect(phone.page.get_by_role("alert")).to_contain_text("Dieses Gerät ist gesperrt.")
    assert [each.split(":")[0] for each in phone.complaints] == ["403"]
    phone.complaints.clear()

    await owner.page.get_by_role("button", name="Wieder freigeben").click()
    await expect(owner.page.get_by_text("wieder freigegeben")).to_be_visible()
    await phone.goto("/kasse/koppeln")
    await expect(phone.page.get_by_role("heading", name=PAIRED)).to_be_visible()


async def test_a_code_that_is_wrong_says_so_and_can_be_typed_again(counter: Counter) -> None:
    owner, phone = await counter.owner("phone", dark=True), await counter.phone(dark=True)
    code = (await shown_code(owner, counter, "Kasse 1")).partition("#")[2]
    await owner.check_accessibility()
    await owner.check_width()
    await owner.screenshot("code-phone-dark")
    await phone.goto("/kasse/koppeln")
    field = phone.page.get_by_label("Kopplungscode")
    await field.fill("K7QM-2XFD-9TRA")
    await field.press("Enter")
    await expect(phone.page.get_by_role("alert")).to_contain_text("Dieser Kopplungscode gilt nicht")
    await phone.check_accessibility()
    assert [each.split(":")[0] for each in phone.complaints] == ["403"]
    phone.complaints.clear()
    await field.fill(code.lower().replace("-", " "))
    await field.press("Enter")
    await expect(phone.page.get_by_role("heading", name=PAIRED)).to_be_visible()
    await phone.screenshot("paired-dark")


async def test_a_clock_that_is_wrong_is_put_right(counter: Counter) -> None:
    owner, phone = await counter.owner(), await counter.phone()
    address = await shown_code(owner, counter, "Alte Kasse")
    hours = 3
    await phone.page.add_init_script(
        f"Date.now = ((now) => () => now() - {hours}*3600e3)(Date.now)"
    )
    await phone.page.goto(address)
    await phone.page.get_by_role("button", name="Koppeln").click()
    await expect(phone.page.get_by_role("heading", name=PAIRED)).to_be_visible()
    assert [each.split(":")[0] for each in phone.complaints] == ["401"]  # once, and remembered
    await phone.goto("/kasse/koppeln")
    await expect(phone.page.get_by_role("heading", name=PAIRED)).to_be_visible()
    assert len(phone.complaints) == 1
    phone.complaints.clear()


async def test_the_owner_makes_a_key_and_names_a_cashier(counter: Counter) -> None:
    owner = await counter.owner("phone")
    page = owner.page
    await owner.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await owner.goto(f"{counter.path}/api-schluessel/neu")
    await page.get_by_label("Name").fill("Kasse am Eingang")
    await page.get_by_label("Guthaben abfragen").check()
    await owner.check_accessibility()
    await page.get_by_role("button", name="Schlüssel anlegen").click()
    await expect(page.get_by_text(re.compile(r"^gsk_[a-z2-7_]+$"))).to_be_visible()
    await page.get_by_role("button", name="Kopieren").click()
    # A browser's first word with the clipboard of a busy machine may take long.
    await expect(page.get_by_role("status")).to_have_text("Kopiert.", timeout=20_000)
    copied = await page.evaluate("navigator.clipboard.readText()")
    assert copied == await page.locator("#schluessel").inner_text()
    await owner.check_accessibility()
    await owner.check_width()
    await owner.screenshot("key")
    await page.get_by_role("link", name="Fertig").click()
    await page.get_by_role("link", name="Kassenkraft hinzufügen").click()
    await page.get_by_label("Name").fill("Petra M.")
    await page.get_by_label("PIN").fill("7391")
    await owner.check_accessibility()
    await page.get_by_role("button", name="Hinzufügen").click()
    await expect(page.get_by_role("link", name="Petra M.")).to_be_visible()
    await owner.check_accessibility()
    await owner.check_width()
    await owner.screenshot("overview-phone")
    await page.get_by_role("link", name="Kasse am Eingang").click()
    await owner.check_accessibility()
    await owner.screenshot("key-page")


async def test_without_script_the_page_says_what_it_needs(counter: Counter) -> None:
    browser = (await counter.phone()).context.browser
    assert browser is not None
    context = await browser.new_context(java_script_enabled=False, locale="de-DE")
    page = await context.new_page()
    owner = await counter.owner()
    await page.goto(f"{owner.base_url}/kasse/koppeln?{fresh_id()}")
    await expect(page.get_by_text("JavaScript eingeschaltet")).to_be_visible()
    await context.close()


async def test_a_till_that_is_no_browser_signs_whatever_stands_in_the_address(
    counter: Counter, service: Served
) -> None:
    """The server hands on path and query as they were sent, and not as it understands them."""
    owner = await counter.owner()
    code = (await shown_code(owner, counter, "Kasse von draußen")).partition("#")[2]
    async with httpx.AsyncClient(base_url=service.base_url) as client:
        till = Till(client, RealClock())
        authority = service.base_url.partition("://")[2]
        assert (await till.pair(code, authority=authority)).status_code == 201
        for path in (
            "/api/v1/device",
            "/api/v1/device?",
            "/api/v1/device?a=%C3%BC&b=%2f+%2F&c",
            "/api/v1/%64evice",
            "/api/v1/vouchers/0000-0000-0000-0000-0",
            "/api/v1/vouchers/%30%C3%BC%20~",
        ):
            signing = till.signing(authority=authority)
            response = await till.send("GET", path, signing=signing)
            assert response.status_code != 401, (path, response.text)
