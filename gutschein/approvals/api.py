"""Requests for approval over HTTP: see them, decide them, take them back."""

from __future__ import annotations

from uuid import UUID

from litestar import Router, get, post
from litestar.datastructures import State as AppState
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from gutschein.approvals import repository, service
from gutschein.approvals.kinds import Desk
from gutschein.approvals.schemas import (
    Approval,
    ApprovalInDetail,
    Approvals,
    Approved,
    Approving,
    Detail,
    KindWanted,
    Limit,
    Rejection,
    StateWanted,
)
from gutschein.kernel.ids import TownId
from gutschein.web.answers import answers
from gutschein.web.providers import Db, Now, Who
from gutschein.web.rights import Right, needs

#: Handlers ask for it as ``desk``.
AtDesk = NamedDependency[Desk]

_ONE = "/{request_id:uuid}"
_UNDECIDED = ("approval.unknown", "approval.decided", "approval.expired")


@get("/", opt=needs(Right.APPROVAL_READ))
async def list_approvals(
    town_id: FromPath[TownId],
    database: Db,
    now: Now,
    *,
    stands: StateWanted = None,
    kind: KindWanted = None,
    limit: Limit = 100,
) -> Approvals:
    """List what needed a second person: open requests first, then the newest."""
    async with database.reading() as work:
        found = await repository.list_requests(
            work, town_id, now, states=[stands] if stands else [], kind=kind, limit=limit
        )
    return Approvals([Approval.of(each, now) for each in found])


@get(
    _ONE,
    responses=answers("approval.unknown", "approval.changed"),
    opt=needs(Right.APPROVAL_READ),
)
async def get_approval(
    town_id: FromPath[TownId],
    request_id: FromPath[UUID],
    *,
    database: Db,
    desk: AtDesk,
    now: Now,
) -> ApprovalInDetail:
    """Return a request for approval, with all that the second person decides on."""
    async with database.reading() as work:
        request = await service.get_request(work, town_id, request_id)
        details = await service.details_of(work, desk, request)
    return ApprovalInDetail.of(request, now, details=[Detail(*each) for each in details])


@post(
    _ONE + "/approval",
    status_code=200,
    responses=answers(
        *_UNDECIDED,
        "approval.same_person",
        "approval.own_rights",
        "approval.changed",
        "approval.requester_gone",
    ),
    opt=needs(Right.APPROVAL_DECIDE),
)
async def approve_request(
    town_id: FromPath[TownId],
    request_id: FromPath[UUID],
    data: JSONBody[Approving],
    *,
    database: Db,
    caller: Who,
    desk: AtDesk,
    now: Now,
) -> Approved:
    """Approve what another person asked for; it is done at once, or refused and stays open.

    Besides the refusals below each kind has its own, such as `voucher.not_blocked`.
    """
    async with database.unit_of_work() as work:
        request, done = await service.approve(
            work,
            desk,
            town_id,
            request_id,
            fingerprint=data.fingerprint,
            caller=caller,
            now=now,
        )
    return Approved.of(request, now, shown_once=done.shown_once)


@post(
    _ONE + "/rejection",
    status_code=200,
    responses=answers(*_UNDECIDED, "approval.same_person"),
    opt=needs(Right.APPROVAL_DECIDE),
)
async def reject_request(
    town_id: FromPath[TownId],
    request_id: FromPath[UUID],
    data: JSONBody[Rejection],
    *,
    database: Db,
    caller: Who,
    now: Now,
) -> Approval:
    """Reject what another person asked for."""
    async with database.unit_of_work() as work:
        request = await service.reject(
            work, town_id, request_id, reason=data.reason, caller=caller, now=now
        )
    return Approval.of(request, now)


@post(
    _ONE + "/retraction",
    status_code=200,
    responses=answers(*_UNDECIDED, "approval.other_requester"),
    opt=needs(Right.APPROVAL_REQUEST),
)
async def retract_request(
    town_id: FromPath[TownId], request_id: FromPath[UUID], database: Db, caller: Who, now: Now
) -> Approval:
    """Take one's own request back."""
    async with database.unit_of_work() as work:
        request = await service.retract(work, town_id, request_id, caller=caller, now=now)
    return Approval.of(request, now)


def desk_of(state: AppState) -> Desk:
    """Return the desk of the application, for handlers that ask for it."""
    return Desk(state.approval_kinds, state.kek, state.service_keys)


def router_with(ask: HTTPRouteHandler) -> Router:
    """Return the routes of requests.

    :param ask: the one that asks; it stands where the kinds are known.
    """
    return Router(
        "/api/v1/towns/{town_id:uuid}/approvals",
        route_handlers=[
            ask,
            list_approvals,
            get_approval,
            approve_request,
            reject_request,
            retract_request,
        ],
        tags=["Approvals"],
    )
