"""A voucher is sold at the desk, once, for money that is booked, and is good from then on."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from api_fixtures import code_of, fresh_id
from desk_stage import DeskStage, new_desk

pytestmark = pytest.mark.slow


async def test_a_card_is_sold_for_cash_and_spent(desk: DeskStage) -> None:
    stage, card = desk.stage, await desk.card(25_00)
    assert (await desk.voucher(card))["state"] == "stock"
    seen = (await desk.look_up(card.activation)).json()
    assert (seen["value_cents"], seen["serial"]) == (25_00, card.serial)
    assert (seen["valid_until"], seen["sell_until"]) == ("2029-12-31", "2027-12-31")
    sale = await desk.sold(card)
    assert (sale["amount_cents"], sale["method"], sale["receipt_number"]) == (25_00, "cash", 1)
    assert (sale["point_name"], sale["serial"]) == ("Bürgerbüro", card.serial)
    assert (sale["valid_until"], sale["sold_on"]) == ("2029-12-31", "2026-12-05")
    assert (sale["from_stock"], sale["sold_by_name"]) == (True, "Anna Amtmann")
    assert not {"code", "activation", "token"} & sale.keys()
    voucher = await desk.voucher(card)
    assert (voucher["state"], voucher["balance_cents"]) == ("active", 25_00)
    assert [event["state"] for event in voucher["events"]] == ["active"]
    assert await stage.balance(desk.town, "cash", desk.point_id) == -25_00
    await stage.redeemed(card, 5_00)
    await stage.redeemed(card, 20_00, stage.schneeberg.shop)
    await stage.audit()


async def test_a_card_payment_is_owed_by_the_terminals_provider(desk: DeskStage) -> None:
    card = await desk.card(25_00)
    sale = await desk.sold(card, "card")
    assert await desk.stage.balance(desk.town, "payment_provider") == -25_00
    assert await desk.stage.balance(desk.town, "cash") == 0
    payment = (await desk.stage.api.get(desk.town.path(f"payments/{sale['id']}"))).json()
    assert (payment["method"], payment["issuing_point_id"]) == ("card", desk.point_id)
    assert (payment["reference"], payment["left_cents"]) == ("Beleg 1", 0)
    await desk.stage.audit()


async def test_money_taken_at_a_desk_names_the_desk_and_no_other_does(desk: DeskStage) -> None:
    path = desk.town.path("payments")
    at_desk = {"issuing_point_id": desk.point_id}
    for method, where, status in (
        ("card", at_desk, 201),
        ("cash", at_desk, 201),
        ("card", {}, 422),
        ("provider", at_desk, 422),
    ):
        body = {"method": method, "amount_cents": 10_00, "reference": "Von Hand"} | where
        answer = await desk.stage.api.post(path, body)
        assert answer.status_code == status, answer.text
        if status == 422:
            assert code_of(answer) == "payment.issuing_point"
    await desk.closed(10_00)


async def test_a_new_voucher_is_issued_and_printed(desk: DeskStage) -> None:
    sale = (await desk.sell_new(40_00)).json()
    assert (sale["amount_cents"], sale["from_stock"]) == (40_00, False)
    paper = await desk.stage.paper_of(desk.town, sale["voucher_id"])
    await desk.stage.redeemed(paper, 40_00)
    await desk.stage.audit()


async def test_receipts_of_a_desk_are_numbered_whatever_is_sold(desk: DeskStage) -> None:
    other = await new_desk(desk.stage, desk.town, "Touristinfo")
    first, second = await desk.cards(2)
    numbers = [
        (await desk.sold(first))["receipt_number"],
        (await desk.sell_new(10_00, "card")).json()["receipt_number"],
        (await desk.sold(second, "card"))["receipt_number"],
    ]
    assert numbers == [1, 2, 3]
    assert (await other.sell_new(10_00)).json()["receipt_number"] == 1
    listed = (await desk.stage.api.get(desk.path("sales"))).json()["sales"]
    assert [each["receipt_number"] for each in listed] == [3, 2, 1]
    assert (await desk.stage.api.get(desk.path(f"sales/{listed[0]['id']}"))).json() == listed[0]
    elsewhere = await desk.stage.api.get(other.path(f"sales/{listed[0]['id']}"))
    assert (elsewhere.status_code, code_of(elsewhere)) == (404, "sale.unknown")


async def test_a_card_whose_value_is_open_is_worth_what_was_paid(desk: DeskStage) -> None:
    card = await desk.card(None)
    seen = (await desk.look_up(card.activation)).json()
    assert (seen["value_cents"], seen["maximum_cents"]) == (None, 1_000_00)
    for value in (None, 1_000_01, 50):
        refused = await desk.sell(card.activation, value_cents=value)
        assert code_of(refused) == "programme.value_refused", value
    sale = await desk.sold(card, value_cents=33_00)
    assert sale["amount_cents"] == 33_00
    voucher = await desk.voucher(card)
    assert (voucher["face_value_cents"], voucher["balance_cents"]) == (33_00, 33_00)
    await desk.stage.redeemed(card, 33_00)
    await desk.stage.audit()


async def test_a_printed_value_is_the_value(desk: DeskStage) -> None:
    card = await desk.card(25_00)
    refused = await desk.sell(card.activation, value_cents=50_00)
    assert (refused.status_code, code_of(refused)) == (422, "stock.value")
    assert "25,00 €" in refused.json()["detail"]
    assert (await desk.sold(card, value_cents=25_00))["amount_cents"] == 25_00


async def test_a_value_that_is_not_offered_is_not_issued(desk: DeskStage) -> None:
    mark = await desk.stage.moved()
    refused = await desk.sell_new(1_000_01)
    assert code_of(refused) == "programme.value_refused"
    assert await desk.stage.moved() == mark
    assert await desk.stage.balance(desk.town, "cash") == 0


async def test_the_validity_counts_from_the_germans_day_of_the_sale(desk: DeskStage) -> None:
    card, later = await desk.cards(2)
    desk.stage.clock.now = datetime(2026, 12, 31, 22, 59, tzinfo=UTC)
    old = await desk.sold(card)
    assert (old["sold_on"], old["valid_until"]) == ("2026-12-31", "2029-12-31")
    desk.stage.clock.now = datetime(2026, 12, 31, 23, 0, tzinfo=UTC)  # midnight there
    new = await desk.sold(later)
    assert (new["sold_on"], new["valid_until"]) == ("2027-01-01", "2030-12-31")
    assert (await desk.voucher(card))["valid_until"] == "2029-12-31"
    desk.stage.clock.now = datetime(2030, 1, 1, 9, 0, tzinfo=UTC)
    refused = await desk.stage.redeem(desk.stage.sold(card, 1_00))  # its token would still do
    assert code_of(refused) == "voucher.expired"
    await desk.stage.redeemed(later, 1_00)
    await desk.stage.audit()


async def test_after_its_last_day_of_sale_a_card_is_not_sold(desk: DeskStage) -> None:
    card = await desk.card()
    desk.stage.clock.now = datetime(2027, 12, 31, 22, 59, tzinfo=UTC)
    assert (await desk.look_up(card.activation)).status_code == 200
    desk.stage.clock.now = datetime(2027, 12, 31, 23, 0, tzinfo=UTC)
    for refused in (await desk.look_up(card.activation), await desk.sell(card.activation)):
        assert (refused.status_code, code_of(refused)) == (409, "stock.too_late")
        assert "31.12.2027" in refused.json()["detail"]


async def test_a_double_click_sells_once(desk: DeskStage) -> None:
    card = await desk.card()
    sale_id = fresh_id()
    answers = await asyncio.gather(*(desk.sell(card.activation, id=sale_id) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.text for answer in answers}) == 1
    new = fresh_id()
    answers = await asyncio.gather(*(desk.sell_new(10_00, id=new) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert await desk.stage.balance(desk.town, "cash") == -35_00
    await desk.stage.audit()


async def test_the_same_id_for_another_sale_is_refused(desk: DeskStage) -> None:
    card, other = await desk.cards(2)
    sale = await desk.sold(card)
    new = (await desk.sell_new(10_00)).json()
    mark = await desk.stage.moved()
    for refused in (
        await desk.sell(card.activation, "card", id=sale["id"]),
        await desk.sell(other.activation, id=sale["id"]),
        await desk.sell_new(25_00, id=sale["id"]),
        await desk.sell_new(11_00, id=new["id"]),
        await desk.sell(other.activation, id=new["id"]),
    ):
        assert (refused.status_code, code_of(refused)) == (409, "request.conflict")
    payment_id = await desk.stage.payment(desk.town, 25_00)
    assert code_of(await desk.sell(other.activation, id=payment_id)) == "request.conflict"
    assert (await desk.voucher(other))["state"] == "stock"
    assert (await desk.stage.moved())[3:5] == mark[3:5]


async def test_two_clerks_who_scan_the_same_card_at_once_sell_it_once(desk: DeskStage) -> None:
    """Real requests, real commits: one sale, one payment, and nothing of the others."""
    cards = await desk.cards(4)
    for card in cards:
        answers = await asyncio.gather(*(desk.sell(card.activation) for _ in range(8)))
        assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
        assert {code_of(answer) for answer in answers if answer.status_code == 409} == {
            "voucher.sold"
        }
    assert await desk.stage.balance(desk.town, "cash", desk.point_id) == -100_00
    assert (await desk.stock())["in_stock_count"] == 0
    await desk.stage.audit()


async def test_a_card_that_moved_to_another_desk_is_sold_there_alone(desk: DeskStage) -> None:
    """Two desks scan one card at the same moment; it belongs to one of them."""
    other = await new_desk(desk.stage, desk.town, "Touristinfo")
    card = await desk.card()
    moved = await other.assign(card.serial, card.serial)
    assert moved.json()["in_stock_count"] == 1
    here, there = await asyncio.gather(desk.sell(card.activation), other.sell(card.activation))
    assert (here.status_code, code_of(here)) == (409, "stock.other_point")
    assert "Touristinfo" in here.json()["detail"]
    assert there.status_code == 201
    assert (await desk.stock())["ranges"][0]["moved_count"] == 1
    assert (await other.stock())["ranges"][0]["sold_count"] == 1
    await desk.stage.audit()


async def test_a_card_that_no_desk_has_is_not_sold(desk: DeskStage) -> None:
    [card] = await desk.printed(await desk.order())
    refused = await desk.sell(card.activation)
    assert (refused.status_code, code_of(refused)) == (409, "stock.unassigned")


async def test_another_town_knows_nothing_of_a_card(desk: DeskStage) -> None:
    card = await desk.card()
    abroad = await new_desk(desk.stage, desk.stage.schneeberg)
    for refused in (await abroad.look_up(card.activation), await abroad.sell(card.activation)):
        assert (refused.status_code, code_of(refused)) == (404, "activation.unknown")
    body = {"id": fresh_id(), "method": "cash", "activation": card.activation}
    path = desk.stage.schneeberg.path(f"issuing-points/{desk.point_id}/sales")
    assert code_of(await desk.stage.api.post(path, body)) == "issuing_point.unknown"


async def test_a_sold_card_is_not_sold_again(desk: DeskStage) -> None:
    card = await desk.card()
    await desk.sold(card)
    for refused in (await desk.look_up(card.activation), await desk.sell(card.activation)):
        assert (refused.status_code, code_of(refused)) == (409, "voucher.sold")
        assert "05.12.2026" in refused.json()["detail"]
    await desk.stage.replace(card)
    assert code_of(await desk.sell(card.activation)) == "voucher.sold"


async def test_a_card_blocked_in_stock_is_not_sold_and_comes_back_with_a_second_person(
    desk: DeskStage,
) -> None:
    card = await desk.card()
    await desk.stage.block(card)
    assert code_of(await desk.sell(card.activation)) == "voucher.blocked"
    terms = {"kind": "unblock", "voucher_id": card.id}
    await desk.stage.api.approved(desk.town.id, terms)
    assert (await desk.voucher(card))["state"] == "stock"
    await desk.stage.audit()
    await desk.sold(card)
    await desk.stage.redeemed(card, 25_00)
    await desk.stage.audit()


TYPED: list[tuple[str, str]] = [
    ("ABCD", "code.typo"),
    ("0000-0000-0000-0000-1", "code.typo"),
    ("0000-0000-0000-0000-0", "activation.unknown"),
]


@pytest.mark.parametrize(("typed", "code"), TYPED)
async def test_a_wrong_activation_code_is_told_apart(
    desk: DeskStage, typed: str, code: str
) -> None:
    assert code_of(await desk.look_up(typed)) == code
    assert code_of(await desk.sell(typed)) == code


async def test_the_code_to_redeem_with_activates_nothing(desk: DeskStage) -> None:
    card = await desk.card()
    for shown in (card.code, card.token, card.token.lower(), card.token.rpartition("/")[2]):
        refused = await desk.sell(shown)
        assert (refused.status_code, code_of(refused)) == (422, "activation.other_code"), shown
    refused = await desk.stage.redeem(desk.stage.sold(card, 1_00), token=None, code=card.activation)
    assert code_of(refused) == "voucher.unknown"


async def test_a_scanned_or_typed_code_may_be_written_in_any_way(desk: DeskStage) -> None:
    card = await desk.card()
    plain = card.activation.replace("-", "")
    for written in (plain, plain.lower(), f" {card.activation.replace('-', ' ')} "):
        seen = await desk.look_up(written.strip())
        assert seen.json()["voucher_id"] == card.id, written


async def test_a_programme_the_town_pays_for_is_not_sold(desk: DeskStage) -> None:
    gift: Any = await desk.stage.api.new_programme(
        {"id": desk.town.id}, name="Geschenk", payer="town", validity="days", validity_count=30
    )
    refused = await desk.sell_new(10_00, programme_id=gift["id"])
    assert (refused.status_code, code_of(refused)) == (422, "payment.method")
    assert await desk.stage.balance(desk.town, "cash") == 0


async def test_either_a_card_or_a_programme_is_sold(desk: DeskStage) -> None:
    card = await desk.card()
    both = await desk.sell(card.activation, programme_id=desk.town.programme_id)
    neither = await desk.stage.api.post(desk.path("sales"), {"method": "cash"})
    for refused in (both, neither):
        assert (refused.status_code, code_of(refused)) == (422, "request.invalid")
    no_value = {"method": "cash", "programme_id": desk.town.programme_id}
    refused = await desk.stage.api.post(desk.path("sales"), no_value)
    assert code_of(refused) == "request.invalid"
