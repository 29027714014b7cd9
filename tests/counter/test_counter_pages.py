"""The desk without a script: forms, and where they lead."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import httpx
import pytest
from api_fixtures import fresh_id
from desk_stage import DeskStage, new_desk
from everybody import ANNA, COOKIE, Everybody

from gutschein.identity.sessions import csrf_token


class Browser:
    """Anna's, that follows where it is led."""

    def __init__(self, client: httpx.AsyncClient, token: str, desk: DeskStage) -> None:
        self._client = client
        self._proof = csrf_token(token)
        self.path = f"/ausgabe/{desk.town.id}/{desk.point_id}"
        client.cookies.set(COOKIE, token)
        client.headers["accept"] = "text/html"
        client.follow_redirects = True

    async def open(self, rest: str = "") -> httpx.Response:
        return await self._client.get(rest if rest.startswith("/ausgabe") else self.path + rest)

    async def send(self, rest: str, **fields: str) -> httpx.Response:
        to = rest if rest.startswith("/ausgabe") else self.path + rest
        return await self._client.post(to, data=fields | {"csrf_token": self._proof})


def words_of(answer: httpx.Response) -> str:
    """What stands on a page, in one line."""
    content = answer.text.partition("<main")[2].partition("</main>")[0]
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", content)))


def hidden(answer: httpx.Response, name: str) -> str:
    found = re.search(rf'type="hidden" name="{name}" value="([^"]*)"', answer.text)
    assert found, answer.text
    return found[1]


@pytest.fixture
async def browser(desk: DeskStage, everybody: Everybody, anonymous: httpx.AsyncClient) -> Any:
    token = await everybody.session_of(ANNA)
    transport = anonymous._transport
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield Browser(client, token, desk)


async def test_an_open_card_is_sold_for_what_was_chosen(desk: DeskStage, browser: Browser) -> None:
    card = await desk.card(None)
    asked = await browser.send("/gutschein", activation=card.activation)
    assert asked.status_code == 200, asked.text
    assert "Wert in Euro" in words_of(asked)
    terms = {"id": hidden(asked, "id"), "activation": hidden(asked, "activation")}
    for value in ("viel", "2000"):
        again = await browser.send("/verkauf", **terms, method="card", value=value)
        assert again.status_code == 422
        assert "Wert in Euro" in words_of(again)
        assert hidden(again, "id") == terms["id"]
    receipt = await browser.send("/verkauf", **terms, method="card", value="33,50")
    assert receipt.status_code == 200
    assert "/belege/" in str(receipt.url)
    for words in ("Beleg Nr. 1", "33,50 €", "Karte", "31.12.2029", "Bürgerbüro", "Zwönitz"):
        assert words in words_of(receipt), words
    assert card.activation not in receipt.text
    twice = await browser.send("/verkauf", **terms, method="card", value="33,50")
    assert twice.url == receipt.url
    assert await desk.stage.balance(desk.town, "payment_provider") == -33_50


async def test_what_is_refused_is_said_beside_the_field(desk: DeskStage, browser: Browser) -> None:
    card = await desk.card()
    for typed, words in (
        ("ABC", "Tippfehler"),
        (card.code, "Code zum Einlösen"),
        ("", "Bitte ausfüllen."),
    ):
        refused = await browser.send("/gutschein", activation=typed)
        assert refused.status_code in {409, 422}
        assert words in words_of(refused)
        assert card.code not in refused.text
        assert 'autofocus aria-describedby="activation-error' in refused.text


async def test_a_card_that_was_sold_meanwhile_is_not_sold_again(
    desk: DeskStage, browser: Browser
) -> None:
    card = await desk.card()
    asked = await browser.send("/gutschein", activation=card.activation)
    await desk.sold(card)
    late = await browser.send(
        "/verkauf", id=hidden(asked, "id"), activation=card.activation, method="cash"
    )
    assert late.status_code == 409
    assert "schon verkauft, am 05.12.2026" in words_of(late)


