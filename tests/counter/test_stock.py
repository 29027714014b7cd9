"""What lies in stock is worth nothing to anybody, and is not owed to anybody."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import zxingcpp
from api_fixtures import Api, code_of, fresh_id
from desk_stage import DeskStage, new_desk
from sqlalchemy import text

from gutschein.audit import auditor_database, opener
from gutschein.auditor.audit import audit
from gutschein.kernel.ids import TownId
from gutschein.signing.keyring import renew_signing_key
from gutschein.signing.revocation import revoke_signing_key
from gutschein.vouchers.reissue import reissue_some
from tests.documents.printed_page import Printed

pytestmark = pytest.mark.slow

HTML = {"accept": "text/html"}
_KEY_AND_ORDER = text("SELECT kid, stock_order_id FROM voucher WHERE id = :id")


async def test_no_till_takes_what_is_in_stock(desk: DeskStage) -> None:
    stage, card = desk.stage, await desk.card()
    mark = await stage.moved()
    for shown in (card.shown, card.typed):
        sale = {"id": fresh_id(), "amount_cents": 1_00} | shown | desk.town.shop.fields
        refused = await stage.redeem(sale)
        assert (refused.status_code, code_of(refused)) == (409, "voucher.not_active")
        assert "Ausgabestelle" in refused.json()["detail"]
    abroad = await stage.redeem(stage.sold(card, 1_00, stage.schneeberg.shop))
    assert code_of(abroad) == "voucher.not_active"
    several = {"id": fresh_id(), "items": [{"id": fresh_id(), "amount_cents": 1_00} | card.shown]}
    refused = await stage.api.post("/api/v1/sales", several | desk.town.shop.fields)
    assert code_of(refused) == "voucher.not_active"
    assert await stage.moved() == mark


async def test_a_till_that_looks_sees_why(desk: DeskStage) -> None:
    card = await desk.card()
    bare = card.token.rpartition("/")[2]
    for presented in (bare, card.code):
        seen = (await desk.stage.api.get(f"/api/v1/vouchers/{presented}")).json()
        assert seen["refusal"] == "voucher.not_active", seen
        assert seen["balance_cents"] == 0


async def test_the_public_is_told_no_more_than_of_what_nobody_issued(
    desk: DeskStage, anonymous: httpx.AsyncClient
) -> None:
    card = await desk.card()
    anonymous.auth = httpx.Auth()  # nobody
    for path in (f"/V/{card.token.rpartition('/')[2]}", "/V/" + "A" * 173):
        answer = await anonymous.get(path, headers=HTML)
        assert answer.status_code == 404, answer.text
        assert "Dieser Code wurde nicht erkannt." in answer.text
        assert "freigeschaltet" not in answer.text
    typed = await anonymous.post("/guthaben", data={"code": card.code}, headers=HTML)
    assert typed.status_code == 404
    assert "Dieser Code wurde nicht erkannt." in typed.text


async def test_stock_is_no_open_liability(desk: DeskStage) -> None:
    await desk.cards(3)
    sold = await desk.card()
    await desk.sold(sold)
    auditors = auditor_database(desk.stage.database_url)
    async with auditors.reading() as work:
        opens = await opener(work, desk.stage.kek)
        towns = desk.stage.towns[:1]
        report = await audit(work, now=desk.stage.clock.now, towns=towns, opener=opens)
    await auditors.close()
    [town] = report.towns
    assert (town.issued_cents, town.owed.open_vouchers_cents) == (25_00, 25_00)
    assert (town.held.cash_cents, town.difference_cents) == (25_00, 0)
    await desk.stage.audit()


async def test_expiry_never_touches_stock(desk: DeskStage) -> None:
    lying, blocked, sold = await desk.cards(3)
    await desk.stage.block(blocked)
    await desk.sold(sold)
    desk.stage.clock.now = datetime(2031, 1, 1, 9, 0, tzinfo=UTC)
    assert await desk.stage.expire(desk.town) == 1
    states = [(await desk.voucher(each))["state"] for each in (lying, blocked, sold)]
    assert states == ["stock", "blocked", "expired"]
    await desk.stage.audit()


async def test_stock_is_neither_replaced_nor_printed_as_a_voucher(desk: DeskStage) -> None:
    card = await desk.card()
    path = desk.town.path(f"vouchers/{card.id}")
    for blocked in (False, True):
        if blocked:
            await desk.stage.block(card)
        replaced = await desk.stage.api.post(f"{path}/replacement", {"reason": "Verloren"})
        assert (replaced.status_code, code_of(replaced)) == (409, "voucher.not_active")
        printed = await desk.stage.api.get(f"{path}/document")
        expected = "voucher.blocked" if blocked else "voucher.not_active"
        assert (printed.status_code, code_of(printed)) == (409, expected)


async def test_an_order_is_made_once_for_its_id(desk: DeskStage) -> None:
    order_id = fresh_id()
    first = await desk.order(3, id=order_id)
    assert (first["first_serial"], first["last_serial"]) == (1, 3)
    body = {name: first[name] for name in ("id", "programme_id", "count", "value_cents")}
    path = desk.town.path("stock-orders")
    again = await desk.stage.api.post(path, body | {"sell_until": first["sell_until"]})
    assert (again.status_code, again.json()) == (200, first)
    for change in ({"count": 4}, {"value_cents": None}, {"sell_until": "2027-12-30"}):
        other = await desk.stage.api.post(path, body | {"sell_until": "2027-12-31"} | change)
        assert (other.status_code, code_of(other)) == (409, "request.conflict"), change
    assert (await desk.stage.api.get(f"{path}/{order_id}")).json() == first
    second = await desk.order(1, None)
    listed = (await desk.stage.api.get(path)).json()["stock_orders"]
    assert listed == [second, first]
    assert second["first_serial"] == 4
    batch = await desk.stage.batch(desk.town, 10_00)
    assert batch["first_serial"] == 5  # one series with those that are issued
    await desk.stage.audit()


REFUSED_ORDERS: list[tuple[dict[str, Any], str]] = [
    ({"value_cents": 1_000_01}, "programme.value_refused"),
    ({"value_cents": 99}, "programme.value_refused"),
    ({"count": 10_001}, "batch.too_large"),
    ({"count": 0}, "request.invalid"),
    ({"sell_until": "2026-12-04"}, "request.invalid"),
    ({"sell_until": "2036-12-31"}, "request.invalid"),
    ({"programme_id": fresh_id()}, "programme.unknown"),
]


@pytest.mark.parametrize(("change", "code"), REFUSED_ORDERS)
async def test_what_is_not_offered_is_not_printed(
    desk: DeskStage, change: dict[str, Any], code: str
) -> None:
    body = {"count": 1, "value_cents": 25_00, "sell_until": "2027-12-31"}
    body |= {"programme_id": desk.town.programme_id} | change
    refused = await desk.stage.api.post(desk.town.path("stock-orders"), body)
    assert code_of(refused) == code, refused.text


async def test_what_the_town_gives_away_is_not_printed_for_sale(desk: DeskStage) -> None:
    api: Api = desk.stage.api
    gift = await api.new_programme({"id": desk.town.id}, name="Geschenk", payer="town")
    body = {"programme_id": gift["id"], "count": 1, "sell_until": "2027-12-31"}
    refused = await api.post(desk.town.path("stock-orders"), body)
    assert (refused.status_code, code_of(refused)) == (422, "programme.rule_invalid")


async def test_a_page_carries_both_codes_apart(desk: DeskStage) -> None:
    order = await desk.order(2)
    path = desk.town.path(f"stock-orders/{order['id']}/document")
    answer = await desk.stage.api.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"].endswith('"vorrat-000001-000002.pdf"')
    pages = Printed(answer.content)
    assert len(pages) == 2
    await desk.assign(1, 2)
    for number in range(2):
        said = pages.text(number)
        assert "25,00 €" in said
        assert "31.12., 3 Jahre nach dem Kaufjahr" in said
        assert "Zu verkaufen bis 31.12.2027" in said
        redeeming, activating = sorted(
            zxingcpp.read_barcodes(
                pages.pixels(number), formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
            ),
            key=lambda code: code.position.top_left.y,
        )
        assert activating.text in said.replace("-", "")
        seen = await desk.look_up(activating.text)
        assert seen.json()["serial"] == number + 1
        assert code_of(await desk.look_up(redeeming.text)) == "activation.other_code"
    pages.document.close()
    first = await desk.printed(order)
    await desk.sold(first[0])
    later = await desk.stage.api.get(path)
    assert later.headers["content-disposition"].endswith('"vorrat-000002-000002.pdf"')


async def test_a_sold_card_is_printed_again_with_the_same_code(desk: DeskStage) -> None:
    card = await desk.card(None)
    await desk.sold(card, value_cents=12_00)
    again = await desk.stage.paper_of(desk.town, card.id)
    assert (again.token, again.code) == (card.token, card.code)


async def test_stock_is_told_by_ranges(desk: DeskStage) -> None:
    cards = await desk.cards(6)
    await desk.sold(cards[1])
    missing = await desk.stage.api.get(desk.path("stock"))
    assert missing.json()["in_stock_count"] == 5
    await desk.stage.block(cards[3])
    stock = await desk.stock()
    [told] = stock["ranges"]
    assert (told["first_serial"], told["last_serial"]) == (1, 6)
    counts = [told[f"{fate}_count"] for fate in ("in_stock", "sold", "missing", "moved")]
    assert counts == [4, 1, 1, 0]
    spans = [(span["first_serial"], span["last_serial"]) for span in told["in_stock"]]
    assert spans == [(1, 1), (3, 3), (5, 6)]
    assert told["missing"] == [{"first_serial": 4, "last_serial": 4}]
    assert stock["in_stock_count"] == 4


async def test_only_what_was_printed_for_stock_is_assigned(desk: DeskStage) -> None:
    await desk.order(2)
    await desk.stage.batch(desk.town, 10_00)
    for first, last in ((1, 3), (3, 3), (2, 1), (5, 9)):
        refused = await desk.assign(first, last)
        assert (refused.status_code, code_of(refused)) == (422, "stock.serials"), (first, last)
    answers = await asyncio.gather(*(desk.assign(1, 2) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {200}
    assert len((await desk.stock())["ranges"]) == 1
    stranger = await new_desk(desk.stage, desk.stage.schneeberg)
    assert code_of(await stranger.assign(1, 2)) == "stock.serials"


async def test_a_key_that_was_revoked_sells_nothing_until_the_card_is_printed_anew(
    desk: DeskStage,
) -> None:
    card, stage = await desk.card(), desk.stage
    town_id, now = TownId(stage.towns[0]), stage.clock.now
    async with stage.database.unit_of_work() as work:
        kid, order_id = (await work.execute(_KEY_AND_ORDER, {"id": card.id})).one()
        await revoke_signing_key(work, town_id, bytes(kid), "Entwendet", now)
        await renew_signing_key(work, town_id, stage.kek, now)
    assert code_of(await desk.sell(card.activation)) == "key.revoked"
    async with stage.database.unit_of_work() as work:
        moved, _ = await reissue_some(work, town_id, bytes(kid), stage.kek, now)
    assert moved == 1
    [anew] = await desk.printed({"id": str(order_id)})
    assert anew.token != card.token
    assert anew.activation == card.activation
    await desk.sold(card)
    await stage.redeemed(anew, 25_00)
