"""The service's clock jumps under load, forwards and backwards, by minutes and by a day.

Devices sign by a clock that is right, until the service tells them another time. PostgreSQL is
never asked what time it is, so its clock need not jump as well.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cluster import Cluster
from region import Region
from scene import Scene, rounds, staged
from service import Service

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
