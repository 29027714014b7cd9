"""One installation: its settings, its secrets, and its database while a command uses it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import msgspec

from gutschein.db.embedded import EmbeddedPostgres
from gutschein.db.engine import create_engine
from gutschein.db.migrate import migrate, require_current_schema
from gutschein.secrets import Secrets, resolve_secrets
from gutschein.settings import Settings


@dataclass(frozen=True, slots=True)
class Installation:
    """Settings whose database is running, and the secrets that belong to it."""

    settings: Settings
    secrets: Secrets

    @property
    def database_url(self) -> str:
        return self.settings.database_url or ""

    @property
    def owner_url(self) -> str:
        return self.settings.database_owner_url or self.database_url


@contextmanager
def opened(*, serving: bool = False) -> Iterator[Installation]:
    """Open the installation that the environment and the settings file describe.

    The embedded database is started, and migrated, when no process runs it yet.

    :param serving: for the service itself, of which there may be only one on an embedded
        database; other commands use its database beside it.
    :raises SettingsError: see :meth:`Settings.load`.
    :raises EmbeddedError: when the embedded database cannot be used.
    :raises SchemaMismatch: when a database of one's own is not migrated.
    """
    settings = Settings.load(os.environ)
    secrets = resolve_secrets(settings)
    if not settings.embedded:
        asyncio.run(_check(settings.database_url or ""))
        yield Installation(settings, secrets)
        return
    with EmbeddedPostgres(settings.data_dir) as server:
        url = server.start() if serving else server.attach_or_start()
        asyncio.run(migrate(url))
        yield Installation(msgspec.structs.replace(settings, database_url=url), secrets)


async def _check(database_url: str) -> None:
    engine = create_engine(database_url, pool_size=1)
    try:
        await require_current_schema(engine)
    finally:
        await engine.dispose()
