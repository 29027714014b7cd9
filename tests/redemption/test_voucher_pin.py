"""A voucher with a PIN is redeemed with it, and by nobody who has to guess."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from api_fixtures import code_of, fresh_id
from everybody import Everybody
from pin_stage import Pinned, pinned
from stage import Stage

from gutschein.limits.rules import VOUCHER_PIN, VOUCHER_PIN_DAY, VOUCHER_PIN_TRIED

PATH = "/api/v1/redemptions"


async def guess(stage: Stage, voucher: Pinned, tries: int) -> list[tuple[str, int | None]]:
    """Send a wrong PIN so often; return what is said, and how many tries are left."""
    said = []
    for _ in range(tries):
        answer = await stage.redeem(voucher.sold(stage, 1_00, pin=voucher.wrong))
        said.append((code_of(answer), answer.json().get("left")))
    return said


async def test_it_is_redeemed_with_its_pin(stage: Stage) -> None:
    voucher = await pinned(stage)
    done = await stage.redeem(voucher.sold(stage, 30_00))
    assert done.json()["balance_after_cents"] == 70_00
    typed = {"token": None, "code": voucher.paper.code}
    assert (await stage.redeem(voucher.sold(stage, 70_00) | typed)).status_code == 200
    await stage.audit()


async def test_without_the_pin_or_with_a_wrong_one_nothing_moves(stage: Stage) -> None:
    voucher = await pinned(stage)
    before = await stage.moved()
    missing = await stage.redeem(stage.sold(voucher.paper, 10_00))
    assert (missing.status_code, code_of(missing)) == (403, "voucher.pin")
    assert missing.json()["left"] == 5  # nobody has guessed
    wrong = await stage.redeem(voucher.sold(stage, 10_00, pin=voucher.wrong))
    assert (wrong.status_code, code_of(wrong)) == (403, "voucher.pin")
    assert wrong.json()["detail"] == "PIN falsch. Noch 4 Versuche."
    assert await stage.moved() == before
    assert (await stage.redeem(voucher.sold(stage, 10_00))).status_code == 200


async def test_what_is_no_pin_is_not_taken_for_a_try(stage: Stage) -> None:
    voucher = await pinned(stage)
    for pin in ("", "12345", "1234567", "12345a", "123 456", "123456\n", "١٢٣٤٥٦", 123456):
        answer = await stage.redeem(voucher.sold(stage, 10_00, pin=pin))
        assert code_of(answer) == "request.invalid"
    assert await guess(stage, voucher, 1) == [("voucher.pin", 4)]


async def test_a_voucher_without_one_takes_no_notice_of_a_pin(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    for _ in range(VOUCHER_PIN_TRIED.burst + 1):
        answer = await stage.redeem(stage.sold(voucher, 1_00) | {"pin": "482913"})
        assert answer.status_code == 200


async def test_what_cannot_be_spent_says_so_and_costs_no_try(stage: Stage) -> None:
    voucher = await pinned(stage)
    over = voucher.sold(stage, 100_01, pin=voucher.wrong)
    assert code_of(await stage.redeem(over)) == "voucher.insufficient"
    await stage.block(voucher.paper)
    blocked = voucher.sold(stage, 10_00, pin=voucher.wrong)
    assert code_of(await stage.redeem(blocked)) == "voucher.blocked"


async def test_a_repetition_is_answered_as_before_whatever_pin_it_brings(stage: Stage) -> None:
    voucher = await pinned(stage)
    body = voucher.sold(stage, 10_00)
    done = await stage.redeem(body)
    await guess(stage, voucher, VOUCHER_PIN.burst)
    for pin in (voucher.pin, voucher.wrong, None):
        again = await stage.redeem(body | {"pin": pin})
        assert (again.status_code, again.json()) == (200, done.json())
    assert await stage.left(voucher.paper) == 90_00


async def test_after_five_wrong_ones_the_right_one_waits_too(stage: Stage) -> None:
    voucher, other = await pinned(stage), await pinned(stage)
    said = await guess(stage, voucher, 6)
    assert said == [*(("voucher.pin", left) for left in (4, 3, 2, 1, 0)), ("limit.rate", None)]
    refused = await stage.redeem(voucher.sold(stage, 10_00))
    assert (refused.status_code, code_of(refused)) == (429, "limit.rate")
    assert refused.json()["seconds"] == 180
    assert refused.headers["retry-after"] == "180"
    missing = await stage.redeem(stage.sold(voucher.paper, 10_00))
    assert code_of(missing) == "limit.rate"
    assert (await stage.redeem(other.sold(stage, 10_00))).status_code == 200
    stage.clock.now += timedelta(seconds=180)
    assert (await stage.redeem(voucher.sold(stage, 10_00))).status_code == 200


async def test_all_tills_and_both_ways_to_show_it_count_together(stage: Stage) -> None:
    voucher = await pinned(stage)
    typed = {"token": None, "code": voucher.paper.code.lower()}
    for shop in (stage.zwoenitz.shop, stage.schneeberg.shop):
        for shown in ({}, typed):
            body = voucher.sold(stage, 1_00, shop, pin=voucher.wrong) | shown
            assert code_of(await stage.redeem(body)) == "voucher.pin"
    assert await guess(stage, voucher, 2) == [("voucher.pin", 0), ("limit.rate", None)]


async def test_whoever_goes_on_guessing_has_one_try_in_48_minutes(stage: Stage) -> None:
    voucher = await pinned(stage)
    wrong = 0
    for _ in range(VOUCHER_PIN_DAY.burst + 5):
        [(code, _)] = await guess(stage, voucher, 1)
        wrong += code == "voucher.pin"
        stage.clock.now += timedelta(seconds=180)
    assert wrong == VOUCHER_PIN_DAY.burst + 2  # 105 minutes have passed


async def test_many_guesses_at_once_are_no_way_around(stage: Stage) -> None:
    voucher = await pinned(stage)
    guesses = [f"{number:06}" for number in range(100_000, 100_060) if f"{number}" != voucher.pin]
    bodies = [voucher.sold(stage, 1_00, pin=pin) for pin in guesses]
    answers = await asyncio.gather(*(stage.redeem(body) for body in bodies))
    codes = [code_of(answer) for answer in answers]
    assert set(codes) == {"voucher.pin", "limit.rate"}
    assert codes.count("voucher.pin") <= VOUCHER_PIN_TRIED.burst
    assert code_of(await stage.redeem(voucher.sold(stage, 1_00))) == "limit.rate"
    assert await stage.left(voucher.paper) == 100_00


async def test_a_sale_says_which_voucher_it_is_about_and_takes_nothing(stage: Stage) -> None:
    plain, voucher, second = (
        await stage.voucher(stage.zwoenitz),
        await pinned(stage),
        await pinned(stage),
    )
    items: list[dict[str, Any]] = [
        {"id": fresh_id(), "amount_cents": 10_00} | plain.shown,
        {"id": fresh_id(), "amount_cents": 10_00, "pin": voucher.pin} | voucher.paper.shown,
        {"id": fresh_id(), "amount_cents": 10_00, "pin": second.wrong} | second.paper.shown,
    ]
    sale = {"id": fresh_id(), "items": items} | stage.zwoenitz.shop.fields
    before = await stage.moved()
    refused = await stage.api.post("/api/v1/sales", sale)
    assert (code_of(refused), refused.json()["item"]) == ("voucher.pin", 2)
    assert refused.json()["left"] == 4
    assert await stage.moved() == before
    items[2]["pin"] = second.pin
    assert (await stage.api.post("/api/v1/sales", sale)).json()["total_cents"] == 30_00
    await guess(stage, second, 5)
    items = [each | {"id": fresh_id()} for each in items]
    blocked = sale | {"id": fresh_id(), "items": items}
    answer = await stage.api.post("/api/v1/sales", blocked)
    assert (code_of(answer), answer.json()["item"]) == ("limit.rate", 2)
    del items[2]["pin"]
    answer = await stage.api.post("/api/v1/sales", blocked)
    assert (code_of(answer), answer.json()["item"]) == ("limit.rate", 2)


async def test_each_of_many_in_one_call_has_its_own_pin(stage: Stage) -> None:
    one, two = await pinned(stage), await pinned(stage)
    items = [
        one.sold(stage, 10_00),
        two.sold(stage, 10_00, pin=two.wrong),
        stage.sold(one.paper, 10_00),
    ]
    answer = await stage.api.post(f"{PATH}/batch", {"items": items})
    results = [each.get("problem", {}) for each in answer.json()["results"]]
    assert [(each.get("code"), each.get("left")) for each in results] == [
        (None, None),
        ("voucher.pin", 4),
        ("voucher.pin", 5),
    ]


async def test_it_is_checked_by_the_town_that_issued_it(stage: Stage) -> None:
    """In another town's shop, and where a typed code may be of either town."""
    voucher = await pinned(stage, stage.schneeberg)
    shop = stage.zwoenitz.shop
    assert (await stage.redeem(voucher.sold(stage, 10_00, shop))).status_code == 200
    typed = {"token": None, "code": voucher.paper.code}
    wrong = voucher.sold(stage, 10_00, shop, pin=voucher.wrong) | typed
    assert code_of(await stage.redeem(wrong)) == "voucher.pin"
    assert (await stage.redeem(voucher.sold(stage, 10_00, shop) | typed)).status_code == 200
    await stage.audit()


