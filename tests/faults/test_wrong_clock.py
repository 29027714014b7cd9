"""The service's clock jumps under load, forwards and backwards, by minutes and by a day.

Devices sign by a clock that is right, until the service tells them another time. PostgreSQL's
clock does not jump: no row is dated by it, but nothing is sealed while the two differ.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cluster import Cluster
from region import Region
from scene import Scene, rounds, staged
from service import Service

from gutschein.db.engine import create_engine
from gutschein.db.unit_of_work import Database
from gutschein.history.jobs import seal
from gutschein.kernel.clock import utc_now

pytestmark = pytest.mark.slow

FOLDER = Path(__file__).parent / "jumping_clock"
JUMPS = [timedelta(minutes=10), timedelta(minutes=-10), timedelta(days=1), timedelta(days=-1)]
RIGHT = timedelta()

SetClock = Callable[[timedelta], None]


@pytest.fixture
def set_clock(tmp_path: Path) -> SetClock:
    """Say by how much the service's clock is wrong."""
    file = tmp_path / "wrong_clock"

    def set_(wrong_by: timedelta) -> None:
        new = file.with_suffix(".new")
        new.write_text(str(wrong_by.total_seconds()), encoding="ascii")
        new.replace(file)

    set_(RIGHT)
    return set_


@pytest.fixture
async def scene(
    furnished_cluster: tuple[Cluster, Region],
    cluster: Cluster,
    tmp_path: Path,
    set_clock: SetClock,  # noqa: ARG001 - it is there before the service is
) -> AsyncIterator[Scene]:
    """A scene whose service's clock can be set."""
    path = os.pathsep.join(filter(None, [str(FOLDER), os.environ.get("PYTHONPATH")]))
    environment = {"PYTHONPATH": path, "WRONG_CLOCK": str(tmp_path / "wrong_clock")}
    service = Service(cluster.url, tmp_path, environment=environment)
    async with staged(furnished_cluster[1], cluster, service) as scene:
        yield scene


async def test_the_clock_jumps(scene: Scene, set_clock: SetClock) -> None:
    for dice in rounds():
        told_before = scene.tills.said["device.clock"]
        async with scene.under_load(dice):
            for jump in dice.sample(JUMPS, 2):
                set_clock(jump)
                await scene.tills.at_ease()
            set_clock(RIGHT)
        assert scene.tills.said["device.clock"] > told_before


@pytest.mark.parametrize("jump", [timedelta(minutes=-10), timedelta(days=1)])
async def test_the_history_is_to_be_sealed_while_the_clock_is_wrong(
    scene: Scene, set_clock: SetClock, jump: timedelta
) -> None:
    """It waits: sealed under a wrong clock, honest rows would look slipped in for ever."""
    for dice in rounds():
        async with scene.under_load(dice):
            await nightly(scene, "rows sealed")
            set_clock(jump)
            await scene.tills.at_ease()
            await nightly(scene, "not sealed, the clock may be wrong")
            set_clock(RIGHT)
            await scene.tills.at_ease()
            await nightly(scene, "rows sealed")


async def nightly(scene: Scene, about_the_history: str) -> None:
    code, said = await scene.service.command("daily")
    assert (code, about_the_history in said) == (0, True), said


async def test_the_clock_is_behind_what_is_sealed(scene: Scene, set_clock: SetClock) -> None:
    """Somebody has sealed by a clock that was ahead. Until the right one has caught up nothing
    is booked, rather than what would look slipped in.
    """
    for turn, dice in enumerate(rounds(), start=1):
        async with scene.under_load(dice):
            ahead = timedelta(hours=2 * turn)
            set_clock(ahead)
            await scene.tills.at_ease()
            await seal_by(scene, utc_now() + ahead)
            set_clock(ahead - timedelta(hours=1))
            await scene.tills.turned_away()
            set_clock(ahead)
        assert "is behind the history" in scene.service.errors


async def seal_by(scene: Scene, now: datetime) -> None:
    database = Database(create_engine(scene.cluster.url, pool_size=2))
    assert (await seal(database, now)).rows > 0
    await database.close()
