"""The migrations: one chain, the same schema as the models, and a service that insists on it."""

from __future__ import annotations

import asyncio
import re
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from schema_catalogue import Catalogue, read_catalogue
from sqlalchemy.exc import DBAPIError

from gutschein.db.engine import create_engine
from gutschein.db.migrate import (
    SchemaMismatch,
    migrate,
    migrations_folder,
    require_current_schema,
)
from gutschein.tables import metadata
from tests.conftest import plain_url

VERSIONS = migrations_folder() / "versions"


def revisions() -> list[Script]:
    """All migrations, the oldest first."""
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()))
    directory = ScriptDirectory.from_config(config)
    assert len(directory.get_heads()) == 1
    return [*directory.walk_revisions()][::-1]


@pytest.fixture
async def empty_database_url(server_url: str) -> AsyncIterator[str]:
    """A database with nothing in it, as its owner."""
    name = f"empty_{uuid4().hex}"
    server = await asyncpg.connect(server_url)
    await server.execute(f"CREATE DATABASE {name}")
    yield plain_url(server_url, name)
    await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await server.close()


def test_the_migrations_are_one_chain_in_the_order_of_their_numbers() -> None:
    chain = revisions()
    numbers = [f"{place:04d}" for place in range(1, len(chain) + 1)]
    assert [each.revision for each in chain] == numbers
    assert [each.down_revision for each in chain] == [None, *numbers[:-1]]
    assert sorted(path.name[:5] for path in VERSIONS.glob("*.py")) == [f"{n}_" for n in numbers]


def test_no_migration_goes_back() -> None:
    """Books are never unmade: a wrong migration is followed by a right one."""
    assert not [each.revision for each in revisions() if hasattr(each.module, "downgrade")]


@pytest.mark.parametrize("path", sorted(VERSIONS.glob("*.py")), ids=lambda path: path.stem)
def test_a_migration_stands_on_its_own(path: Path) -> None:
    """It says what was done then, so it must not change when the code does."""
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"^\s*(?:from|import)\s+gutschein", text, re.MULTILINE)


async def test_alembic_finds_nothing_to_add(database_url: str) -> None:
    engine = create_engine(database_url, role=None, pool_size=1)
    options = {"compare_type": True, "compare_server_default": True}
    try:
        async with engine.connect() as connection:
            differences = await connection.run_sync(
                lambda plain: compare_metadata(
                    MigrationContext.configure(plain, opts=options), metadata
                )
            )
    finally:
        await engine.dispose()
    assert differences == []


async def test_models_and_migrations_make_the_same_schema(
    database_url: str, empty_database_url: str
) -> None:
    """Constraints, indexes and comments too, which Alembic does not compare in full."""
    engine = create_engine(empty_database_url, role=None, pool_size=1)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(metadata.create_all)
    finally:
        await engine.dispose()
    modelled, migrated = [
        _in_any_order(await read_catalogue(url)) for url in (empty_database_url, database_url)
    ]
    assert modelled.comments == migrated.comments
    assert set(modelled.columns) == set(migrated.columns)
    assert set(modelled.constraints) == set(migrated.constraints)
    assert set(modelled.indexes) == set(migrated.indexes)


def _in_any_order(catalogue: Catalogue) -> Catalogue:
    """PostgreSQL lists the columns of a check as they stand in the table; that may differ."""
    return replace(
        catalogue,
        constraints=tuple(
            replace(each, columns=tuple(sorted(each.columns))) if each.kind == "c" else each
            for each in catalogue.constraints
        ),
    )


async def test_migrating_again_changes_nothing(fresh_database_url: str) -> None:
    before = await read_catalogue(fresh_database_url)
    await migrate(fresh_database_url)
    assert await read_catalogue(fresh_database_url) == before


#: What persons are recognised by. The books do not need it.
CREDENTIALS = {"challenge", "one_time_link", "passkey", "session"}


async def test_the_auditor_reads_everything_but_what_people_sign_in_with(
    database_url: str,
) -> None:
    unread = await _tables(database_url) - await _tables_with(
        database_url, "gutschein_auditor", "SELECT"
    )
    assert unread == CREDENTIALS


