"""The cash is counted, compared with the books, and what is missing stays in sight."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from api_fixtures import code_of, fresh_id
from desk_stage import DeskStage, new_desk


async def test_a_day_that_adds_up(desk: DeskStage) -> None:
    card, other = await desk.cards(2)
    await desk.sold(card)
    await desk.sold(other, "card")
    await desk.sell_new(40_00)
    closing = await desk.closed(65_00, banked_cents=50_00)
    assert (closing["number"], closing["closed_on"]) == (1, "2026-12-05")
    assert (closing["cash_taken_cents"], closing["card_taken_cents"]) == (65_00, 25_00)
    assert (closing["expected_cents"], closing["difference_cents"]) == (65_00, 0)
    assert (closing["reason"], closing["closed_by_name"]) == (None, "Anna Amtmann")
    assert await desk.stage.balance(desk.town, "cash", desk.point_id) == -15_00
    assert await desk.stage.balance(desk.town, "trust_bank") == -50_00
    await desk.stage.audit()


async def test_the_next_day_begins_with_what_was_left(desk: DeskStage) -> None:
    await desk.sell_new(40_00)
    await desk.closed(40_00, banked_cents=30_00)
    desk.stage.clock.now = datetime(2026, 12, 6, 16, 0, tzinfo=UTC)
    await desk.sell_new(20_00)
    await desk.sell_new(15_00, "card")
    second = await desk.closed(30_00)
    assert (second["number"], second["carried_in_cents"]) == (2, 10_00)
    assert (second["cash_taken_cents"], second["card_taken_cents"]) == (20_00, 15_00)
    third = await desk.closed(30_00)
    assert (third["cash_taken_cents"], third["card_taken_cents"]) == (0, 0)
    listed = (await desk.stage.api.get(desk.path("closings"))).json()["closings"]
    assert [each["number"] for each in listed] == [3, 2, 1]
    assert (await desk.stage.api.get(desk.path(f"closings/{third['id']}"))).json() == third
    await desk.stage.audit()


async def test_a_difference_wants_a_reason_and_is_not_booked_away(desk: DeskStage) -> None:
    await desk.sell_new(40_00)
    mark = await desk.stage.moved()
    refused = await desk.close(39_50)
    assert (refused.status_code, code_of(refused)) == (422, "closing.difference")
    assert "-0,50 €" in refused.json()["detail"]
    assert await desk.stage.moved() == mark
    closing = await desk.closed(39_50, reason="Wechselgeldfehler")
    assert (closing["expected_cents"], closing["difference_cents"]) == (40_00, -50)
    assert await desk.stage.balance(desk.town, "cash", desk.point_id) == -40_00
    again = await desk.close(39_50)
    assert code_of(again) == "closing.difference"  # it stays in sight
    found = await desk.closed(40_00, reason=None)
    assert found["difference_cents"] == 0
    await desk.stage.audit()


async def test_a_surplus_may_go_to_the_bank_and_is_missed_from_then_on(desk: DeskStage) -> None:
    await desk.sell_new(40_00)
    await desk.closed(41_00, banked_cents=41_00, reason="Ein Euro zu viel")
    nothing = await desk.closed(0, reason="Der Euro von gestern liegt bei der Bank")
    assert (nothing["expected_cents"], nothing["difference_cents"]) == (-1_00, 1_00)
    await desk.stage.audit()


async def test_no_more_goes_to_the_bank_than_was_counted(desk: DeskStage) -> None:
    await desk.sell_new(40_00)
    refused = await desk.close(40_00, banked_cents=40_01)
    assert (refused.status_code, code_of(refused)) == (422, "closing.banked")


async def test_a_closing_sent_again_is_the_same(desk: DeskStage) -> None:
    await desk.sell_new(40_00)
    closing_id = fresh_id()
    many = [desk.close(40_00, id=closing_id, banked_cents=30_00) for _ in range(6)]
    answers = await asyncio.gather(*many)
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    assert len({answer.text for answer in answers}) == 1
    for change in ({"counted_cents": 39_00}, {"banked_cents": 0}, {"reason": "Anders"}):
        body: dict[str, Any] = {"id": closing_id, "counted_cents": 40_00, "banked_cents": 30_00}
        other = await desk.stage.api.post(desk.path("closings"), body | change)
        assert (other.status_code, code_of(other)) == (409, "request.conflict"), change
    assert await desk.stage.balance(desk.town, "trust_bank") == -30_00


async def test_who_sells_while_the_cash_is_counted_is_in_one_closing_or_the_next(
    desk: DeskStage,
) -> None:
    """Real requests at once: whatever the order, each sale is told of exactly once."""
    sales = [desk.sell_new(10_00, method) for method in ("cash", "card") * 6]
    counts = [desk.close(0, reason="Zwischenstand") for _ in range(4)]
    payments = [
        desk.stage.payment(desk.town, 5_00, method="cash", issuing_point_id=desk.point_id)
        for _ in range(4)
    ]
    answers = await asyncio.gather(*sales, *counts, *payments)
    assert {answer.status_code for answer in answers[:16]} == {201}
    await desk.closed(80_00)
    closings = (await desk.stage.api.get(desk.path("closings"))).json()["closings"]
    assert sum(each["cash_taken_cents"] for each in closings) == 80_00
    assert sum(each["card_taken_cents"] for each in closings) == 60_00
    await desk.stage.audit()


async def test_each_desk_has_a_till_of_its_own(desk: DeskStage) -> None:
    other = await new_desk(desk.stage, desk.town, "Touristinfo")
    await desk.sell_new(40_00)
    await other.sell_new(15_00)
    assert (await other.closed(15_00))["number"] == 1
    closing = await desk.closed(40_00)
    assert (closing["number"], closing["expected_cents"]) == (1, 40_00)
    elsewhere = await desk.stage.api.get(other.path(f"closings/{closing['id']}"))
    assert (elsewhere.status_code, code_of(elsewhere)) == (404, "closing.unknown")


async def test_the_day_of_a_closing_is_the_germans_day(desk: DeskStage) -> None:
    desk.stage.clock.now = datetime(2026, 12, 5, 23, 30, tzinfo=UTC)
    assert (await desk.closed(0))["closed_on"] == "2026-12-06"
