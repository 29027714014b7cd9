"""The guide for shops: its pictures are the till's own screens, its words are the till's own, and
it fits on a sheet of paper.

``GUIDE_PICTURES=1`` takes the pictures anew.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pypdfium2
import pytest
from guide_pictures import FOLDER, Box, difference, keep
from playwright.async_api import Browser, Page, expect
from till_stage import Cashier
from visitor import Visiting

from tests.running_service import Served

Till = Callable[..., Awaitable[Cashier]]

ROOT = Path(__file__).parents[2]
LOCALES = {"de": "de-DE", "en": "en-GB"}
#: What is another with each day and hour.
RESTLESS = "input[type=date], .till-entry__time, .till-hours"
#: Past the field of the day, which every browser writes in its own way.
TO_THE_TOP = "(element) => scrollTo({ top: element.offsetTop - 12, behavior: 'instant' })"
GUIDE = "/kasse/anleitung"
A4 = (210, 297)
MILLIMETRES_PER_POINT = 25.4 / 72


def words_of(language: str) -> dict[str, str]:
    """What the till says, by the names that its screens use."""
    source = (ROOT / f"merchant_app/src/till/words/{language}.ts").read_text("utf-8")
    return dict(re.findall(r'^ +(\w+):\s+"(.*)",$', source, re.MULTILINE))


def example_code() -> str:
    """The QR code of the token's description, which is worth nothing."""
    scans = json.loads((ROOT / "tests/vectors/token.json").read_text("utf-8"))["scans"]
    return next(str(each["text"]) for each in scans if each["expect"] == "ok")


class Photographer:
    """Takes the screens of a till, and looks whether they are those of the guide."""

    def __init__(self, cashier: Cashier, language: str) -> None:
        self.cashier, self.page, self.language = cashier, cashier.page, language
        self.words = words_of(language)
        self.differences: dict[str, str] = {}

    def say(self, name: str, **given: str) -> str:
        return self.words[name].format(**given)

    async def press(self, name: str, **given: str) -> None:
        await self.cashier.press(self.say(name, **given))

    async def see(self, name: str, **given: str) -> None:
        await self.cashier.heading(self.say(name, **given))

    async def take(self, name: str) -> None:
        shot = await self.shot()
        if os.environ.get("GUIDE_PICTURES") == "1":
            keep(self.path(name), shot)
        self.differences[name] = await self.difference(name, shot)

    async def shot(self) -> bytes:
        await self.page.evaluate("document.fonts.ready")
        return await self.page.screenshot(caret="hide", animations="disabled")

    async def difference(self, name: str, shot: bytes) -> str:
        return difference(self.path(name), shot, await restless(self.page))

    def path(self, name: str) -> Path:
        return FOLDER / self.language / f"{name}.png"


async def restless(page: Page) -> list[Box]:
    boxes = await page.evaluate(
        """(restless) => [...document.querySelectorAll(restless)].map((element) => {
            const { left, top, right, bottom } = element.getBoundingClientRect();
            return [left, top, right, bottom].map(Math.round);
        })""",
        RESTLESS,
    )
    return [(left, top, right, bottom) for left, top, right, bottom in boxes]


async def make_ready(cashier: Cashier) -> None:
    """Pair the phone, in a town that allows something without a net."""
    market, page = cashier.market, cashier.page
    allowed = {"voucher_cents": 30_00, "device_cents": 100_00, "outage_minutes": 240}
    terms = {"enabled": True, "bearer": "merchant", **allowed}
    await market.api.made(f"/api/v1/towns/{market.town['id']}/offline-terms", terms)
    code = await market.pairing_code()
    await page.goto(f"{cashier.visitor.base_url}/kasse/koppeln#{code}")
    await page.locator("form[data-step=code] button").click()
    await page.locator("[data-step=paired] a[href='/kasse']").click()
    await cashier.camera_is_on()


async def hold_up_what_is_known(cashier: Cashier, photographer: Photographer) -> None:
    """Leave a code in the picture that the till has said all about: it waits for another."""
    for _ in range(10):
        cashier.feed.show(example_code())
        await photographer.see("refusedTitle")
        await photographer.press("otherVoucher")
        await cashier.camera_is_on()
        await cashier.page.wait_for_timeout(300)
        if await cashier.page.locator(".till-camera--on").is_visible():
            return
    raise AssertionError("the till reads the same again and again")


