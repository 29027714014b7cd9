"""What both persons of an approval may do at the very moment of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gutschein.approvals.kinds import Kind, Terms
from gutschein.approvals.rules import Request, may_ask
from gutschein.db.access import IDENTITY, Access
from gutschein.db.unit_of_work import Work, act
from gutschein.identity.persons import get_person
from gutschein.identity.repository import lock_person
from gutschein.identity.roles import grants_of
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import PersonId
from gutschein.web.caller import Caller, Grant
from gutschein.web.rights import Right


async def check_roles(
    work: Work, request: Request, kind: Kind[Any], terms: Terms, approver: Caller
) -> None:
    """Look up anew what both persons may do, and hold it until the approval stands.

    Whoever takes one of their roles away meanwhile waits. Which factors the requester
    showed was seen when they asked.

    :raises Refusal: ``right.missing``, ``approval.requester_gone``.
    """
    requester = Caller("person", request.requested_by, request.requested_by_name, ())
    now = {each.id: each for each in (approver, requester)}
    await act(work, IDENTITY)
    for person_id in sorted(now):  # always in the same order, so that two never block
        grants = await _grants(work, PersonId(person_id))
        now[person_id] = replace(now[person_id], grants=grants)
    await act(work, Access.town(request.town_id))
    if request.town_id not in now[approver.id].towns_with(Right.APPROVAL_DECIDE):
        raise Refusal("right.missing")
    if not may_ask(now[requester.id], kind.right, request.town_id, terms.merchant_id):
        raise Refusal("approval.requester_gone", name=request.requested_by_name)


async def _grants(work: Work, person_id: PersonId) -> tuple[Grant, ...]:
    if await lock_person(work, person_id) is None:
        return ()
    if (await get_person(work, person_id)).disabled_at is not None:
        return ()
    return tuple(
        Grant(each.role, each.region_id, each.town_id, each.merchant_id)
        for each in await grants_of(work, person_id)
    )
