"""Citizens withdraw in a real browser: without script on a phone, in English at a dark desk; the
town hall sees it.
"""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
import pytest_asyncio
from conftest import SIZES
from playwright.async_api import Browser, Page, expect
from till_stage import Market
from visitor import Visiting

from gutschein.kernel.clock import utc_now
from tests.bank_messages import Booking, message
from tests.everybody import ANNA, COOKIE, Everybody
from tests.running_service import Served

JOHN = "john@example.org"


@pytest_asyncio.fixture(loop_scope="session")
async def slug(market: Market) -> str:
    """The market's town sells online."""
    name = f"ort-{uuid4().hex[:10]}"
    body = {"slug": name, "intro": "Ein Gutschein, viele Läden.", "intro_en": None}
    path = f"/api/v1/towns/{market.town['id']}/storefront"
    answer = await market.api.client.put(path, json=body)
    assert answer.is_success, answer.text
    return name


async def test_on_a_phone_without_script(browser: Browser, slug: str, service: Served) -> None:
    width, height = SIZES["phone"]
    context = await browser.new_context(
        viewport={"width": width, "height": height}, locale="de-DE", java_script_enabled=False
    )
    page = await context.new_page()
    await page.goto(f"{service.base_url}/{slug}")
    await page.get_by_role("link", name="Vertrag widerrufen").click()
    await page.get_by_label("Ihr Name").fill("Erika Beispiel")
    await page.get_by_label("Bestellnummer").fill("Das weiß ich nicht mehr")
    await page.get_by_label("Ihre E-Mail-Adresse").fill(JOHN)
    await page.get_by_label("Welche Gutscheine?").fill("Beide,\nbitte.")
    await page.get_by_role("button", name="Weiter").click()
    await page.get_by_role("button", name="Angaben ändern").click()
    await expect(page.get_by_label("Welche Gutscheine?")).to_have_value("Beide,\nbitte.")
    await page.get_by_role("button", name="Weiter").click()
    await page.reload()
    await page.get_by_role("button", name="Widerruf bestätigen").click()
    await page.reload()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Ihr Widerruf ist eingegangen")
    await context.close()


async def ordered(page: Page, base_url: str, slug: str) -> str:
    """Order a voucher in English; return the number of the order."""
    await page.goto(f"{base_url}/{slug}/kaufen")
    amount = page.get_by_label(re.compile("Wert in Euro|Value in euros"))
    await amount.fill("30")
    await amount.press("Enter")
    email = page.get_by_label(re.compile("Ihre E-Mail-Adresse|Your e-mail address"))
    await email.fill(JOHN)
    await email.press("Enter")
    await expect(
        page.get_by_role("link", name=re.compile("widerrufen|Withdraw")).first
    ).to_be_visible()
    return (await page.title()).split(" ", 1)[1].split("–")[0].strip()  # noqa: RUF001 - our dash


@pytest.mark.parametrize("reader", [("phone", "de-DE"), ("desktop", "en-GB")], ids=str)
async def test_every_page_is_for_everybody(
    market: Market, service: Served, visiting: Visiting, slug: str, reader: tuple[str, str]
) -> None:
    """With axe, at both widths, by keyboard alone."""
    device, locale = reader
    dark = device == "desktop"
    buyer = await visiting(device, locale=locale, dark=dark)
    page = buyer.page

    async def look(name: str) -> None:
        await buyer.check_accessibility()
        await buyer.check_width()
        await buyer.screenshot(name)

    number = await ordered(page, buyer.base_url, slug)
    day = "2026-12-04"
    statement = message(
        Booking(cents=30_00, text=(number,)), id=uuid4().hex[:12], sequence=None, days=(day, day)
    )
    read = await market.api.client.post(
        f"/api/v1/towns/{market.town['id']}/bank-statements",
        content=statement,
        headers={"content-type": "application/xml"},
    )
    assert read.status_code == 200, read.text
    await (
        page.get_by_role("main")
        .get_by_role("link", name=re.compile("Vertrag widerrufen|Withdraw from contract"))
        .click()
    )
    await look("1-form")
    button = page.get_by_role("button", name=re.compile("Weiter|Continue"))
    await button.press("Enter")
    await expect(page.get_by_role("alert")).to_be_visible()
    await look("2-not-yet")
    await page.get_by_label(re.compile("Ihr Name|Your name")).fill("John Example")
    email = page.get_by_label(re.compile("Ihre E-Mail-Adresse|Your e-mail address"))
    await email.fill(JOHN)
    await email.press("Enter")
    await look("3-check")
    confirm = re.compile("Widerruf bestätigen|Confirm withdrawal")
    await page.get_by_role("button", name=confirm).press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text(
        re.compile("Ihr Widerruf ist eingegangen|Your withdrawal has been received")
    )
    await look("4-received")

    people = Everybody(service.database_url, utc_now)
    cookie = await people.session_of(ANNA)
    await people.close()
    clerk = await visiting(device, locale=locale, dark=dark)
    await clerk.context.add_cookies([{"name": COOKIE, "value": cookie, "url": clerk.base_url}])
    await clerk.goto(f"/stadt/{market.town['id']}/widerrufe")
    await clerk.check_accessibility()
    await clerk.check_width()
    await clerk.screenshot("5-list")
    await clerk.page.get_by_role("link", name=re.compile("John Example")).click()
    await clerk.check_accessibility()
    await clerk.check_width()
    await clerk.screenshot("6-one")
