"""Whoever issues a hundred thousand vouchers can see how far it is, from another request."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from api_fixtures import code_of, fresh_id
from stage import Stage

from gutschein.db.access import Access
from gutschein.db.engine import create_engine
from gutschein.db.unit_of_work import Database
from gutschein.kernel.ids import BatchId, TownId, new_id
from gutschein.vouchers import progress_repository
from gutschein.vouchers.progress import SILENCE, Run, reported

TOTAL = 40_000
SHORT = 0.01


def run_in(stage: Stage) -> Run:
    town_id = TownId(UUID(stage.zwoenitz.id))
    return Run(town_id, BatchId(new_id()), "issue", TOTAL, stage.clock.now)


def acting_for(stage: Stage) -> Database:
    return stage.database.acting(Access.town(TownId(UUID(stage.zwoenitz.id))))


async def seen(stage: Stage, batch_id: object) -> Any:
    response = await stage.api.get(stage.zwoenitz.path(f"batches/{batch_id}/progress"))
    return response.json() if response.is_success else code_of(response)


async def seen_soon(stage: Stage, run: Run) -> Any:
    """What is said as soon as anything is, and of no less than was reported last."""
    while True:
        said = await seen(stage, run.batch_id)
        if said != "batch.unknown" and said["runs"][0]["done_count"] == run.done_count:
            return said
        await asyncio.sleep(SHORT)


async def test_another_request_sees_a_large_batch_grow_and_no_voucher_of_it(stage: Stage) -> None:
    town = stage.zwoenitz
    order = await stage.order(town, 1_00, TOTAL)
    issuing = asyncio.create_task(stage.api.post(town.path("batches"), order))
    counts: list[int] = []
    while not issuing.done():
        said = await seen(stage, order["id"])
        if said != "batch.unknown" and not said["issued"]:
            [run] = said["runs"]
            assert (run["task"], run["total_count"], run["stopped"]) == ("issue", TOTAL, False)
            counts.append(run["done_count"])
            batch = await stage.api.get(town.path(f"batches/{order['id']}"))
            assert batch.status_code == 404 or (await seen(stage, order["id"]))["issued"]
        await asyncio.sleep(0.05)
    assert (await issuing).status_code == 201
    assert counts == sorted(counts)
    assert any(0 < count < TOTAL for count in counts)
    assert await seen(stage, order["id"]) == {"batch_id": order["id"], "issued": True, "runs": []}


async def test_a_batch_that_nobody_issues_is_unknown(stage: Stage) -> None:
    assert await seen(stage, fresh_id()) == "batch.unknown"
    batch = await stage.batch(stage.schneeberg, 1_00)
    assert await seen(stage, batch["id"]) == "batch.unknown"  # it is another town's


async def test_what_is_over_at_once_leaves_no_report(stage: Stage) -> None:
    batch = await stage.batch(stage.zwoenitz, 1_00)
    assert await seen(stage, batch["id"]) == {"batch_id": batch["id"], "issued": True, "runs": []}


async def test_a_run_is_told_of_until_it_ends_however_it_ends(stage: Stage) -> None:
    run = run_in(stage)

    async def broken_off() -> None:
        async with reported(acting_for(stage), run, interval_seconds=SHORT) as report:
            await asyncio.sleep(10 * SHORT)
            assert await seen(stage, run.batch_id) == "batch.unknown"  # it waits for its turn
            for done in (0, 5_000):
                report(done)
                [told] = (await seen_soon(stage, run))["runs"]
                assert (told["done_count"], told["total_count"]) == (done, TOTAL)
            raise ValueError("broken off")

    for _ in range(2):  # the same order may be given again
        run.done_count = None
        with pytest.raises(ValueError, match="broken off"):
            await broken_off()
        assert await seen(stage, run.batch_id) == "batch.unknown"


async def test_a_run_that_was_killed_is_called_stopped(stage: Stage) -> None:
    run = run_in(stage)
    left_behind = asdict(run) | {"done_count": 20_000, "reported_at": run.began_at}
    async with acting_for(stage).unit_of_work() as work:
        await progress_repository.save(work, left_behind)
    for passed, stopped in ((SILENCE, False), (SILENCE + timedelta(seconds=1), True)):
        stage.clock.now = run.began_at + passed
        said = await seen(stage, run.batch_id)
        assert (said["issued"], said["runs"][0]["stopped"]) == (False, stopped)


async def test_without_a_database_to_report_to_the_work_goes_on(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    engine = create_engine("postgresql://nobody@127.0.0.1:1/nothing", pool_size=1)
    with caplog.at_level(logging.WARNING, "gutschein.vouchers.progress"):
        async with reported(Database(engine), run_in(stage), interval_seconds=SHORT) as report:
            report(0)
            await asyncio.sleep(20 * SHORT)
    assert "was left out" in caplog.messages[0]
    await engine.dispose()
