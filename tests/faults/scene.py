"""A scene for faults: tills, a service with two workers, and a PostgreSQL of their own."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random, SystemRandom

from bookings import Booking
from cluster import Cluster
from nothing_lost import check_nothing_lost
from region import Region
from service import Service
from tills import UNDERSTOOD, Tills

ROUNDS = int(os.environ.get("FAULT_ROUNDS", "1"))


def rounds() -> Iterator[Random]:
    """The dice of each round; its seed is printed, and shown when the test fails."""
    seed = int(os.environ.get("FAULT_SEED", SystemRandom().randrange(1 << 32)))
    for turn in range(ROUNDS):
        print(f"round {turn + 1} of {ROUNDS}, FAULT_SEED={seed + turn}")
        yield Random(seed + turn)


@dataclass
class Scene:
    """Everything that can break, and those who would notice."""

    region: Region
    cluster: Cluster
    service: Service
    tills: Tills

    @asynccontextmanager
    async def under_load(self, dice: Random) -> AsyncIterator[None]:
        """Break something in this block. Before it all tills are served; after it they are
        served again, and nothing is lost.
        """
        told_before, made_before = self.tills.said, {*self.tills.bookings}
        async with self.tills.at_work():
            await self.tills.at_ease()
            await asyncio.sleep(dice.random())
            yield
            seconds = await self.tills.at_ease()
        self._print(self.tills.said - told_before, {*self.tills.bookings} - made_before, seconds)
        assert set(self.tills.said) <= UNDERSTOOD, self.service.errors
        await self.nothing_lost(dice)

    def _print(self, told: Counter[str], made: set[Booking], seconds: float) -> None:
        redemptions = [each for each in made if not each.is_reversal]
        acknowledged = sum(each.acknowledged for each in redemptions)
        asked_for = sum(len(each.parts) for each in redemptions)
        unserved = max(till.unserved_seconds for till in self.tills)
        print("  tills were told", dict(told))
        print(f"  redemptions: {acknowledged} acknowledged, {asked_for - acknowledged} not yet")
        print(f"  served as ever after {seconds:.1f} s, one till unserved {unserved:.1f} s")

    async def nothing_lost(self, dice: Random) -> None:
        await check_nothing_lost(self.region, self.tills, self.service, self.cluster.url, dice)


@asynccontextmanager
async def staged(region: Region, cluster: Cluster, service: Service) -> AsyncIterator[Scene]:
    """Start a service and open the tills."""
    await service.start()
    try:
        async with region.tills(service, Random(0)) as tills:
            yield Scene(region, cluster, service, tills)
    finally:
        await service.stop()
