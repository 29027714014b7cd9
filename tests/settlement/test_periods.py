"""Periods are closed once, one after the other, and approved once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from api_fixtures import code_of, fresh_id
from stage import Stage, Town


async def close(stage: Stage, town: Town, begin: str, end: str, **changes: Any) -> Any:
    body = {"id": fresh_id(), "period_from": begin, "period_to": end} | changes
    return await stage.api.post(town.path("settlements"), body)


async def test_overlaps_gaps_and_the_future_are_refused(stage: Stage) -> None:
    town = stage.zwoenitz
    await stage.redeemed(await stage.voucher(town), 50_00)
    for begin, end in (
        ("2026-12-06", "2026-12-05"),
        ("2026-12-01", "2026-12-06"),
        ("9999-12-31", "9999-12-31"),
    ):
        refused = await close(stage, town, begin, end)
        assert (refused.status_code, code_of(refused)) == (422, "settlement.period_invalid")
    await stage.settle(town, "2026-11-01", "2026-11-30")
    mark = await stage.moved()
    for begin, end, code in (
        ("2026-11-01", "2026-11-30", "settlement.closed"),
        ("2026-11-30", "2026-12-05", "settlement.closed"),
        ("2026-10-01", "2026-10-31", "settlement.closed"),
        ("0001-01-01", "2026-12-05", "settlement.closed"),
        ("2026-12-02", "2026-12-05", "settlement.gap"),
    ):
        refused = await close(stage, town, begin, end)
        assert (refused.status_code, code_of(refused)) == (409, code), (begin, end)
    assert refused.json()["date"] == "2026-12-01"
    assert refused.json()["detail"] == "Der nächste Zeitraum beginnt am 01.12.2026."
    assert await stage.moved() == mark


async def test_today_may_be_closed_but_not_tomorrow(stage: Stage) -> None:
    assert (await close(stage, stage.zwoenitz, "2026-12-05", "2026-12-05")).status_code == 201


async def test_the_settlement_before_must_be_approved_first(stage: Stage) -> None:
    town = stage.zwoenitz
    first = await stage.close(town, "2026-11-01", "2026-11-30")
    refused = await close(stage, town, "2026-12-01", "2026-12-05")
    assert (refused.status_code, code_of(refused)) == (409, "settlement.not_approved")
    await stage.approve(town, first)
    assert (await close(stage, town, "2026-12-01", "2026-12-05")).status_code == 201
    listed = (await stage.api.get(town.path("settlements"))).json()["settlements"]
    assert [(each["number"], each["state"]) for each in listed] == [
        (2, "closed"),
        (1, "approved"),
    ]


async def test_the_same_closing_again_finds_it(stage: Stage) -> None:
    town = stage.zwoenitz
    await stage.redeemed(await stage.voucher(town), 50_00)
    id_ = fresh_id()
    answers = await asyncio.gather(
        *(close(stage, town, "2026-12-01", "2026-12-05", id=id_) for _ in range(8))
    )
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.text for answer in answers}) == 1
    other = await close(stage, town, "2026-12-02", "2026-12-05", id=id_)
    assert (other.status_code, code_of(other)) == (409, "request.conflict")
    found = await stage.api.get(answers[0].headers["location"])
    assert found.text == answers[0].text
    await stage.audit()


async def test_two_closings_at_once_are_one(stage: Stage) -> None:
    town = stage.zwoenitz
    await stage.redeemed(await stage.voucher(town), 50_00)
    answers = await asyncio.gather(
        *(close(stage, town, "2026-12-01", "2026-12-05") for _ in range(8))
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    assert {code_of(each) for each in answers if each.is_error} == {"settlement.closed"}
    await stage.audit()


async def test_approving_again_and_at_once_books_once(stage: Stage) -> None:
    town, api = stage.zwoenitz, stage.api
    await stage.redeemed(await stage.voucher(town), 50_00)
    closed = await stage.close(town, "2026-12-01", "2026-12-05")
    body = {
        "reason": "Geprüft",
        "terms": {"kind": "settlement", "settlement_id": closed["id"]},
    }
    request = await api.made(town.path("approvals"), body)
    path, word = town.path(f"approvals/{request['id']}/approval"), request["fingerprint"]
    answers = await asyncio.gather(*(api.post(path, {"fingerprint": word}) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
    assert {code_of(each) for each in answers if each.is_error} == {"approval.decided"}
    stage.clock.now += timedelta(days=1)
    again = await api.post(town.path("approvals"), body)
    assert (again.status_code, code_of(again)) == (409, "settlement.state")
    assert await stage.balance(town, "payout_in_transit") == 48_21
    await stage.audit()


async def test_towns_settle_on_their_own(stage: Stage) -> None:
    await stage.redeemed(await stage.voucher(stage.zwoenitz), 50_00)
    settlement = await stage.settle(stage.zwoenitz, "2026-12-01", "2026-12-05")
    other = stage.schneeberg
    assert (await stage.api.get(other.path("settlements"))).json() == {"settlements": []}
    path = f"settlements/{settlement['id']}"
    for answer in (
        await stage.api.get(other.path(path)),
        await stage.api.get(other.path(f"{path}/payout-file")),
        await stage.api.post(other.path(f"{path}/payouts/confirmation")),
    ):
        assert (answer.status_code, code_of(answer)) == (404, "settlement.unknown")
    assert (await close(stage, other, "2026-12-01", "2026-12-05")).json()["number"] == 1


async def test_days_that_are_none_are_refused(stage: Stage) -> None:
    town, mark = stage.zwoenitz, await stage.moved()
    for bad in ("2026-02-30", "2026-12-01T00:00:00Z", "1.12.2026", "", 20261201, None, True):
        for name in ("period_from", "period_to"):
            body = {"period_from": "2026-12-01", "period_to": "2026-12-05"} | {name: bad}
            refused = await stage.api.post(town.path("settlements"), body)
            assert (refused.status_code, code_of(refused)) == (422, "request.invalid"), bad
    unknown = {"id": fresh_id(), "period_from": "2026-12-01", "period_to": "2026-12-05"}
    refused = await stage.api.post(f"/api/v1/towns/{fresh_id()}/settlements", unknown)
    assert (refused.status_code, code_of(refused)) == (403, "right.missing")
    assert await stage.moved() == mark