async def test_a_towns_work_reads_no_credentials(database_url: str) -> None:
    readable = await _tables_with(database_url, "gutschein_app", "SELECT")
    assert not readable & CREDENTIALS


async def test_the_service_deletes_nothing_anywhere(database_url: str) -> None:
    """But drafts of orders, which nobody has placed: a trigger keeps all others."""
    assert not await _tables_with(database_url, "gutschein_app", "TRUNCATE")
    deleted = await _tables_with(database_url, "gutschein_app", "DELETE")
    assert deleted == {"shop_order", "order_item"}


async def test_the_auditor_writes_nothing_anywhere(database_url: str) -> None:
    for right in ("INSERT", "UPDATE", "DELETE", "TRUNCATE"):
        assert not await _tables_with(database_url, "gutschein_auditor", right)


async def test_the_service_may_not_pretend_to_be_migrated(database_url: str) -> None:
    owner = await asyncpg.connect(database_url)
    rights = "SELECT has_any_column_privilege('gutschein_app', 'alembic_version', $1)"
    try:
        assert await owner.fetchval(rights, "SELECT")
        for right in ("INSERT", "UPDATE"):
            assert not await owner.fetchval(rights, right)
    finally:
        await owner.close()


async def _tables(url: str) -> set[str]:
    return set((await read_catalogue(url)).tables)


async def _tables_with(url: str, role: str, right: str) -> set[str]:
    """The tables on which *role* has the right, or on a column of which it has."""
    owner = await asyncpg.connect(url)
    try:
        rows = await owner.fetch(
            """
            SELECT relname FROM pg_class c
            WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
              AND relname <> 'alembic_version'
              AND (has_table_privilege($1, c.oid, $2)
                   OR ($2 IN ('SELECT', 'INSERT', 'UPDATE')
                       AND has_any_column_privilege($1, c.oid, $2)))
            """,
            role,
            right,
        )
    finally:
        await owner.close()
    return {row["relname"] for row in rows}


async def _check(url: str) -> None:
    engine = create_engine(url, pool_size=1)
    try:
        await require_current_schema(engine)
    finally:
        await engine.dispose()


async def test_the_service_starts_on_the_schema_it_knows(database_url: str) -> None:
    await _check(database_url)


@pytest.mark.parametrize("other", ["0001", "9999"])
async def test_the_service_refuses_an_older_or_a_newer_schema(
    fresh_database_url: str, other: str
) -> None:
    owner = await asyncpg.connect(fresh_database_url)
    await owner.execute(f"UPDATE alembic_version SET version_num = '{other}'")
    await owner.close()
    newest = revisions()[-1].revision
    words = f"at schema {other}, this version needs {newest}. Run: gutschein migrate"
    with pytest.raises(SchemaMismatch, match=re.escape(words)):
        await _check(fresh_database_url)


async def test_the_service_refuses_a_database_that_was_never_migrated(
    empty_database_url: str,
) -> None:
    with pytest.raises(SchemaMismatch, match=r"at schema none.* Run: gutschein migrate"):
        await _check(empty_database_url)


@pytest.mark.slow
async def test_a_migration_waits_four_seconds_for_a_lock_and_gives_up(
    fresh_database_url: str,
) -> None:
    """One that waited longer would make every sale behind it wait too."""
    other = await asyncpg.connect(fresh_database_url)
    try:
        async with other.transaction():
            await other.execute("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE")
            began = time.monotonic()
            with pytest.raises(DBAPIError) as given_up:
                await migrate(fresh_database_url)
            waited_s = time.monotonic() - began
    finally:
        await other.close()
    assert getattr(given_up.value.orig, "sqlstate", None) == "55P03"
    assert 3.5 < waited_s < 6


@pytest.mark.slow
async def test_two_migrations_at_once_both_end_well(empty_database_url: str) -> None:
    """As when two services are installed at once: one waits, then finds it done."""
    script = "import asyncio, sys; from gutschein.db.migrate import migrate as run;"
    script += "asyncio.run(run(sys.argv[1]))"
    command = [sys.executable, "-c", script, empty_database_url]
    both = [await asyncio.create_subprocess_exec(*command) for _ in range(2)]
    assert [await each.wait() for each in both] == [0, 0]
    await _check(empty_database_url)
