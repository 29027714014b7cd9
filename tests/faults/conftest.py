"""A cluster with a region in it, made once, and a copy of it for each test.

``FAULT_ROUNDS=10`` lets each fault happen ten times; ``FAULT_SEED`` repeats a run's choices,
which each round prints.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from cluster import Cluster, place
from region import Region, furnished
from scene import Scene, staged
from separate_postgres import require_binaries
from service import Service


@pytest.fixture(scope="session")
def furnished_cluster() -> Iterator[tuple[Cluster, Region]]:
    """A cluster that does not run, with a region in it; tests take copies."""
    with place() as folder:
        cluster = Cluster(require_binaries(), folder)
        cluster.initialise()

        async def furnish() -> Region:
            await cluster.start()
            try:
                return await furnished(cluster)
            finally:
                await cluster.stop()

        yield cluster, asyncio.run(furnish())


@pytest.fixture
async def cluster(furnished_cluster: tuple[Cluster, Region]) -> AsyncIterator[Cluster]:
    """A running copy of it."""
    origin, _ = furnished_cluster
    with place() as folder:
        copy = Cluster(require_binaries(), folder)
        copy.copy_from(origin)
        await copy.start()
        yield copy
        await copy.stop()


@pytest.fixture
async def scene(
    furnished_cluster: tuple[Cluster, Region], cluster: Cluster, tmp_path: Path
) -> AsyncIterator[Scene]:
    """Tills and a service on that cluster."""
    async with staged(furnished_cluster[1], cluster, Service(cluster.url, tmp_path)) as scene:
        yield scene
