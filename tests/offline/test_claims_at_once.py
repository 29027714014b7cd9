"""Claims arrive at several workers at once, beside sales and reversals of the same vouchers."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from api_fixtures import app_on, code_of, started
from claim_stage import Outage
from stage import Stage


@pytest.fixture
async def other_worker(stage: Stage, outage: Outage) -> AsyncIterator[Outage]:
    """The same device, speaking to another worker with an engine of its own."""
    app = app_on(stage.database_url, stage.clock)
    async with started(app) as client:
        till = replace(outage.till, client=client)
        yield Outage(stage, till, outage.place, outage.claims)


async def decided(workers: list[Outage], claim: dict[str, Any]) -> dict[str, Any]:
    """Send a claim to any worker until it is answered, as a till does."""
    while True:
        answer = await random.choice(workers).send(claim)
        if answer.status_code == 200:
            return dict(answer.json())
        assert code_of(answer) == "service.busy", answer.text
        await asyncio.sleep(0.05)


async def twice(workers: list[Outage], claim: dict[str, Any]) -> list[httpx.Response]:
    return await asyncio.gather(*(worker.send(claim) for worker in workers))


@pytest.mark.slow
async def test_each_claim_ends_one_way_whoever_takes_it(
    outage: Outage, other_worker: Outage
) -> None:
    stage, workers = outage.stage, [outage, other_worker]
    await outage.set_terms_before(voucher_cents=100_00, device_cents=1_000_00)
    vouchers = await stage.vouchers(stage.zwoenitz, 10_00, 4)
    spent = [await stage.redeemed(voucher, 4_00) for voucher in vouchers]
    claims = [outage.claim(each, 3_00) for each in vouchers for _ in range(3)]
    answers, sales, reversals = await asyncio.gather(
        asyncio.gather(*(twice(workers, claim) for claim in claims)),
        asyncio.gather(*(stage.redeem(stage.sold(each, 2_00)) for each in vouchers)),
        asyncio.gather(*(stage.reverse(each) for each in spent)),
    )
    said = {
        answer.json()["id"]: answer.json()["outcome"]
        for both in answers
        for answer in both
        if answer.status_code == 200
    }
    assert {answer.status_code for both in answers for answer in both} <= {200, 503}
    assert all(answer.status_code == 200 for answer in reversals)
    stage.clock.now += timedelta(seconds=61)  # of attempts that were broken off, none is left
    ended = [await decided(workers, claim) for claim in claims]
    assert all(said.get(done["id"], done["outcome"]) == done["outcome"] for done in ended)
    for voucher in vouchers:
        taken = sum(
            3_00
            for claim, done in zip(claims, ended, strict=True)
            if claim["token"] == voucher.token and done["outcome"] == "accepted"
        )
        sold = sum(
            2_00
            for each, answer in zip(vouchers, sales, strict=True)
            if each is voucher and answer.status_code == 200
        )
        assert await stage.left(voucher) == 10_00 - taken - sold
    kept = dict(await outage.kept())
    assert kept == {done["id"]: done["outcome"] for done in ended}
    await stage.audit()


@pytest.mark.slow
async def test_the_same_claim_at_two_workers_is_booked_once(
    outage: Outage, other_worker: Outage
) -> None:
    stage, workers = outage.stage, [outage, other_worker]
    for voucher in await stage.vouchers(stage.zwoenitz, 10_00, 5):
        claim = outage.claim(voucher, 4_00)
        answers = await asyncio.gather(*(each.send(claim) for each in workers for _ in range(3)))
        done = await decided(workers, claim)
        assert done["outcome"] == "accepted"
        assert all(each.json() == done for each in answers if each.status_code == 200)
        assert await stage.left(voucher) == 6_00
    await stage.audit()
