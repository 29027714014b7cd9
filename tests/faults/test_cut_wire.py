"""The wire between the service and its database is cut under load, in every way it can be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest
from cluster import DATABASE, Cluster
from region import Region
from scene import Scene, rounds, staged
from service import Service
from wire import Wire

pytestmark = pytest.mark.slow

CUT_SECONDS = (0.5, 3.0)


@pytest.fixture
async def wire(cluster: Cluster) -> AsyncIterator[Wire]:
    async with Wire(cluster.socket) as wire:
        yield wire


@pytest.fixture
async def wired_scene(
    furnished_cluster: tuple[Cluster, Region], cluster: Cluster, wire: Wire, tmp_path: Path
) -> AsyncIterator[Scene]:
    """A scene whose service reaches its database over a wire, and waits less long than usual
    for an answer: what is lost without a word can be told from what is slow by nothing else.
    """
    patience = {"GUTSCHEIN_REQUEST_TIMEOUT_SECONDS": "5"}
    service = Service(wire.url(DATABASE), tmp_path, environment=patience)
    async with staged(furnished_cluster[1], cluster, service) as scene:
        yield scene


async def cut_for_a_while(dice: Random) -> None:
    await asyncio.sleep(dice.uniform(*CUT_SECONDS))


async def test_all_connections_are_reset(wired_scene: Scene, wire: Wire) -> None:
    for dice in rounds():
        async with wired_scene.under_load(dice):
            for _ in range(3):
                wire.reset()
                await asyncio.sleep(dice.random())


async def test_the_database_cannot_be_reached(wired_scene: Scene, wire: Wire) -> None:
    for dice in rounds():
        async with wired_scene.under_load(dice):
            wire.refuse()
            await cut_for_a_while(dice)
            wire.mend()


async def test_nothing_comes_through_for_a_while(wired_scene: Scene, wire: Wire) -> None:
    for dice in rounds():
        async with wired_scene.under_load(dice):
            wire.swallow_everything()
            await cut_for_a_while(dice)
            wire.mend()


async def test_commits_arrive_and_their_answers_are_lost(wired_scene: Scene, wire: Wire) -> None:
    """The worst there is: it is booked, and the service does not know."""
    for dice in rounds():
        async with wired_scene.under_load(dice):
            for _ in range(5):
                wire.swallow_answers()
                await asyncio.sleep(dice.uniform(0.05, 0.3))
                wire.reset()
                wire.mend()
                await asyncio.sleep(dice.random())


async def test_connections_are_lost_without_a_word(wired_scene: Scene, wire: Wire) -> None:
    """A firewall has forgotten them: what either side sends on them never arrives."""
    for dice in rounds():
        async with wired_scene.under_load(dice):
            wire.lose()
