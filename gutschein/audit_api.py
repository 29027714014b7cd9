"""The audit over HTTP, for whoever watches a service from outside."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, Router, get
from litestar.datastructures import State
from litestar.params import Parameter

from gutschein.auditor.audit import audit
from gutschein.auditor.report import render_json
from gutschein.db.unit_of_work import Database

TownIds = Annotated[
    list[UUID] | None, Parameter(query="town_id", description="Only these towns; all without.")
]


@get("/audit", media_type="application/json")
async def run_audit(state: State, now: datetime, town_ids: TownIds = None) -> Response[bytes]:
    """Recompute all books and report what does not agree. Takes longer the more there is."""
    database: Database = state.auditor_database
    async with database.reading() as work:
        report = await audit(work, now=now, towns=town_ids)
    return Response(render_json(report), media_type="application/json")


router = Router("/api/v1", route_handlers=[run_audit], tags=["Audit"])
