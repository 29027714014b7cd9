"""Citizens buy in a real browser, pay by bank transfer, get their vouchers over SMTP and spend
them at a till: one on a phone without script, one at a desk in English.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from email.message import EmailMessage
from uuid import uuid4

import pypdfium2
import pytest
import pytest_asyncio
from conftest import SIZES
from PIL import Image
from playwright.async_api import Browser, Page, expect
from till_stage import Cashier, Market
from visitor import Visiting, Visitor

from gutschein.kernel.clock import utc_now
from tests.bank_messages import Booking, message
from tests.conftest import _execute, plain_url
from tests.everybody import ANNA, COOKIE, Everybody
from tests.mail.mail_server import SENDER, MailServer, listening
from tests.running_service import Served, served

ERIKA, OMA, JOHN = "erika@example.org", "oma@example.org", "john@example.org"
#: How long a letter may be on its way: two jobs run every ten seconds, on a busy machine.
LETTER_SECONDS = 90


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def mailboxes() -> AsyncIterator[MailServer]:
    async with listening() as server:
        yield server


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def service(
    server_url: str,
    template: str,
    tmp_path_factory: pytest.TempPathFactory,
    mailboxes: MailServer,
) -> AsyncIterator[Served]:
    """The service on a database of its own, with a mail server."""
    name = f"{template}_shop"
    await _execute(server_url, f"CREATE DATABASE {name} TEMPLATE {template}")
    settings = {
        "smtp_host": "127.0.0.1",
        "smtp_port": str(mailboxes.port),
        "smtp_security": "none",
        "smtp_sender": SENDER,
    }
    folder = tmp_path_factory.mktemp("service")
    with served(plain_url(server_url, name), folder, **settings) as running:
        yield running
    await _execute(server_url, f"DROP DATABASE {name} WITH (FORCE)")


@dataclass
class Shop:
    """The market's town, selling online."""

    market: Market
    mailboxes: MailServer
    slug: str
    cookie: str

    def path(self, rest: str) -> str:
        return f"/api/v1/towns/{self.market.town['id']}/{rest}"

    async def paid(self, *bookings: Booking) -> None:
        """Import the bank statement on which the money stands."""
        day = "2026-12-04"
        file = message(*bookings, id=uuid4().hex[:12], sequence=None, days=(day, day))
        headers = {"content-type": "application/xml"}
        answer = await self.market.api.client.post(
            self.path("bank-statements"), content=file, headers=headers
        )
        assert answer.status_code == 200, answer.text

    async def letter(self, to: str, subject: str) -> EmailMessage:
        """Wait for a letter to somebody."""
        async with asyncio.timeout(LETTER_SECONDS):
            while True:
                for mail in self.mailboxes.messages:
                    if mail["To"] == to and subject in mail["Subject"]:
                        return mail
                await asyncio.sleep(0.2)


@pytest_asyncio.fixture(loop_scope="session")
async def shop(market: Market, mailboxes: MailServer, service: Served) -> Shop:
    people = Everybody(service.database_url, utc_now)
    cookie = await people.session_of(ANNA)
    await people.close()
    opened = Shop(market, mailboxes, f"ort-{uuid4().hex[:10]}", cookie)
    body = {"slug": opened.slug, "intro": "Ein Gutschein, viele Läden.", "intro_en": None}
    answer = await market.api.client.put(opened.path("storefront"), json=body)
    assert answer.is_success, answer.text
    return opened


async def order_number(page: Page) -> str:
    """The payment reference, as the page of the order names it."""
    return (await page.title()).split(" ", 1)[1].split("–")[0].strip()  # noqa: RUF001 - our dash


