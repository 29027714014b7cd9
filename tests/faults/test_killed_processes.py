"""``kill -9`` under load: a worker, their main process, the whole service, PostgreSQL."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable

import psutil
import pytest
from scene import Scene, rounds
from service import SECONDS_TO_RECOVER, WORKERS

pytestmark = pytest.mark.slow


async def test_a_worker_is_killed_and_another_takes_its_place(scene: Scene) -> None:
    """And when that one is killed at once, a third."""
    for dice in rounds():
        before = {*scene.service.workers()}
        async with scene.under_load(dice):
            kill(dice.choice([*before]))
            await scene.service.ready()
            [second] = {*scene.service.workers()} - before
            await asyncio.sleep(dice.random())
            kill(second)
            await scene.service.ready()
        after = {*scene.service.workers()}
        assert len(after) == WORKERS
        assert len(after - before - {second}) == 1


async def test_all_workers_are_killed(scene: Scene) -> None:
    for dice in rounds():
        before = scene.service.workers()
        async with scene.under_load(dice):
            kill(*before)
            await scene.service.ready()
        assert not {*before} & {*scene.service.workers()}


def kill(*processes: psutil.Process) -> None:
    for process in processes:
        process.kill()
    _, alive = psutil.wait_procs(processes, SECONDS_TO_RECOVER)
    assert not alive


async def test_the_whole_service_is_killed_and_started_again(scene: Scene) -> None:
    for dice in rounds():
        async with scene.under_load(dice):
            scene.service.kill()
            await asyncio.sleep(dice.random())
            await scene.service.start()


async def test_the_main_process_is_killed_and_the_service_started_again(scene: Scene) -> None:
    """Its workers stop by themselves: nobody is there to make new ones, or to tell them."""
    for dice in rounds():
        async with scene.under_load(dice):
            workers = scene.service.kill_main()
            await asyncio.sleep(dice.random())
            await scene.service.start()
            await gone(workers)


async def gone(processes: Iterable[psutil.Process]) -> None:
    ends = time.monotonic() + SECONDS_TO_RECOVER
    while any(each.is_running() and each.status() != psutil.STATUS_ZOMBIE for each in processes):
        assert time.monotonic() < ends
        await asyncio.sleep(0.1)


async def test_postgresql_is_killed_and_started_again(scene: Scene) -> None:
    for dice in rounds():
        async with scene.under_load(dice):
            scene.cluster.kill()
            await asyncio.sleep(2 * dice.random())
            await scene.cluster.start()
        assert "database system was not properly shut down" in scene.cluster.log


async def test_one_process_of_postgresql_is_killed(scene: Scene) -> None:
    for dice in rounds():
        async with scene.under_load(dice):
            scene.cluster.kill_backend(dice)
        assert "terminating any other active server processes" in scene.cluster.log
