"""Other ways through the till: by keyboard, with a scanner on a cable, in English, in the dark."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pypdfium2
from playwright.async_api import Download, Page, expect
from till_stage import Cashier

Till = Callable[..., Awaitable[Cashier]]

MILLIMETRES_PER_POINT = 25.4 / 72


async def tab_to(page: Page, name: str) -> None:
    """Press Tab until the focus is on what is called *name*."""
    for _ in range(40):
        await page.keyboard.press("Tab")
        focused = await page.evaluate("document.activeElement.textContent.trim()")
        if str(focused).replace("\u00a0", " ") == name:
            return
    raise AssertionError(f"the keyboard does not reach {name}")


async def type_as_scanner(page: Page, text: str) -> None:
    """A scanner's keys come within a few milliseconds, and end with Enter."""
    keys = await page.context.new_cdp_session(page)
    for key in text:
        for kind in ("keyDown", "keyUp"):
            await keys.send("Input.dispatchKeyEvent", {"type": kind, "key": key, "text": key})
    await page.keyboard.press("Enter")


async def scanned(cashier: Cashier, text: str, words: str) -> None:
    """Scan until the till has it, as one does: keys that a busy machine has typed too slowly are
    a person's, and no scanner's.
    """
    for _ in range(3):
        await type_as_scanner(cashier.page, text)
        with suppress(AssertionError):
            await cashier.heading(words)
            return
    await cashier.heading(words)


async def test_the_whole_day_by_keyboard_alone(till: Till) -> None:
    cashier = await till("desktop", camera=False)
    page = cashier.page
    paper = await cashier.market.voucher(50_00)
    await page.goto(f"{cashier.visitor.base_url}/kasse")
    await tab_to(page, "Gerät koppeln")
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Kopplungscode")).to_be_visible()
    await page.keyboard.type(await cashier.market.pairing_code())
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Gekoppelt mit")).to_be_visible()
    await tab_to(page, "Zur Kasse")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Die Kamera ist nicht erlaubt.")).to_be_visible()

    await scanned(cashier, paper.qr, "Gutschein von Zwönitz")
    await page.keyboard.type("1255", delay=120)
    await page.keyboard.press("Backspace")
    await page.keyboard.type("0", delay=120)
    await expect(page.locator(".till-amount__cents")).to_have_text("12,50 €")
    await cashier.look("voucher-desktop")
    await page.keyboard.press("Enter")
    await cashier.heading("12,50 € eingelöst.")
    await cashier.look("green-desktop")
    await page.keyboard.press("Enter")

    await tab_to(page, "Code eintippen")
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Code auf dem Gutschein")).to_be_focused()
    await page.keyboard.type(paper.printed.typed_code.replace("-", ""), delay=60)
    await page.keyboard.press("Enter")
    await cashier.heading("Gutschein von Zwönitz")
    await tab_to(page, "Ganzes Guthaben 37,50 €")
    await page.keyboard.press("Enter")
    await tab_to(page, "37,50 € einlösen")
    await page.keyboard.press("Enter")
    await cashier.heading("37,50 € eingelöst.")
    await page.keyboard.press("Enter")

    await tab_to(page, "Heute")
    await page.keyboard.press("Enter")
    entry = page.get_by_role("button", name="12,50 €")
    await entry.focus()
    await page.keyboard.press("Enter")
    await tab_to(page, "Stornieren")
    await page.keyboard.press("Enter")
    await tab_to(page, "12,50 € zurückbuchen")
    await page.keyboard.press("Enter")
    await cashier.heading("12,50 € zurückgebucht.")
    assert await cashier.market.balance(paper) == 12_50


async def test_a_scanner_is_heard_wherever_the_focus_is(till: Till) -> None:
    cashier = await till()
    page = cashier.page
    first, second = await cashier.market.voucher(20_00), await cashier.market.voucher(30_00)
    await cashier.pair()
    await cashier.press("Code eintippen")
    await page.get_by_label("Code auf dem Gutschein").focus()
    await type_as_scanner(page, first.qr)
    await expect(page.get_by_text("20,00 €").first).to_be_visible()
    # A second scan while the first is in hand: the second counts, and its digits are no amount.
    await type_as_scanner(page, second.qr)
    await expect(page.get_by_text("30,00 €").first).to_be_visible()
    await expect(page.locator(".till-amount__cents")).to_have_text("0,00 €")
    # A scanner that takes this keyboard for an American one.
    german = {"Y": "Z", "Z": "Y", ":": "Ö", "/": "-", "-": "ß"}
    await type_as_scanner(page, "".join(german.get(each, each) for each in first.qr))
    await expect(page.get_by_text("20,00 €").first).to_be_visible()


