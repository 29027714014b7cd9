"""Ask, approve, reject, retract.

A request and its approval are of two different persons. What is approved happens in the
unit of work of the approval: either the decision stands and the deed is done, or neither.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from gutschein.approvals import repository, rules
from gutschein.approvals.business_log import tell
from gutschein.approvals.kinds import Case, Desk, Details, Done, Kind, Terms
from gutschein.approvals.roles import check_roles
from gutschein.approvals.rules import Decision, Request
from gutschein.approvals.sealed_terms import open_terms, seal_terms
from gutschein.db.access import Access
from gutschein.db.unit_of_work import Work, act
from gutschein.kernel.author import Author
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId, new_id
from gutschein.signing.data_keys import town_data_keys
from gutschein.web.caller import Caller


class Wanted(Struct, frozen=True, kw_only=True):
    """What somebody asks for.

    :param id: of the request, UUIDv7; made here when ``None``.
    """

    id: UUID | None
    terms: Terms
    reason: str


async def request_approval(
    work: Work, desk: Desk, town_id: TownId, wanted: Wanted, *, caller: Caller, now: datetime
) -> tuple[Request, bool]:
    """Ask for something, and tell whether this call did; the same again changes nothing.

    :param work: acting for the town.
    :raises Refusal: ``right.missing``, ``request.conflict``, ``approval.open`` when the same
        is asked for already, and what the kind refuses.
    """
    kind: Kind[Any] = desk.kinds[str(wanted.terms.__struct_config__.tag)]
    if not rules.may_ask(caller, kind.right, town_id, wanted.terms.merchant_id):
        raise Refusal("right.missing")
    request_id = wanted.id or new_id()
    if found := await repository.find_request(work, town_id, request_id):
        return await _again(work, desk, found, wanted, caller), False
    case = Case(town_id, request_id, wanted.reason, caller.author, now, desk.kek, desk.keys)
    access = kind.access or Access.town(town_id)
    await act(work, access)
    described = await kind.describe(work, case, wanted.terms)
    await act(work, Access.town(town_id))
    bare = Request(
        town_id=town_id,
        id=request_id,
        kind=kind.name,
        subject_id=described.subject_id,
        person_id=described.person_id,
        sealed_terms=b"",
        summary=described.summary,
        reason=wanted.reason,
        requested_by=caller.id,
        requested_by_name=caller.name,
        requested_at=now,
        ends_at=now + kind.waits,
    )
    key = await town_data_keys(work, town_id, desk.kek)
    request = replace(bare, sealed_terms=seal_terms(key, bare, wanted.terms))
    await repository.note_expired(work, request, now)
    if not await repository.insert_request(work, request):
        if found := await repository.find_request(work, town_id, request_id):
            return await _again(work, desk, found, wanted, caller), False
        raise Refusal("approval.open")
    if kind.announce is not None:
        await act(work, access)
        await kind.announce(work, case, wanted.terms)
        await act(work, Access.town(town_id))
    await tell(work, request, "requested", caller.author, now=now, reason=request.reason)
    return request, True


async def approve(
    work: Work,
    desk: Desk,
    town_id: TownId,
    request_id: UUID,
    *,
    fingerprint: str,
    caller: Caller,
    now: datetime,
) -> tuple[Request, Done]:
    """Approve what another person asked for, and do it.

    :param work: acting for the town.
    :param fingerprint: of the request as it was shown to the caller.
    :raises Refusal: ``approval.unknown``, ``approval.decided``, ``approval.expired``,
        ``approval.same_person``, ``approval.own_rights``, ``approval.changed``,
        ``right.missing``, ``approval.requester_gone``, and what the kind refuses; the
        request then stays open.
    """
    request = await _locked(work, town_id, request_id)
    rules.check_undecided(request, now)
    rules.check_second_person(request, caller.id)
    rules.check_not_for_oneself(request, caller.id)
    rules.check_as_shown(request, fingerprint)
    kind: Kind[Any] = desk.kinds[request.kind]
    terms = open_terms(await town_data_keys(work, town_id, desk.kek), request, kind)
    await check_roles(work, request, kind, terms, caller)
    asked_by = Author(request.requested_by, request.requested_by_name)
    case = Case(town_id, request_id, request.reason, asked_by, now, desk.kek, desk.keys)
    await act(work, kind.access or Access.town(town_id))
    done = await kind.execute(work, case, terms, caller.author)
    await act(work, Access.town(town_id))
    return await _decide(work, request, "approved", caller, now=now, done=done), done


async def reject(
    work: Work, town_id: TownId, request_id: UUID, *, reason: str, caller: Caller, now: datetime
) -> Request:
    """Reject what another person asked for.

    :raises Refusal: ``approval.unknown``, ``approval.decided``, ``approval.expired``,
        ``approval.same_person``.
    """
    request = await _locked(work, town_id, request_id)
    rules.check_undecided(request, now)
    rules.check_second_person(request, caller.id)
    return await _decide(work, request, "rejected", caller, now=now, reason=reason)


async def retract(
    work: Work, town_id: TownId, request_id: UUID, *, caller: Caller, now: datetime
) -> Request:
    """Take one's own request back.

    :raises Refusal: ``approval.unknown``, ``approval.other_requester``,
        ``approval.decided``, ``approval.expired``.
    """
    request = await _locked(work, town_id, request_id)
    rules.check_requester(request, caller.id)
    rules.check_undecided(request, now)
    return await _decide(work, request, "retracted", caller, now=now)


async def get_request(work: Work, town_id: TownId, request_id: UUID) -> Request:
    """Return a request.

    :raises Refusal: ``approval.unknown``.
    """
    found = await repository.find_request(work, town_id, request_id)
    if found is None:
        raise Refusal("approval.unknown")
    return found


async def details_of(work: Work, desk: Desk, request: Request) -> Details:
    """Return what of the sealed terms the second person reads.

    :raises Refusal: ``approval.changed`` when the row is not as it was written.
    """
    kind: Kind[Any] = desk.kinds[request.kind]
    if kind.details is None:
        return ()
    key = await town_data_keys(work, request.town_id, desk.kek)
    return kind.details(open_terms(key, request, kind))


async def _locked(work: Work, town_id: TownId, request_id: UUID) -> Request:
    found = await repository.find_request(work, town_id, request_id, lock=True)
    if found is None:
        raise Refusal("approval.unknown")
    return found


async def _again(work: Work, desk: Desk, found: Request, wanted: Wanted, caller: Caller) -> Request:
    """Return the request that stands under the id, if it is the same one.

    :raises Refusal: ``request.conflict``.
    """
    kind: Kind[Any] = desk.kinds[found.kind]
    terms = open_terms(await town_data_keys(work, found.town_id, desk.kek), found, kind)
    if (terms, found.reason, found.requested_by) != (wanted.terms, wanted.reason, caller.id):
        raise Refusal("request.conflict")
    return found


async def _decide(
    work: Work,
    request: Request,
    decision: Decision,
    caller: Caller,
    *,
    now: datetime,
    reason: str | None = None,
    done: Done | None = None,
) -> Request:
    await repository.decide(work, request, decision, caller.author, reason=reason, now=now)
    words = f"Beantragt von {request.requested_by_name}: {request.reason}"
    if reason is not None:
        words = f"{reason} ({words})"
    await tell(work, request, decision, caller.author, now=now, reason=words, done=done)
    return replace(
        request,
        decision=decision,
        decided_by=caller.id,
        decided_by_name=caller.name,
        decided_at=now,
        decision_reason=reason,
    )