async def test_a_reversal_needs_no_pin(stage: Stage) -> None:
    voucher = await pinned(stage)
    done = (await stage.redeem(voucher.sold(stage, 10_00))).json()
    assert (await stage.reverse(done)).status_code == 200
    assert await stage.left(voucher.paper) == 100_00


async def test_a_till_is_told_that_it_has_to_ask(stage: Stage) -> None:
    voucher, plain = await pinned(stage), await stage.voucher(stage.zwoenitz)
    for paper, needs_pin in ((voucher.paper, True), (plain, False)):
        for text in (paper.token.rpartition("/")[2], paper.code):
            told = (await stage.api.get(f"/api/v1/vouchers/{text}")).json()
            assert told["needs_pin"] is needs_pin


@pytest.mark.parametrize("case", ["right", "wrong", "missing", "repeated", "none left"])
async def test_the_short_way_and_the_long_one_answer_alike(
    stage: Stage, anonymous: httpx.AsyncClient, everybody: Everybody, case: str
) -> None:
    """As a cash register with an API key sends it; a query makes the request go the long way."""
    shop = stage.zwoenitz.shop
    key = await everybody.key_of((UUID(shop.town_id), UUID(shop.merchant_id)))
    told = []
    for path in (PATH, f"{PATH}?x="):
        voucher = await pinned(stage)
        body = voucher.sold(stage, 10_00)
        if case == "none left":
            await guess(stage, voucher, VOUCHER_PIN.burst)
        if case == "repeated":
            assert (await stage.redeem(body)).status_code == 200
        if case in {"wrong", "repeated"}:
            body["pin"] = voucher.wrong
        if case == "missing":
            del body["pin"]
        headers = {"authorization": f"Bearer {key}"}
        answer = await anonymous.post(path, headers=headers, auth=httpx.Auth(), json=body)
        known = {"id", "voucher_id", "redeemed_at", "trace_id", "instance", "request_id"}
        said = {name: value for name, value in answer.json().items() if name not in known}
        told.append((answer.status_code, said, answer.headers["content-type"]))
    assert told[0] == told[1]
    assert (told[0][0] == 200) == (case in {"right", "repeated"})


async def test_no_pin_is_ever_logged(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        voucher = await pinned(stage)
        await guess(stage, voucher, 6)
        await stage.redeem(voucher.sold(stage, 10_00, pin=voucher.pin + "x"))
        await stage.redeem(voucher.sold(stage, 10_00))
    assert "limit voucher_pin reached" in caplog.text
    assert voucher.pin not in caplog.text
    assert voucher.wrong not in caplog.text
