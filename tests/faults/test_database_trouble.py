"""PostgreSQL is frozen, or has no room left, or somebody holds what others need, under load."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
from cluster import Cluster, place
from disk import Disk, require_small_disk
from region import Region
from scene import Scene, rounds, staged
from separate_postgres import require_binaries
from service import Service

pytestmark = pytest.mark.slow

FROZEN_SECONDS = 10
HELD_SECONDS = 8


async def test_the_database_is_frozen(scene: Scene) -> None:
    for dice in rounds():
        async with scene.under_load(dice):
            scene.cluster.freeze()
            await asyncio.sleep(FROZEN_SECONDS)
            scene.cluster.thaw()


async def test_a_forgotten_transaction_holds_one_voucher(scene: Scene) -> None:
    """Who comes with that voucher is turned away. Nobody else waits in vain; whoever was in one
    batch with it may have to come a second time.
    """
    paper = scene.region.papers[-1]
    for dice in rounds():
        async with scene.under_load(dice), held(scene, paper.id):
            await asyncio.sleep(HELD_SECONDS)
        with_it = [each for each in scene.tills.bookings if paper in each.papers]
        others = [each for each in scene.tills.bookings if paper not in each.papers]
        assert any(each.waited or each.turned_away for each in with_it)
        assert not [each for each in others if each.waited or each.turned_away > 1]


@asynccontextmanager
async def held(scene: Scene, voucher_id: str) -> AsyncIterator[None]:
    """Hold a voucher's row, as a session does that its owner has walked away from."""
    connection = await asyncpg.connect(scene.cluster.url)
    try:
        async with connection.transaction():
            locked = await connection.execute(
                "SELECT FROM voucher WHERE id = $1 FOR UPDATE", UUID(voucher_id)
            )
            assert locked == "SELECT 1"
            yield
    finally:
        await connection.close()


@pytest.fixture
def small_disk() -> Iterator[Disk]:
    with place() as folder, require_small_disk(folder / "disk") as disk:
        yield disk


@pytest.fixture
async def crammed_scene(
    furnished_cluster: tuple[Cluster, Region], small_disk: Disk, tmp_path: Path
) -> AsyncIterator[Scene]:
    """A scene whose database lives on a small disk."""
    origin, region = furnished_cluster
    with place() as folder:
        cluster = Cluster(require_binaries(), folder, data=small_disk.folder / "data")
        cluster.copy_from(origin)
        await cluster.start()
        async with staged(region, cluster, Service(cluster.url, tmp_path)) as scene:
            yield scene
        await cluster.stop()


async def test_the_disk_is_full(crammed_scene: Scene, small_disk: Disk) -> None:
    """PostgreSQL may stop when it cannot write its log; whoever frees the disk starts it."""
    cluster = crammed_scene.cluster
    for dice in rounds():
        async with crammed_scene.under_load(dice):
            small_disk.fill()
            await asyncio.sleep(3)
            small_disk.free()
            if not cluster.is_running:
                await cluster.start()
        assert "No space left on device" in cluster.log
