"""Is the process alive, and can it serve? For whoever watches or balances the load."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Annotated, Any

from litestar import Router, get
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.handlers import BaseRouteHandler
from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from gutschein.db.unit_of_work import Database
from gutschein.kernel.errors import Refusal
from gutschein.web.answers import answers
from gutschein.web.fields import known_as
from gutschein.web.guard import PUBLIC
from gutschein.web.providers import Db

#: Tells whether requests had better not come just now. Whoever may find so adds to
#: ``state.doubts`` of the application.
Doubt = Callable[[], bool]

#: Seconds between two looks at the schema, and those that a look may take.
LOOK_EVERY = 2
LOOK_WITHIN = 10

#: What a route is marked with that answers in any case.
_ALWAYS = {"always": True}

_log = logging.getLogger(__name__)
_SCHEMA = text("SELECT version_num FROM alembic_version")


class Health(Struct, frozen=True):
    """The service's own word on how it is."""

    status: Annotated[str, known_as("Always »ok«; trouble is a 503.", "ok")]


class OwnSchema:
    """The schema that the process has started with, and whether the database has left it.

    Once it has, nothing is done any more until the process is started anew: this code does
    not know what its rows would mean.
    """

    def __init__(self) -> None:
        self.name = ""
        self._has_changed = False

    @property
    def has_changed(self) -> bool:
        """Whether it was found to have changed."""
        return self._has_changed

    async def require(
        self, _: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
    ) -> None:
        """Guard all routes but those of the health.

        :raises Refusal: ``service.busy`` when the schema has changed.
        """
        if self._has_changed and not handler.opt.get("always"):
            raise Refusal("service.busy")

    @asynccontextmanager
    async def watched(self, database: Database, own: str) -> AsyncIterator[None]:
        """Look at the schema now and then until the block is left; it should be *own*."""
        self.name, self._has_changed = own, False
        stop = asyncio.Event()
        watching = asyncio.create_task(self._watch(database, stop))
        try:
            yield
        finally:
            stop.set()
            await watching

    async def look(self, database: Database) -> None:
        """Ask the database what schema it is at."""
        async with database.reading() as work:
            schema = (await work.execute(_SCHEMA)).scalar_one()
        if schema != self.name and not self._has_changed:
            _log.error("the schema has changed from %s to %s: restart", self.name, schema)
            self._has_changed = True

    async def _watch(self, database: Database, stop: asyncio.Event) -> None:
        stopped = asyncio.create_task(stop.wait())
        while not self._has_changed:
            await asyncio.wait({stopped}, timeout=LOOK_EVERY)
            if stopped.done():
                return
            try:
                async with asyncio.timeout(LOOK_WITHIN):
                    await self.look(database)
            except (SQLAlchemyError, OSError) as error:
                _log.warning("cannot look at the schema: %s", error)
        await stopped


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
    schema: OwnSchema = state.schema
    await schema.look(database)
    if schema.has_changed:
        raise Refusal("service.busy")
    return Health("ok")


router = Router(
    "/health", route_handlers=[get_live, get_ready], tags=["Health"], opt=PUBLIC | _ALWAYS
)
