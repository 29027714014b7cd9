"""What handlers ask for by name: ``database: Db`` and ``now: Now``."""

from __future__ import annotations

from datetime import datetime

from litestar.datastructures import State
from litestar.di import NamedDependency, Provide

from gutschein.db.unit_of_work import Database

Db = NamedDependency[Database]
Now = NamedDependency[datetime]


def _database(state: State) -> Database:
    database: Database = state.database
    return database


def _now(state: State) -> datetime:
    """Take the instant of the request, once; everything in it happens at that instant."""
    now: datetime = state.clock()
    return now


PROVIDERS = {
    "database": Provide(_database, sync_to_thread=False),
    "now": Provide(_now, sync_to_thread=False),
}
