"""The audit over HTTP, for whoever watches a service from outside."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import Router, get
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter

from gutschein.audit import opener
from gutschein.auditor.audit import audit
from gutschein.auditor.findings import AuditReport
from gutschein.db.unit_of_work import Database
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.web.providers import Now, Who
from gutschein.web.request_limits import LONG_WORK
from gutschein.web.rights import Right, needs

TownIds = Annotated[
    list[UUID] | None,
    QueryParameter(name="town_id", description="Only these; without, all that one has a role in."),
]


def _auditor(state: State) -> Database:
    auditor: Database = state.auditor_database
    return auditor


@get("/audit", opt=needs(Right.AUDIT_RUN) | LONG_WORK)
async def run_audit(
    auditor: NamedDependency[Database],
    kek: NamedDependency[KeyEncryptionKey],
    now: Now,
    caller: Who,
    town_ids: TownIds = None,
) -> AuditReport:
    """Recompute the books and report what does not agree. Takes longer the more there is."""
    own = caller.towns_with(Right.AUDIT_RUN)
    wanted = own if town_ids is None else frozenset(map(TownId, town_ids))
    if not wanted <= own:
        raise Refusal("right.missing")
    async with auditor.reading() as work:
        opens = await opener(work, kek)
        return await audit(work, now=now, towns=sorted(wanted), opener=opens)


router = Router(
    "/api/v1",
    route_handlers=[run_audit],
    dependencies={"auditor": Provide(_auditor, sync_to_thread=False)},
    tags=["Audit"],
)
