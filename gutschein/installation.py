"""One installation: its settings, its secrets, and its database while a command uses it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import msgspec

from gutschein.db.access import JOBS
from gutschein.db.embedded import EmbeddedPostgres
from gutschein.db.engine import create_engine
from gutschein.db.migrate import migrate, require_current_schema
from gutschein.db.unit_of_work import Database
from gutschein.kernel.clock import utc_now
from gutschein.secrets import Secrets, resolve_secrets
from gutschein.settings import Settings
from gutschein.signing.key_check import open_keys
from gutschein.signing.sealing import KeyEncryptionKey


@dataclass(frozen=True, slots=True)
class Installation:
    """Settings whose database is running, and the secrets that belong to it."""

    settings: Settings
    secrets: Secrets

    @property
    def database_url(self) -> str:
        return self.settings.database_url or ""

    @property
    def kek(self) -> KeyEncryptionKey:
        return kek_of(self.secrets)

    @property
    def owner_url(self) -> str:
        return self.settings.database_owner_url or self.database_url


def kek_of(secrets: Secrets) -> KeyEncryptionKey:
    """Return the key-encryption key, which opens what earlier ones sealed as well."""
    return KeyEncryptionKey(secrets.key_encryption_key, secrets.previous_keys)


@contextmanager
def opened(
    *, serving: bool = False, unsealing: bool = True, env: Mapping[str, str] = os.environ
) -> Iterator[Installation]:
    """Open the installation that the environment and the settings file describe.

    The embedded database is started, and migrated, when no process runs it yet.

    :param serving: for the service itself, of which there may be only one on an embedded
        database; other commands use its database beside it.
    :param unsealing: whether sealed keys are needed; what only reads books does without.
    :raises SettingsError: see :meth:`Settings.load`.
    :raises EmbeddedError: when the embedded database cannot be used.
    :raises SchemaMismatch: when a database of one's own is not migrated.
    :raises KekMismatch: when the key-encryption key is not the one that the database needs.
    """
    settings = Settings.load(env)
    secrets = resolve_secrets(settings)
    if not settings.embedded:
        installation = Installation(settings, secrets)
        asyncio.run(_check(installation, unsealing=unsealing))
        yield installation
        return
    with EmbeddedPostgres(settings.data_dir) as server:
        url = server.start() if serving else server.attach_or_start()
        asyncio.run(migrate(url))
        installation = Installation(msgspec.structs.replace(settings, database_url=url), secrets)
        asyncio.run(_check(installation, unsealing=unsealing))
        yield installation


async def _check(installation: Installation, *, unsealing: bool) -> None:
    engine = create_engine(installation.database_url, pool_size=1)
    try:
        await require_current_schema(engine)
        if unsealing:
            async with Database(engine, JOBS).unit_of_work() as work:
                await open_keys(work, installation.kek, utc_now())
    finally:
        await engine.dispose()
