"""No start with a key-encryption key that the database does not know, not even the first."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from api_fixtures import started
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from towns_with_keys import KEK, KEY, NOW, OTHER_KEK, OTHER_KEY, new_region, new_town

from gutschein.app import create_app
from gutschein.db.access import AUDITOR, JOBS, NOTHING, Access
from gutschein.db.unit_of_work import Database
from gutschein.kernel.errors import Refusal
from gutschein.secrets import Secrets
from gutschein.settings import Settings
from gutschein.signing.data_keys import town_data_keys
from gutschein.signing.key_check import KekMismatch, open_keys, require_keys
from gutschein.signing.models import SEALED_KEYS
from gutschein.signing.sealing import BrokenSeal, KeyEncryptionKey
from gutschein.signing.service_keys import PURPOSES, ServiceKeys, load_service_keys


async def start(database: Database, kek: KeyEncryptionKey = KEK) -> ServiceKeys:
    async with database.acting(JOBS).unit_of_work() as work:
        return await open_keys(work, kek, NOW)


def opens(one: ServiceKeys, other: ServiceKeys) -> bool:
    """Whether they are the same keys."""
    sealed = one.seal("mail", b"letter", b"here")
    return one.hmac("pepper", b"word") == other.hmac("pepper", b"word") and (
        other.unseal("mail", sealed, b"here") == b"letter"
    )


async def test_the_first_start_makes_keys_that_every_later_one_finds(
    fresh_database: Database,
) -> None:
    with pytest.raises(Refusal, match=r"key\.missing"):
        async with fresh_database.acting(NOTHING).reading() as work:
            await load_service_keys(work, KEK)
    first, second = await start(fresh_database), await start(fresh_database)
    async with fresh_database.acting(NOTHING).reading() as work:
        loaded = await load_service_keys(work, KEK)
        rows = (await work.execute(text("SELECT purpose, kek_id FROM service_key"))).all()
    assert opens(first, second)
    assert opens(first, loaded)
    assert {(row.purpose, row.kek_id) for row in rows} == {(each, KEK.id) for each in PURPOSES}


async def test_another_key_is_refused_although_no_town_has_keys_yet(
    fresh_database: Database,
) -> None:
    await start(fresh_database)
    with pytest.raises(KekMismatch) as refused:
        await start(fresh_database, OTHER_KEK)
    assert KEK.id in str(refused.value)
    assert OTHER_KEK.id in str(refused.value)
    assert "GUTSCHEIN_KEY_ENCRYPTION_KEY_PREVIOUS" in str(refused.value)
    both = KeyEncryptionKey(OTHER_KEY, [KEY])
    assert opens(await start(fresh_database, both), await start(fresh_database))


async def test_no_worker_serves_with_another_key(
    fresh_database: Database, fresh_database_url: str
) -> None:
    await start(fresh_database)
    settings = Settings(data_dir=Path("/nowhere"), database_url=fresh_database_url)
    app = create_app(settings, secrets=Secrets(key_encryption_key=OTHER_KEY))
    with pytest.RaisesGroup(pytest.RaisesExc(KekMismatch, match=KEK.id)):
        async with started(app):
            pass


async def test_of_two_first_starts_with_different_keys_one_is_refused(
    fresh_database: Database,
) -> None:
    started = await asyncio.gather(
        start(fresh_database, KEK), start(fresh_database, OTHER_KEK), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in started) == ["KekMismatch", "ServiceKeys"]


async def test_workers_that_start_at_once_hold_the_same_keys(fresh_database: Database) -> None:
    first, *others = await asyncio.gather(*(start(fresh_database) for _ in range(4)))
    assert all(opens(first, other) for other in others)


async def test_a_key_that_was_exchanged_for_another_does_not_open(
    fresh_database: Database,
) -> None:
    """Whoever can write to the database cannot make us seal under another purpose's key."""
    await start(fresh_database)
    async with fresh_database.acting(JOBS).unit_of_work() as work:
        await work.execute(
            text(
                "UPDATE service_key SET sealed_key ="
                " (SELECT sealed_key FROM service_key WHERE purpose = 'mail')"
                " WHERE purpose = 'contact'"
            )
        )
    with pytest.raises(Refusal, match=r"key\.sealed"):
        await start(fresh_database)


async def test_only_the_role_of_the_clock_writes_them_and_the_auditor_reads_no_key(
    fresh_database: Database,
) -> None:
    await start(fresh_database)
    for access, statement in (
        (NOTHING, "UPDATE service_key SET kek_id = 'x'"),
        (NOTHING, "INSERT INTO service_key VALUES ('new', '\\x00', 'x', now())"),
        (JOBS, "DELETE FROM service_key"),
        (JOBS, "UPDATE service_key SET purpose = 'x'"),
        (AUDITOR, "SELECT sealed_key FROM service_key"),
    ):
        with pytest.raises(ProgrammingError, match="permission denied"):
            async with fresh_database.acting(access).unit_of_work() as work:
                await work.execute(text(statement))


async def test_every_sealed_table_is_asked(fresh_database: Database) -> None:
    await start(fresh_database)
    async with fresh_database.reading() as work:
        rows = await work.execute(
            text("SELECT table_name FROM information_schema.columns WHERE column_name = 'kek_id'")
        )
        assert {each.table.name for each in SEALED_KEYS} == set(rows.scalars())
    async with fresh_database.acting(JOBS).unit_of_work() as work:
        await require_keys(work, KEK)
        await work.execute(text("UPDATE service_key SET kek_id = 'lost' WHERE purpose = 'mail'"))
        with pytest.raises(KekMismatch, match="lost"):
            await require_keys(work, KEK)


async def test_what_was_sealed_opens_for_its_purpose_and_place_alone(
    fresh_database: Database,
) -> None:
    keys = await start(fresh_database)
    sealed = keys.seal("contact", b"anna@example.org", b"person 1")
    assert keys.unseal("contact", sealed, b"person 1") == b"anna@example.org"
    with pytest.raises(BrokenSeal):
        keys.unseal("contact", sealed, b"person 2")
    with pytest.raises(BrokenSeal):
        keys.unseal("mail", sealed, b"person 1")
    assert keys.hmac("lookup", b"anna") != keys.hmac("pepper", b"anna")
    assert repr(keys) == str(keys) == "ServiceKeys(***)"


async def test_a_data_key_is_its_towns_alone(fresh_database: Database) -> None:
    region_id = await new_region(fresh_database)
    town_id, other_id = [await new_town(fresh_database, region_id) for _ in range(2)]
    async with fresh_database.acting(Access.town(town_id)).reading() as work:
        key = await town_data_keys(work, town_id, KEK)
        with pytest.raises(Refusal, match=r"key\.missing"):
            await town_data_keys(work, other_id, KEK)
        with pytest.raises(Refusal, match=rf"key\.sealed\(kek_id={KEK.id}\)"):
            await town_data_keys(work, town_id, OTHER_KEK)
    async with fresh_database.acting(Access.town(other_id)).reading() as work:
        assert (await town_data_keys(work, other_id, KEK)).key != key.key
