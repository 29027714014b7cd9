"""The region that tills work in: made once, over HTTP, before anything goes wrong.

Zwönitz and Schneeberg honour one another's vouchers. Each has two shops; each shop has cash
registers with API keys and devices that sign.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from uuid import UUID

import httpx
from api_fixtures import Api, Clock, app_on, fresh_id, started
from bookings import Memory
from cluster import DATABASE, Cluster
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from everybody import PREPARE_EVERYBODY, Everybody
from service import Service
from stage import Paper, Shop, new_shop, new_stage
from tills import PATIENCE_SECONDS, Till, Tills

from gutschein.db.migrate import migrate
from gutschein.kernel.clock import utc_now
from tests.conftest import MAKE_ROLE, _execute
from tests.devices.shop_stage import Till as Device

FACE_CENTS = 1_000_00
VOUCHERS_OF_A_TOWN = 60
DEVICES_OF_A_SHOP = 2
REGISTERS_OF_A_SHOP = 2
#: The region is older than any clock here jumps back, and younger than the two days after
#: which an audit asks whether its history is sealed.
AGE = timedelta(hours=36)


@dataclass(frozen=True)
class Place:
    """A shop with what its tills identify themselves by."""

    shop: Shop
    api_keys: tuple[str, ...]
    devices: tuple[Device, ...]

    @property
    def identities(self) -> tuple[str | Device, ...]:
        return (*self.api_keys, *self.devices)


@dataclass(frozen=True)
class Region:
    """Shops, and vouchers of :data:`FACE_CENTS` each."""

    places: tuple[Place, ...]
    papers: tuple[Paper, ...]

    @asynccontextmanager
    async def tills(self, service: Service, dice: Random) -> AsyncIterator[Tills]:
        """Open all shops' tills on a service."""
        clients: list[httpx.AsyncClient] = []

        def opened() -> Iterator[Till]:
            for place in self.places:
                for identity in place.identities:
                    client = httpx.AsyncClient(
                        base_url=service.url, timeout=PATIENCE_SECONDS, verify=False
                    )
                    clients.append(client)
                    papers = self._carried_to(place.shop, dice)
                    memory = Memory(place.shop, papers, Random(dice.getrandbits(64)))
                    yield Till(memory, client, identity)

        try:
            yield Tills(opened())
        finally:
            for client in clients:
                await client.aclose()

    def _carried_to(self, shop: Shop, dice: Random) -> list[Paper]:
        """The vouchers that come to a shop: its town's, and some of its neighbour's."""
        return [
            paper for paper in self.papers if paper.town.id == shop.town_id or dice.random() < 0.5
        ]


async def furnished(cluster: Cluster) -> Region:
    """Make the region in a running cluster with nothing in it."""
    await _execute(cluster.url_of("postgres"), f"CREATE DATABASE {DATABASE}")
    await migrate(cluster.url)
    await _execute(cluster.url, MAKE_ROLE, *PREPARE_EVERYBODY)
    clock = Clock()
    clock.now = utc_now() - AGE
    app, everybody = app_on(cluster.url, clock), Everybody(cluster.url, clock)
    try:
        async with started(app) as client:
            client.auth = everybody
            stage = await new_stage(Api(client), app, clock, cluster.url)
            shops = [
                shop
                for town in (stage.zwoenitz, stage.schneeberg)
                for shop in (town.shop, await new_shop(stage.api, town.id, name="Eisdiele"))
            ]
            papers = [
                paper
                for town in (stage.zwoenitz, stage.schneeberg)
                for paper in await stage.vouchers(town, FACE_CENTS, VOUCHERS_OF_A_TOWN)
            ]
            places = [await _equipped(shop, stage.api, everybody, clock) for shop in shops]
            return Region(tuple(places), tuple(papers))
    finally:
        await everybody.close()


async def _equipped(shop: Shop, api: Api, everybody: Everybody, clock: Clock) -> Place:
    api_key = await everybody.key_of((UUID(shop.town_id), UUID(shop.merchant_id)))
    devices = [await _paired(shop, api, clock, turn) for turn in range(DEVICES_OF_A_SHOP)]
    return Place(shop, (api_key,) * REGISTERS_OF_A_SHOP, tuple(devices))


async def _paired(shop: Shop, api: Api, clock: Clock, turn: int) -> Device:
    """A device with a key of either kind."""
    path = f"/api/v1/towns/{shop.town_id}/merchants/{shop.merchant_id}/pairing-codes"
    code = await api.made(path, {"branch_id": shop.branch_id, "name": f"Kasse {turn}"})
    device = Device(api.client, clock, id=fresh_id())
    if turn % 2:
        device.key = Ed25519PrivateKey.generate()
    paired = await device.pair(code["code"])
    assert paired.status_code == 201, paired.text
    return device
