"""Towns that have keys, without the service around them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID, uuid4

import msgspec

from gutschein.db.access import Access
from gutschein.db.unit_of_work import Database
from gutschein.kernel.ids import RegionId, TownId, new_id
from gutschein.signing.keyset import PublicKey
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.towns.schemas import NewRegion, NewTown
from gutschein.towns.service import create_region, create_town

NOW = datetime(2026, 12, 5, 9, 0, tzinfo=UTC)
KEY, OTHER_KEY = bytes(range(32)), bytes(range(1, 33))
KEK, OTHER_KEK = KeyEncryptionKey(KEY), KeyEncryptionKey(OTHER_KEY)
TOWN = {
    "name": "Zwönitz",
    "trust_iban": "DE89370400440532013000",
    "trust_account_holder": "Stadt Zwönitz",
    "address": {
        "street": "Markt",
        "house_number": "3",
        "postcode": "08297",
        "post_town": "Zwönitz",
    },
}


def public_key(entry: Mapping[str, str]) -> PublicKey:
    return PublicKey(
        kid=bytes.fromhex(entry["kid"]),
        public=bytes.fromhex(entry["public"]),
        not_before=datetime.fromisoformat(entry["not_before"]),
        not_after=datetime.fromisoformat(entry["not_after"]),
        town_id=TownId(UUID(entry["town_id"])),
    )


async def new_region(database: Database) -> RegionId:
    async with database.acting(Access.operator(())).unit_of_work() as work:
        region, _ = await create_region(work, NewRegion(name="Erzgebirge"), NOW)
    return RegionId(region.id)


async def new_town(database: Database, region_id: RegionId, kek: KeyEncryptionKey = KEK) -> TownId:
    """A town whose keys are sealed under *kek*."""
    town_id = TownId(new_id())
    new = msgspec.convert(TOWN | {"ags": f"145{uuid4().int % 100_000:05}"}, NewTown)
    async with database.acting(Access.operator([town_id])).unit_of_work() as work:
        await create_town(work, region_id, town_id, new, kek=kek, now=NOW)
    return town_id
