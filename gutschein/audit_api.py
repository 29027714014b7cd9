"""The audit over HTTP, for whoever watches a service from outside."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import Router, get
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter

from gutschein.auditor.audit import audit
from gutschein.auditor.findings import AuditReport
from gutschein.db.unit_of_work import Database
from gutschein.web.providers import Now

TownIds = Annotated[
    list[UUID] | None, QueryParameter(name="town_id", description="Only these; all without.")
]


def _auditor(state: State) -> Database:
    auditor: Database = state.auditor_database
    return auditor


@get("/audit")
async def run_audit(
    auditor: NamedDependency[Database], now: Now, town_ids: TownIds = None
) -> AuditReport:
    """Recompute all books and report what does not agree. Takes longer the more there is."""
    async with auditor.reading() as work:
        return await audit(work, now=now, towns=town_ids)


router = Router(
    "/api/v1",
    route_handlers=[run_audit],
    dependencies={"auditor": Provide(_auditor, sync_to_thread=False)},
    tags=["Audit"],
)