def voucher_in(mail: EmailMessage) -> Image.Image:
    """The voucher of a letter, printed, with its QR code before the camera."""
    [attached] = mail.iter_attachments()
    with pypdfium2.PdfDocument(attached.get_payload(decode=True)) as document:
        sheet = document[0].render(scale=2).to_pil().convert("L")
    width, height = sheet.size
    code = sheet.crop((width // 16, height * 38 // 100, width * 40 // 100, height * 66 // 100))
    code.thumbnail((400, 400))
    return code


async def read_and_assigned(shop: Shop, clerk: Visitor, number: str) -> None:
    """At the town hall: a part comes with the right reference, the rest with a slip in it."""
    await clerk.context.add_cookies([{"name": COOKIE, "value": shop.cookie, "url": clerk.base_url}])
    slipped = number.replace("0", "O", 1)[:-1] + "9"
    statement = message(
        Booking(cents=15_00, text=(f"Gutschein {number}",)),
        Booking(cents=25_00, text=(f"Gutschein {slipped}",)),
    )
    await clerk.goto(f"/stadt/{shop.market.town['id']}/geldeingaenge")
    file = {"name": "auszug.xml", "mimeType": "application/xml", "buffer": statement}
    await clerk.page.set_input_files("input[type=file]", [file])
    await clerk.page.get_by_role("button", name="Einlesen").click()
    await expect(clerk.page.get_by_role("heading", name="Kontoauszug eingelesen")).to_be_visible()
    await clerk.check_accessibility()
    await clerk.check_width()
    await clerk.screenshot("statement-read")
    await clerk.page.get_by_role("button", name="Zuordnen").first.click()
    await expect(clerk.page.get_by_text("Nichts. Alles, was eingegangen ist")).to_be_visible()


async def test_bought_without_script_paid_mailed_and_spent(
    browser: Browser,
    shop: Shop,
    service: Served,
    till: Callable[..., Awaitable[Cashier]],
    visiting: Visiting,
) -> None:
    width, height = SIZES["phone"]
    context = await browser.new_context(
        viewport={"width": width, "height": height}, locale="de-DE", java_script_enabled=False
    )
    page = await context.new_page()
    await page.goto(f"{service.base_url}/{shop.slug}")
    await page.get_by_role("link", name="Kaufen", exact=True).first.click()
    await page.get_by_label("Wert in Euro").fill("40")
    await page.get_by_label("Geburtstag").check()
    await page.get_by_label("Ihre Worte auf dem Gutschein").fill("Alles Gute!")
    await page.get_by_label("direkt an jemand anderen").check()
    await page.get_by_label("E-Mail-Adresse der beschenkten Person").fill(OMA)
    await page.get_by_role("button", name="Weiter zur Bestellung").click()
    await page.reload()
    await expect(page.get_by_text("Alles Gute!")).to_be_visible()
    await page.get_by_label("Ihre E-Mail-Adresse").fill(ERIKA)
    await page.get_by_role("button", name="zahlungspflichtig bestellen").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Danke für Ihre Bestellung!")
    number = await order_number(page)
    assert number in (await shop.letter(ERIKA, "so bezahlen Sie"))["Subject"]

    await read_and_assigned(shop, await visiting("desktop"), number)
    await page.reload()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Ihr Gutschein ist da")
    await context.close()
    gift = await shop.letter(OMA, "Ein Gutschein für Sie")

    cashier = await till()
    await cashier.pair()
    cashier.feed.show_picture(voucher_in(gift))
    await cashier.heading(f"Gutschein von {shop.market.town['name']}")
    cashier.feed.show_nothing()
    await cashier.key_in("1250")
    await cashier.press("12,50 € einlösen")
    await cashier.heading("12,50 € eingelöst.")

    oma = await visiting("phone")
    html = gift.get_body(("html",))
    assert html is not None
    await oma.page.set_content(html.get_content())
    await oma.screenshot("gift-letter")


@pytest.mark.parametrize(("device", "locale"), [("phone", "de-DE"), ("desktop", "en-GB")])
async def test_every_page_of_a_purchase_is_for_everybody(
    visiting: Visiting, shop: Shop, device: str, locale: str
) -> None:
    """With axe, at both widths, by keyboard alone."""
    buyer = await visiting(device, locale=locale, dark=device == "desktop")
    page = buyer.page
    german = locale == "de-DE"

    async def look(name: str) -> None:
        await buyer.check_accessibility()
        await buyer.check_width()
        await buyer.screenshot(name)

    await buyer.goto(f"/{shop.slug}/kaufen")
    await look("1-wish")
    await page.get_by_label("Wert in Euro" if german else "Value in euros").press_sequentially("9x")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_be_visible()
    await look("2-not-yet")
    amount = page.get_by_label("Wert in Euro" if german else "Value in euros")
    await amount.fill("30")
    await amount.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text(
        "Bitte prüfen Sie Ihre Bestellung" if german else "Please check your order"
    )
    await look("3-check")
    email = page.get_by_label("Ihre E-Mail-Adresse" if german else "Your e-mail address")
    await email.focus()
    await page.keyboard.type(JOHN)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text(
        "Danke für Ihre Bestellung!" if german else "Thank you for your order!"
    )
    await look("4-pay")
    number = await order_number(page)
    await shop.paid(Booking(cents=10_00, text=(number,)))
    await page.reload()
    await look("5-a-part")
    await shop.paid(Booking(cents=20_00, text=(number,)))
    await page.reload()
    await look("6-paid")
    await page.emulate_media(media="print")
    await buyer.screenshot("7-printed")
