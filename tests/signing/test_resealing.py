"""The key-encryption key is changed while everything runs; no key changes but its seal."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text
from towns_with_keys import KEK, KEY, NOW, OTHER_KEK, OTHER_KEY, new_region, new_town

from gutschein.db.access import JOBS, Access
from gutschein.db.unit_of_work import Database
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId
from gutschein.signing.data_keys import town_data_keys
from gutschein.signing.key_check import KekMismatch, open_keys
from gutschein.signing.keyring import code_keys_of, renew_signing_key, signing_key_for
from gutschein.signing.resealing import left_to_reseal, reseal_some
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.signing.service_keys import load_service_keys

BOTH = KeyEncryptionKey(OTHER_KEY, [KEY])
#: A signing key and three for codes and data; four purposes.
KEYS_OF_TOWN, KEYS_OF_SERVICE = 4, 4


async def start(database: Database, kek: KeyEncryptionKey) -> None:
    async with database.acting(JOBS).unit_of_work() as work:
        await open_keys(work, kek, NOW)


async def left(database: Database, kek: KeyEncryptionKey) -> int:
    async with database.acting(JOBS).reading() as work:
        return await left_to_reseal(work, kek)


async def reseal(database: Database, kek: KeyEncryptionKey, limit: int) -> int:
    async with database.acting(JOBS).unit_of_work() as work:
        return await reseal_some(work, kek, limit)


async def reseal_all(database: Database, kek: KeyEncryptionKey, limit: int = 3) -> int:
    total = 0
    while done := await reseal(database, kek, limit):
        total += done
    return total


async def killed_before_its_commit(database: Database) -> None:
    async with database.acting(JOBS).unit_of_work() as work:
        assert await reseal_some(work, BOTH, 3) == 3
        raise asyncio.CancelledError


async def opened(database: Database, town_id: TownId, kek: KeyEncryptionKey) -> tuple[bytes, ...]:
    """Everything that is sealed for a town and for the service."""
    async with database.acting(Access.town(town_id)).reading() as work:
        signing = await signing_key_for(work, town_id, kek, now=NOW, needed_until=NOW)
        codes = await code_keys_of(work, town_id, kek)
        data = await town_data_keys(work, town_id, kek)
        service = await load_service_keys(work, kek)
    return (
        signing.private_key.private_bytes_raw(),
        codes.lookup_key,
        codes.seal_key,
        data.key,
        service.hmac("lookup", b"word"),
        service.hmac("pepper", b"word"),
    )


async def test_every_key_stays_what_it_is_under_another_seal(fresh_database: Database) -> None:
    await start(fresh_database, KEK)
    region_id = await new_region(fresh_database)
    towns = [await new_town(fresh_database, region_id) for _ in range(3)]
    before = [await opened(fresh_database, town_id, KEK) for town_id in towns]
    await start(fresh_database, BOTH)
    count = 3 * KEYS_OF_TOWN + KEYS_OF_SERVICE
    assert await left(fresh_database, BOTH) == count
    assert await reseal_all(fresh_database, BOTH) == count
    assert await left(fresh_database, BOTH) == await reseal(fresh_database, BOTH, 9) == 0
    await start(fresh_database, OTHER_KEK)
    after = [await opened(fresh_database, town_id, OTHER_KEK) for town_id in towns]
    assert after == before
    with pytest.raises(KekMismatch, match=OTHER_KEK.id):
        await start(fresh_database, KEK)


async def test_the_service_works_between_any_two_steps(fresh_database: Database) -> None:
    await start(fresh_database, KEK)
    town_id = await new_town(fresh_database, await new_region(fresh_database))
    before = await opened(fresh_database, town_id, KEK)
    steps = 0
    while await reseal(fresh_database, BOTH, 1):
        steps += 1
        assert await opened(fresh_database, town_id, BOTH) == before
        with pytest.raises(KekMismatch):  # what no longer knows, or not yet, is told at its start
            await start(fresh_database, KEK)
        if steps < KEYS_OF_TOWN + KEYS_OF_SERVICE:
            with pytest.raises(KekMismatch):
                await start(fresh_database, OTHER_KEK)
    assert steps == KEYS_OF_TOWN + KEYS_OF_SERVICE


async def test_it_can_be_killed_and_run_twice_at_once(fresh_database: Database) -> None:
    await start(fresh_database, KEK)
    region_id = await new_region(fresh_database)
    towns = [await new_town(fresh_database, region_id) for _ in range(4)]
    before = [await opened(fresh_database, town_id, KEK) for town_id in towns]
    with pytest.raises(asyncio.CancelledError):
        await killed_before_its_commit(fresh_database)
    assert await left(fresh_database, BOTH) == 4 * KEYS_OF_TOWN + KEYS_OF_SERVICE
    done = await asyncio.gather(*(reseal_all(fresh_database, BOTH, 2) for _ in range(3)))
    assert sum(done) == 4 * KEYS_OF_TOWN + KEYS_OF_SERVICE
    assert [await opened(fresh_database, town_id, OTHER_KEK) for town_id in towns] == before


async def test_a_process_that_still_seals_under_the_old_key_is_found_out(
    fresh_database: Database,
) -> None:
    await start(fresh_database, KEK)
    town_id = await new_town(fresh_database, await new_region(fresh_database))
    await reseal_all(fresh_database, BOTH)
    async with fresh_database.acting(Access.town(town_id)).unit_of_work() as work:
        await renew_signing_key(work, town_id, KeyEncryptionKey(KEY, [OTHER_KEY]), NOW)
    with pytest.raises(KekMismatch, match=KEK.id):
        await start(fresh_database, OTHER_KEK)
    assert await reseal_all(fresh_database, BOTH) == 1
    await start(fresh_database, OTHER_KEK)


async def test_what_does_not_open_is_left_as_it_is(fresh_database: Database) -> None:
    await start(fresh_database, KEK)
    town_id = await new_town(fresh_database, await new_region(fresh_database))
    async with fresh_database.acting(JOBS).unit_of_work() as work:
        altered = "UPDATE code_key SET sealed_key = sealed_key || '\\x00' WHERE town_id = :id"
        await work.execute(text(altered), {"id": town_id})
    with pytest.raises(Refusal, match=r"key\.sealed"):
        await reseal_all(fresh_database, BOTH)
    assert await left(fresh_database, BOTH) > 0
