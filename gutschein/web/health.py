"""Is the process alive, and can it serve? For whoever watches or balances the load."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Annotated

from litestar import Router, get
from litestar.datastructures import State
from msgspec import Struct
from sqlalchemy import text

from gutschein.db.unit_of_work import Database
from gutschein.kernel.errors import Refusal
from gutschein.web.answers import answers
from gutschein.web.fields import known_as
from gutschein.web.guard import PUBLIC
from gutschein.web.providers import Db

#: Tells whether requests had better not come just now. Whoever may find so adds to
#: ``state.doubts`` of the application.
Doubt = Callable[[], bool]

_log = logging.getLogger(__name__)
_SCHEMA = text("SELECT version_num FROM alembic_version")


class Health(Struct, frozen=True):
    """The service's own word on how it is."""

    status: Annotated[str, known_as("Always »ok«; trouble is a 503.", "ok")]


async def schema_of(database: Database) -> str:
    """Return the schema the database is at, as Alembic wrote it."""
    async with database.reading() as work:
        return str((await work.execute(_SCHEMA)).scalar_one())


@get("/live")
async def get_live() -> Health:
    """Tell that the process answers."""
    return Health("ok")


@get("/ready", responses=answers("service.busy"))
async def get_ready(database: Db, state: State) -> Health:
    """Tell that requests are welcome here.

    The database answers too, at the schema the process started with; the service is not
    about to stop, nor is too much waiting in it already.
    """
    doubts: list[Doubt] = state.doubts
    if any(doubt() for doubt in doubts):
        raise Refusal("service.busy")
    schema = await schema_of(database)
    if schema != state.schema:
        _log.error("the schema has changed from %s to %s: restart", state.schema, schema)
        raise Refusal("service.busy")
    return Health("ok")


router = Router("/health", route_handlers=[get_live, get_ready], tags=["Health"], opt=dict(PUBLIC))