async def test_the_browser_remembers_where_it_stands(desk: DeskStage, browser: Browser) -> None:
    other = await new_desk(desk.stage, desk.town, "Touristinfo")
    chosen = await browser.open("/ausgabe")
    assert str(chosen.url).endswith("/ausgabe")
    assert "Touristinfo" in words_of(chosen)
    await browser.open(f"/ausgabe/{desk.town.id}/{other.point_id}")
    assert str((await browser.open("/ausgabe")).url).endswith(other.point_id)
    assert str((await browser.open("/ausgabe?wechseln=1")).url).endswith("wechseln=1")


async def test_a_new_voucher_is_sold_and_printed(desk: DeskStage, browser: Browser) -> None:
    asked = await browser.open("/neu")
    terms = {"id": hidden(asked, "id"), "programme_id": desk.town.programme_id, "method": "cash"}
    refused = await browser.send("/neu", **terms, value="0,50")
    assert refused.status_code == 422
    receipt = await browser.send("/neu", **terms, value="40")
    assert "40,00 €" in words_of(receipt)
    printed = await browser.open(receipt.url.path + "/gutschein")
    assert printed.headers["content-type"] == "application/pdf"
    assert "Nr. 1" in words_of(await browser.open("/belege"))


async def test_the_cash_is_counted(desk: DeskStage, browser: Browser) -> None:
    await desk.sell_new(40_00)
    await desk.sell_new(15_00, "card")
    asked = await browser.open("/abschluss")
    assert "15,00 €" in words_of(asked)
    assert "40,00 €" not in words_of(asked)  # who counts is not told what to find
    count = {"id": hidden(asked, "id"), "counted": "39,50", "banked": "30"}
    refused = await browser.send("/abschluss", **count)
    assert refused.status_code == 422
    assert "-0,50 €" in words_of(refused)
    assert 'value="39,50"' in refused.text
    closed = await browser.send("/abschluss", **count, reason="Falsch herausgegeben")
    for words in ("Unterschied: -0,50 €", "Falsch herausgegeben", "30,00 €", "9,50 €"):
        assert words in words_of(closed), words
    again = await browser.send("/abschluss", **count, reason="Falsch herausgegeben")
    assert again.url == closed.url
    bad = await browser.send("/abschluss", id=fresh_id(), counted="viel")
    assert (bad.status_code, "zum Beispiel 12,50" in words_of(bad)) == (422, True)


async def test_stock_is_printed_assigned_and_reported_missing(
    desk: DeskStage, browser: Browser
) -> None:
    stock = f"/ausgabe/{desk.town.id}/vorrat"
    asked = await browser.open(stock)
    terms = {"id": hidden(asked, "id"), "programme_id": desk.town.programme_id}
    terms |= {"count": "3", "sell_until": "2027-12-31"}
    made = await browser.send(stock, **terms, value="25")
    assert re.search("000001.000003", words_of(made))
    printed = await browser.open(re.findall(r'href="([^"]*/druck[^"]*)"', made.text)[0])
    assert printed.headers["content-type"] == "application/pdf"
    point = {"point_id": desk.point_id, "first_serial": "1"}
    refused = await browser.send(f"{stock}/zuteilen", **point, last_serial="4")
    assert refused.status_code == 422
    assigned = await browser.send(f"{stock}/zuteilen", **point, last_serial="3")
    assert "3 Gutscheine liegen hier auf Vorrat." in words_of(assigned)
    unknown = await browser.send("/bestand/fehlt", serial="9", reason="Weg")
    assert unknown.status_code == 404
    missing = await browser.send("/bestand/fehlt", serial="2", reason="Weg")
    assert "Fehlt: 000002" in words_of(missing)
    card = (await desk.printed({"id": terms["id"]}))[0]
    await desk.sold(card)
    late = await browser.send("/bestand/fehlt", serial=str(card.serial), reason="Weg")
    assert "schon verkauft" in words_of(late)
    await desk.stage.audit()
