"""Who may ask, who may decide, and until when: pure decisions."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from gutschein.kernel.clock import berlin_day
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId
from gutschein.web.caller import Caller
from gutschein.web.rights import OF_TOWN, Right

Decision = Literal["approved", "rejected", "retracted", "expired"]
State = Literal["open", "approved", "rejected", "retracted", "expired"]


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it stands in the database, its terms sealed."""

    town_id: TownId
    id: UUID
    kind: str
    subject_id: UUID
    person_id: UUID | None
    sealed_terms: bytes
    summary: str
    reason: str
    requested_by: UUID
    requested_by_name: str
    requested_at: datetime
    ends_at: datetime
    decision: Decision | None = None
    decided_by: UUID | None = None
    decided_by_name: str | None = None
    decided_at: datetime | None = None
    decision_reason: str | None = None

    @property
    def fingerprint(self) -> str:
        """What a second person has seen: 64 hex digits over all that was asked for.

        It is over the sealed terms, so it tells nobody what they are.
        """
        parts = [self.town_id, self.id, self.kind, self.requested_by, self.sealed_terms.hex()]
        parts += [self.summary, self.reason]
        return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()

    def state(self, now: datetime) -> State:
        """Where it stands; one whose time has passed has expired, noted or not."""
        if self.decision is not None:
            return self.decision
        return "open" if now < self.ends_at else "expired"


def may_ask(caller: Caller, right: Right, town_id: TownId, merchant_id: UUID | None) -> bool:
    """Tell whether somebody has *right* in the town, or for the merchant it is about."""
    return caller.kind == "person" and any(
        grant.town_id == town_id
        and (
            grant.role in OF_TOWN or (merchant_id is not None and grant.merchant_id == merchant_id)
        )
        for grant in caller.holding(right)
    )


def check_undecided(request: Request, now: datetime) -> None:
    """Refuse to decide what is decided, or too late.

    :raises Refusal: ``approval.decided``, ``approval.expired``.
    """
    if request.decision not in {None, "expired"}:
        raise Refusal("approval.decided", name=request.decided_by_name or "")
    if request.state(now) == "expired":
        raise Refusal("approval.expired", date=berlin_day(request.ends_at))


def check_second_person(request: Request, person_id: UUID) -> None:
    """Refuse who asked for it.

    :raises Refusal: ``approval.same_person``.
    """
    if person_id == request.requested_by:
        raise Refusal("approval.same_person")


def check_not_for_oneself(request: Request, person_id: UUID) -> None:
    """Refuse the one whose own rights are at stake.

    :raises Refusal: ``approval.own_rights``.
    """
    if person_id == request.person_id:
        raise Refusal("approval.own_rights")


def check_as_shown(request: Request, fingerprint: str) -> None:
    """Refuse when the request is another than the one that was shown.

    :raises Refusal: ``approval.changed``.
    """
    if fingerprint != request.fingerprint:
        raise Refusal("approval.changed")


def check_requester(request: Request, person_id: UUID) -> None:
    """Let only the requester through.

    :raises Refusal: ``approval.other_requester``.
    """
    if person_id != request.requested_by:
        raise Refusal("approval.other_requester", name=request.requested_by_name)