@pytest.mark.parametrize("language", LOCALES)
async def test_the_pictures_show_the_till_as_it_is(till: Till, language: str) -> None:
    """If not: look at what has changed, bring the guide's words in line, take them anew."""
    cashier = await till(locale=LOCALES[language])
    market, page = cashier.market, cashier.page
    photographer = Photographer(cashier, language)
    take, press, see = photographer.take, photographer.press, photographer.see
    euro = (lambda amount: f"{amount} €") if language == "en" else _german
    good, blocked = await market.voucher(50_00), await market.voucher(25_00)
    other = await market.voucher(20_00, market.partner)
    await market.block(blocked)
    await make_ready(cashier)

    await hold_up_what_is_known(cashier, photographer)
    await take("scan")
    await cashier.put_away()

    await cashier.scan(good.qr)
    await see("voucherTitle", town="Zwönitz")
    pad = page.get_by_role("group", name=photographer.say("keypad"))
    for digit in "1250":
        await pad.get_by_role("button", name=digit, exact=True).click()
    await take("amount")
    await press("redeem", amount=euro("12.50"))
    await see("done", amount=euro("12.50"))
    await take("green")
    await notice_changes(photographer)
    await press("next")

    await cashier.scan(blocked.qr)
    await see("refusedTitle")
    await take("red")
    await press("otherVoucher")

    await cashier.scan(other.qr)
    await press("whole", amount=euro("20.00"))
    await press("redeem", amount=euro("20.00"))
    await press("next")
    await cashier.tab(photographer.say("today"))
    await expect(page.locator(".till-total__cents")).to_have_text(euro("32.50"))
    await page.locator(".till-total").evaluate(TO_THE_TOP)
    await take("today")

    await cashier.tab(photographer.say("scan"))
    await cashier.camera_is_on()
    await page.context.set_offline(True)
    banner = page.get_by_role("heading", name=photographer.say("offlineTitle"))
    await expect(banner).to_be_visible()
    await take("offline")
    cashier.visitor.complaints.clear()  # of the code that nobody knows, and of the net
    assert not {name: told for name, told in photographer.differences.items() if told}


async def notice_changes(photographer: Photographer) -> None:
    """Another word on a button is noticed, and a button less."""
    label = photographer.page.locator(".till-actions button .kern-label").last
    said = await label.inner_text()
    for words in (said[:-3], ""):
        await label.evaluate("(label, words) => { label.textContent = words; }", words)
        assert await photographer.difference("green", await photographer.shot())
    await label.evaluate("(label, words) => { label.textContent = words; }", said)


def _german(amount: str) -> str:
    return f"{amount.replace('.', ',')} €"


@pytest.mark.parametrize("language", LOCALES)
async def test_it_is_a_sheet_of_paper_with_all_steps_on_its_front(
    visiting: Visiting, language: str
) -> None:
    visitor = await visiting(locale=LOCALES[language])
    await visitor.goto(GUIDE)
    steps = await visitor.page.locator(".guide__step h2").all_inner_texts()
    assert len(steps) == 6
    sheets = pypdfium2.PdfDocument(await visitor.page.pdf(prefer_css_page_size=True))
    try:
        front, back = sheets
        assert tuple(round(each * MILLIMETRES_PER_POINT) for each in front.get_size()) == A4
        pictures = [one for one in front.get_objects() if isinstance(one, pypdfium2.PdfImage)]
        assert len(pictures) == len(steps)
        words = front.get_textpage().get_text_range()
        assert all(step in words for step in steps)
        assert not any(step in back.get_textpage().get_text_range() for step in steps)
        front.render(scale=2).to_pil().save(visitor.folder / f"front-{language}.png")
        back.render(scale=2).to_pil().save(visitor.folder / f"back-{language}.png")
    finally:
        sheets.close()


async def test_it_reads_well_on_every_screen(visiting: Visiting) -> None:
    for device, dark in (("desktop", False), ("phone", True)):
        visitor = await visiting(device, dark=dark)
        await visitor.goto(GUIDE)
        await expect(visitor.page.get_by_role("button", name="Anleitung drucken")).to_be_visible()
        await visitor.check_accessibility()
        await visitor.check_width()
        await visitor.screenshot(f"guide-{device}")


async def test_it_needs_no_script_and_leads_to_the_till(browser: Browser, service: Served) -> None:
    context = await browser.new_context(java_script_enabled=False, locale="de-DE")
    page = await context.new_page()
    await page.goto(f"{service.base_url}{GUIDE}")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Kasse in einer Minute")
    await expect(page.get_by_role("button", name="Anleitung drucken")).to_be_hidden()
    await page.get_by_role("link", name="Zur Kasse", exact=True).click()
    await expect(page).to_have_url(f"{service.base_url}/kasse")
    await context.close()


async def test_the_way_to_it(till: Till) -> None:
    """From the pairing, and from the till."""
    cashier = await till()
    page = cashier.page
    guide = page.get_by_role("heading", level=1, name="Kasse in einer Minute")
    await page.goto(f"{cashier.visitor.base_url}/kasse/koppeln")
    await page.get_by_role("link", name="Anleitung für die Kasse").click()
    await expect(guide).to_be_visible()
    await cashier.pair()
    await cashier.tab("Mehr")
    await page.get_by_role("link", name="Anleitung").click()
    await expect(guide).to_be_visible()
    await page.get_by_role("link", name="Zur Kasse", exact=True).click()
    await cashier.camera_is_on()
