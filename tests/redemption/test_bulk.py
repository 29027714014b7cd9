"""Up to 1,000 redemptions in one call, a result each, in JSON and in CBOR."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import cbor2
import httpx
import pytest
from api_fixtures import code_of, fresh_id
from sqlalchemy import text
from stage import Stage

PATH = "/api/v1/redemptions/batch"


async def send(stage: Stage, *items: dict[str, Any]) -> httpx.Response:
    return await stage.api.post(PATH, {"items": list(items)})


async def results(stage: Stage, *items: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await send(stage, *items)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["results"])


async def test_each_item_has_the_answer_it_would_have_had_alone(stage: Stage) -> None:
    town, other = stage.zwoenitz, stage.schneeberg
    good, empty, blocked, theirs = [
        *(await stage.vouchers(town, 50_00, 3)),
        await stage.voucher(other),
    ]
    await stage.redeemed(empty, 50_00)
    await stage.block(blocked)
    sent = [
        stage.sold(good, 20_00),
        stage.sold(empty, 1_00),
        stage.sold(blocked, 1_00),
        stage.sold(theirs, 30_00, town.shop),
        stage.sold(good, 30_01),
        stage.sold(good, 30_00),
        stage.sold(good, 1_00) | {"token": "no token"},
        stage.sold(good, 1_00) | other.shop.fields,
    ]
    answers = await results(stage, *sent)
    assert [each["id"] for each in answers] == [each["id"] for each in sent]
    assert [
        each["problem"]["code"] if "problem" in each else each["redemption"]["amount_cents"]
        for each in answers
    ] == [
        20_00,
        "voucher.empty",
        "voucher.blocked",
        30_00,
        "voucher.insufficient",
        30_00,
        "token.unreadable",
        "right.missing",
    ]
    assert answers[4]["problem"]["balance_cents"] == 30_00
    assert await stage.left(good) == 0
    await stage.audit()


async def test_sent_again_it_answers_the_same_and_tries_what_was_refused(stage: Stage) -> None:
    first, second = await stage.vouchers(stage.zwoenitz, 50_00, 2)
    await stage.block(second)
    sent = [stage.sold(first, 20_00), stage.sold(second, 10_00)]
    [done, refused] = await results(stage, *sent)
    assert refused["problem"]["code"] == "voucher.blocked"
    mark = await stage.moved()
    assert await results(stage, *sent) == [done, refused]
    assert await stage.moved() == mark
    alone = await stage.redeem(sent[0])
    assert alone.json() == done["redemption"]


async def test_a_thousand_and_not_one_more(stage: Stage) -> None:
    vouchers = await stage.vouchers(stage.zwoenitz, 50_00, 100)
    sent = [stage.sold(voucher, 5_00) for voucher in vouchers for _ in range(10)]
    answers = await results(stage, *sent)
    assert sum(each["redemption"]["amount_cents"] for each in answers) == 5_000_00
    assert len(answers) == 1_000
    assert code_of(await send(stage, *sent, sent[0] | {"id": fresh_id()})) == "request.invalid"
    assert code_of(await send(stage)) == "request.invalid"
    assert code_of(await send(stage, sent[0], sent[0])) == "request.invalid"
    await stage.audit()


async def test_in_cbor_with_ids_as_text_or_as_bytes(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    as_text, as_bytes = stage.sold(voucher, 20_00), stage.sold(voucher, 10_00)
    for name in ("id", "town_id", "merchant_id", "branch_id"):
        as_bytes[name] = UUID(str(as_bytes[name]))
    kind = {"content-type": "application/cbor", "accept": "application/cbor"}
    answer = await stage.api.client.post(
        PATH, content=cbor2.dumps({"items": [as_text, as_bytes]}), headers=kind
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/cbor"
    done = cbor2.loads(answer.content)["results"]
    assert [each["redemption"]["balance_after_cents"] for each in done] == [30_00, 20_00]
    for content in (b"", b"\xff", b"\x81" * 5_000, cbor2.dumps([1]), cbor2.dumps({"items": 1})):
        bad = await stage.api.client.post(PATH, content=content, headers=kind)
        assert code_of(bad) in {"request.malformed", "request.invalid"}, content
    alone = await stage.api.client.post(
        "/api/v1/redemptions", content=cbor2.dumps(as_text), headers=kind
    )
    assert code_of(alone) == "request.malformed"  # where it is not taken, it is bad JSON


async def test_what_the_database_could_not_do_is_told_busy_and_noted_once(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    held, free = await stage.vouchers(stage.zwoenitz, 50_00, 2)
    sent = [stage.sold(held, 1_00), stage.sold(held, 2_00), stage.sold(free, 3_00)]
    async with stage.database.unit_of_work() as work:
        await work.execute(
            text("SELECT FROM ledger_account WHERE id = :id FOR UPDATE"), {"id": held.id}
        )
        first, second, third = await results(stage, *sent)
    assert [each["problem"]["code"] for each in (first, second)] == ["service.busy"] * 2
    assert third["redemption"]["balance_after_cents"] == 47_00
    assert [PATH in line for line in caplog.messages if "out of reach" in line] == [True]
    assert all("redemption" in each for each in await results(stage, *sent))
    await stage.audit()