async def test_a_cashier_signs_on_and_the_day_is_told_by_cashier_and_device(till: Till) -> None:
    cashier = await till()
    page = cashier.page
    paper = await cashier.market.voucher(50_00)
    await cashier.market.cashier("Petra M.", "7391")
    await cashier.pair()
    await cashier.tab("Mehr")
    await cashier.look("more")
    await page.get_by_label("PIN").fill("1111")
    await page.locator("form").get_by_role("button", name="Anmelden").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await cashier.look("wrong-pin")
    await page.get_by_label("PIN").fill("7391")
    await page.locator("form").get_by_role("button", name="Anmelden").click()
    await expect(page.get_by_role("button", name="Petra M. abmelden")).to_be_visible()
    cashier.visitor.complaints.clear()

    await cashier.tab("Scannen")
    await cashier.scan_voucher(paper)
    await cashier.key_in("1000")
    await cashier.press("10,00 € einlösen")
    await cashier.heading("10,00 € eingelöst.")
    await cashier.press("Nächster Kunde")
    await cashier.tab("Heute")
    by_cashier = page.get_by_role("table", name="Nach Kassenkraft")
    await expect(by_cashier.get_by_role("row", name="Petra M. 1 10,00 €")).to_be_visible()

    # What another till of the shop redeems appears by itself.
    await cashier.market.redeem_elsewhere(paper, 5_00)
    await expect(page.locator(".till-total__cents")).to_have_text("15,00 €")
    await expect(by_cashier.get_by_role("row", name="Ohne Anmeldung 1 5,00 €")).to_be_visible()
    await cashier.look("live")

    async with page.expect_download() as downloading:
        await cashier.press("Tabelle (CSV)")
    rows = await rows_of(await downloading.value)
    assert [row[0] for row in rows].count("Einlösung") == 2


async def test_receipt_and_day_end_come_on_paper_of_the_chosen_width(till: Till) -> None:
    cashier = await till()
    page = cashier.page
    prints: list[str] = []
    await page.expose_function("printed", lambda: prints.append("printed"))
    await page.add_init_script("window.print = () => window.printed()")
    paper = await cashier.market.voucher(50_00)
    await cashier.pair()
    await cashier.scan_voucher(paper)
    await cashier.key_in("1250")
    await cashier.press("12,50 € einlösen")
    await cashier.press("Beleg drucken")
    width, text = await printed(page)
    assert width == 80
    for said in ("Buchladen am Markt", "Zwönitz", "12,50 €", "Restguthaben", "37,50 €"):
        assert said in text, text
    token = paper.qr.rpartition("/")[2]
    assert token not in text
    assert paper.printed.typed_code not in text

    await cashier.press("Nächster Kunde")
    await cashier.tab("Mehr")
    await page.get_by_label("58 mm").check()
    await cashier.tab("Heute")
    await cashier.press("Tagesabschluss drucken")
    width, text = await printed(page)
    assert width == 58
    for said in ("Tagesabschluss Stadtgutschein", "Zahlart Stadtgutschein", "12,50 €"):
        assert said in text, text
    assert len(prints) == 2


async def test_in_english_and_in_the_dark(till: Till) -> None:
    cashier = await till(dark=True, locale="en-GB")
    page = cashier.page
    paper = await cashier.market.voucher(50_00)
    code = await cashier.market.pairing_code()
    await page.goto(f"{cashier.visitor.base_url}/kasse/koppeln#{code}")
    await page.get_by_role("button", name="Pair").click()
    await page.get_by_role("link", name="To the till", exact=True).click()
    await cashier.camera_is_on()
    await cashier.look("scan-dark")
    await cashier.scan(paper.qr)
    await cashier.heading("Voucher of Zwönitz")
    await cashier.look("voucher-dark")
    await cashier.press("Whole balance 50.00 €")
    await cashier.press("Redeem 50.00 €")
    await cashier.heading("50.00 € redeemed.")
    await cashier.look("green-dark")
    await cashier.press("Next customer")
    await cashier.tab("Today")
    await expect(page.locator(".till-total__cents")).to_have_text("50.00 €")
    await cashier.look("today-dark")
    await cashier.tab("More")
    await cashier.look("more-dark")
    await page.get_by_label("Deutsch").check()
    await cashier.heading("Mehr")


async def rows_of(download: Download) -> list[list[str]]:
    text = await asyncio.to_thread((await download.path()).read_text, "utf-8-sig")
    return list(csv.reader(text.splitlines(), delimiter=";"))


async def printed(page: Page) -> tuple[int, str]:
    """Print what the page would; return the paper's width in millimetres and what is on it."""
    document = pypdfium2.PdfDocument(await page.pdf(prefer_css_page_size=True))
    try:
        [sheet] = document
        text = sheet.get_textpage().get_text_range()
        return round(sheet.get_width() * MILLIMETRES_PER_POINT), text
    finally:
        document.close()
