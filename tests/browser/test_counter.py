"""A clerk sells at the desk with a scanner that types, hands out receipts and counts the cash."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import httpx
import pypdfium2
import pytest
import pytest_asyncio
import zxingcpp
from playwright.async_api import expect
from visitor import Visiting, Visitor

from gutschein.kernel.clock import utc_now
from tests.api_fixtures import Api, towns_path
from tests.documents.printed_page import Printed
from tests.everybody import ANNA, COOKIE, Everybody
from tests.running_service import Served


@dataclass
class Desk:
    """An issuing point, its clerk at a browser, and cards in the drawer."""

    town: dict[str, Any]
    point: dict[str, Any]
    cookie: str
    activations: list[str]
    tokens: list[str]
    visiting: Visiting

    @property
    def path(self) -> str:
        return f"/ausgabe/{self.town['id']}/{self.point['id']}"

    async def clerk(self, device: str, **looks: Any) -> Visitor:
        visitor = await self.visiting(device, **looks)
        await visitor.context.add_cookies(
            [{"name": COOKIE, "value": self.cookie, "url": visitor.base_url}]
        )
        return visitor


@pytest_asyncio.fixture(loop_scope="session")
async def desk(service: Served, visiting: Visiting) -> Desk:
    people = Everybody(service.database_url, utc_now)
    async with httpx.AsyncClient(base_url=service.base_url, auth=people, timeout=30) as client:
        api = Api(client)
        town = await api.new_town(brand_colour="#0b5d3b")
        programme = await api.new_programme(town, name="Stadtgutschein Zwönitz")
        point = await api.new_issuing_point(town)
        codes: list[tuple[str, str]] = []
        for value_cents in (25_00, None):
            terms = {"programme_id": programme["id"], "value_cents": value_cents, "count": 3}
            sell_until = str(utc_now().date().replace(month=12, day=31))
            order = await api.made(
                towns_path(town, "stock-orders"), terms | {"sell_until": sell_until}
            )
            serials = {name: order[name] for name in ("first_serial", "last_serial")}
            await api.post(towns_path(town, f"issuing-points/{point['id']}/stock"), serials)
            path = towns_path(town, f"stock-orders/{order['id']}/document")
            codes += codes_on(Printed((await api.get(path)).content))
    cookie = await people.session_of(ANNA)
    await people.close()
    return Desk(town, point, cookie, [a for a, _ in codes], [t for _, t in codes], visiting)


def codes_on(pages: Printed) -> list[tuple[str, str]]:
    """What a scanner reads on each page: what activates, and what redeems."""
    found = []
    for number in range(len(pages)):
        read = zxingcpp.read_barcodes(
            pages.pixels(number), formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
        )
        activation, token = sorted((code.text for code in read), key=len)
        found.append((activation, token))
    pages.document.close()
    return found


async def scan(clerk: Visitor, text: str) -> None:
    """Type as a scanner does, wherever the keyboard is, and end with Enter."""
    await expect(clerk.page.get_by_role("textbox").first).to_be_focused()
    await clerk.page.keyboard.type(text)
    await clerk.page.keyboard.press("Enter")


async def looked_at(clerk: Visitor, name: str) -> None:
    await clerk.check_accessibility()
    await clerk.check_width()
    await clerk.screenshot(name)


@pytest.mark.parametrize("device", ["desktop", "phone"])
async def test_a_card_is_scanned_paid_and_handed_out(desk: Desk, device: str) -> None:
    clerk = await desk.clerk(device)
    await clerk.goto(desk.path)
    field = clerk.page.get_by_label("Freischaltcode")
    await expect(field).to_be_focused()
    await looked_at(clerk, f"desk-{device}")
    await scan(clerk, desk.activations[0])
    await expect(clerk.page.get_by_role("heading", level=1)).to_contain_text("25,00 €")
    await looked_at(clerk, f"card-{device}")
    await clerk.page.get_by_role("button", name="25,00 € bar bezahlt").click()
    await expect(clerk.page.get_by_role("heading", name="Beleg Nr. 1")).to_be_visible()
    await expect(clerk.page.get_by_text("ist freigeschaltet")).to_be_visible()
    await looked_at(clerk, f"receipt-{device}")
    for code in (desk.activations[0], desk.tokens[0].rpartition("/")[2]):
        assert code not in await clerk.page.content()
    await clerk.page.get_by_role("link", name="Nächster Verkauf").click()
    await expect(field).to_be_focused()
    await scan(clerk, desk.activations[0])
    await expect(clerk.page.get_by_role("alert")).to_contain_text("schon verkauft")
    await expect(field).to_be_focused()
    await scan(clerk, desk.tokens[1])
    await expect(clerk.page.get_by_role("alert")).to_contain_text("Code zum Einlösen")
    await expect(field).to_have_value("")
    await looked_at(clerk, f"refused-{device}")
    # The browser remembers where it stands.
    await clerk.goto("/ausgabe")
    assert clerk.page.url.endswith(desk.path)


async def test_an_open_value_is_chosen_and_paid_by_card(desk: Desk) -> None:
    clerk = await desk.clerk("phone", dark=True)
    await clerk.goto(desk.path)
    await scan(clerk, desk.activations[3])
    value = clerk.page.get_by_label("Wert in Euro")
    await value.fill("viel")
    await clerk.page.get_by_role("button", name="Mit Karte bezahlt").click()
    await expect(clerk.page.get_by_role("alert")).to_contain_text("12,50")
    await looked_at(clerk, "open-value")
    await value.fill("999")
    await clerk.page.get_by_role("button", name="Mit Karte bezahlt").click()
    await expect(clerk.page.get_by_role("alert")).to_contain_text("250,00 €")
    await value.fill("33,50")
    await clerk.page.get_by_role("button", name="Mit Karte bezahlt").click()
    await expect(clerk.page.get_by_role("article")).to_contain_text("33,50 €")
    await expect(clerk.page.get_by_role("article")).to_contain_text("Karte")
    await looked_at(clerk, "receipt-dark")


async def test_a_new_voucher_is_sold_and_printed(desk: Desk) -> None:
    clerk = await desk.clerk("desktop", locale="en-GB")
    await clerk.goto(desk.path)
    await clerk.page.get_by_role("link", name="Sell and print a new voucher").click()
    await clerk.page.get_by_label("Value in euros").fill("40")
    await looked_at(clerk, "new")
    await clerk.page.get_by_role("button", name="Paid in cash").click()
    await expect(clerk.page.get_by_role("heading", name="Receipt no. 1")).to_be_visible()
    async with clerk.page.expect_download() as download:
        await clerk.page.get_by_role("link", name="Print the voucher (PDF)").click()
    path = await (await download.value).path()
    assert "40,00 €" in Printed(path.read_bytes()).text()
    await clerk.page.get_by_role("link", name="Next sale").click()
    await (
        clerk.page.get_by_role("navigation", name="Issuing point")
        .get_by_role("link", name="Receipts")
        .click()
    )
    await looked_at(clerk, "sales")


@pytest.mark.parametrize(("width", "millimetres"), [("58", 58), ("80", 80), ("a4", 210)])
async def test_the_receipt_fits_the_paper(desk: Desk, width: str, millimetres: int) -> None:
    clerk = await desk.clerk("desktop")
    await clerk.goto(desk.path)
    await scan(clerk, desk.activations[0])
    await clerk.page.get_by_role("button", name="25,00 € bar bezahlt").click()
    await expect(clerk.page.get_by_role("heading", name="Beleg Nr. 1")).to_be_visible()
    here = clerk.page.url.removeprefix(clerk.base_url).partition("?")[0]
    await clerk.goto(f"{here}?breite={width}")
    await expect(clerk.page.get_by_role("button", name="Beleg drucken")).to_be_visible()
    pdf = await clerk.page.pdf(prefer_css_page_size=True, format="A4")
    (clerk.folder / f"receipt-{width}.pdf").write_bytes(pdf)
    with pypdfium2.PdfDocument(pdf) as document:
        assert len(document) == 1
        assert document[0].get_width() == pytest.approx(millimetres / 25.4 * 72, abs=2)
        said = document[0].get_textpage().get_text_range()
    for words in ("Bürgerbüro", "Beleg Nr. 1", "25,00 €", "Stadtgutschein Zwönitz", "Summe"):
        assert words in said, said
    for words in ("Abmelden", "Nächster Verkauf", "freigeschaltet", "Ausgabestelle"):
        assert words not in said, said


@pytest.mark.parametrize("device", ["desktop", "phone"])
async def test_stock_and_cash_at_the_end_of_the_day(desk: Desk, device: str) -> None:
    clerk = await desk.clerk(device)
    await clerk.goto(desk.path)
    await scan(clerk, desk.activations[0])
    await clerk.page.get_by_role("button", name="25,00 € bar bezahlt").click()
    await expect(clerk.page.get_by_role("heading", name="Beleg Nr. 1")).to_be_visible()

    await clerk.goto(f"{desk.path}/bestand")
    await expect(clerk.page.get_by_text("5 Gutscheine liegen hier auf Vorrat.")).to_be_visible()
    await clerk.page.get_by_label("Nummer").fill("2")
    await clerk.page.get_by_label("Was ist passiert?").fill("Zerrissen")
    await clerk.page.get_by_role("button", name="Gutschein sperren").click()
    await expect(clerk.page.get_by_text("Fehlt: 000002")).to_be_visible()
    await looked_at(clerk, f"stock-{device}")

    await clerk.page.get_by_role("link", name="Kassenabschluss").click()
    await looked_at(clerk, f"count-{device}")
    await clerk.page.get_by_label("Bargeld gezählt").fill("24,50")
    await clerk.page.get_by_label("zur Bank").fill("20")
    await clerk.page.get_by_role("button", name="Kasse abschließen").click()
    await expect(clerk.page.get_by_role("alert")).to_contain_text("-0,50 €")
    await looked_at(clerk, f"difference-{device}")
    await clerk.page.get_by_label("Grund").fill("Falsch herausgegeben")
    await clerk.page.get_by_role("button", name="Kasse abschließen").click()
    await expect(clerk.page.get_by_role("heading", level=1)).to_have_text("Kassenabschluss Nr. 1")
    await expect(clerk.page.get_by_text("Unterschied: -0,50 €")).to_be_visible()
    await looked_at(clerk, f"closing-{device}")


async def test_a_town_has_vouchers_printed_and_assigns_them(desk: Desk) -> None:
    clerk = await desk.clerk("phone")
    await clerk.goto("/ausgabe")
    await looked_at(clerk, "counter-choose")
    await clerk.goto(f"{desk.path}/bestand")
    await clerk.page.get_by_role("link", name="auf Vorrat drucken").click()
    await clerk.page.get_by_label("Gutscheinart").select_option("Stadtgutschein Zwönitz")
    await clerk.page.get_by_label("Wie viele?").fill("4")
    await clerk.page.get_by_label("Zu verkaufen bis").fill(str(utc_now().date()))
    await clerk.page.get_by_role("button", name="Anlegen").click()
    await expect(
        clerk.page.get_by_role("heading", name=re.compile("000007.000010"))
    ).to_be_visible()
    await looked_at(clerk, "orders")
    await clerk.page.get_by_label("Von Nummer").fill("7")
    await clerk.page.get_by_label("Bis Nummer").fill("11")
    await clerk.page.get_by_role("button", name="Zuteilen").click()
    await expect(clerk.page.get_by_role("alert")).to_contain_text("Nicht alle Nummern")
    await clerk.page.get_by_label("Bis Nummer").fill("10")
    await clerk.page.get_by_role("button", name="Zuteilen").click()
    await expect(clerk.page.get_by_text("10 Gutscheine liegen hier auf Vorrat.")).to_be_visible()
