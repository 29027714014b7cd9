"""What handlers ask for by name: ``database: Db``, ``now: Now``, ``caller: Who``,
``limits: Counters``."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Request
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide

from gutschein.db.unit_of_work import Database
from gutschein.limits.counting import Limits
from gutschein.web.caller import Caller

Db = NamedDependency[Database]
Now = NamedDependency[datetime]
Who = NamedDependency[Caller]
Counters = NamedDependency[Limits]


def _database(request: Request[Any, Any, Any]) -> Database:
    """Open the database as far as the guard found that this request may go."""
    database: Database = request.app.state.database
    return database.acting(request.state.access)


def _now(state: State) -> datetime:
    """Take the instant of the request, once; everything in it happens at that instant."""
    now: datetime = state.clock()
    return now


def _caller(request: Request[Any, Any, Any]) -> Caller:
    caller: Caller = request.state.caller
    return caller


def _limits(state: State) -> Limits:
    limits: Limits = state.limits
    return limits


PROVIDERS = {
    "database": Provide(_database, sync_to_thread=False),
    "now": Provide(_now, sync_to_thread=False),
    "caller": Provide(_caller, sync_to_thread=False),
    "limits": Provide(_limits, sync_to_thread=False),
}
