"""Who may give which role, and which role cannot be taken: pure decisions.

Administrators and approvers are the two pairs of eyes of a town. One alone must not be able
to make another, so both roles are given by two persons, except to the very first of a town,
whom the region's operator invites: nobody is there yet who could.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import Literal
from uuid import UUID

from gutschein.kernel.errors import Refusal
from gutschein.limits.rules import Limit
from gutschein.web.rights import OF_MERCHANT, OF_REGION, OF_TOWN, Role

#: Roles of a town that only two persons of it give.
BY_TWO = frozenset({Role.ADMINISTRATOR, Role.APPROVER})
#: Roles whose last holder keeps them: without them nobody could give them to anybody.
KEPT = BY_TWO | OF_REGION
#: Roles that one manages people with, and so cannot take from oneself.
MANAGING = frozenset({Role.ADMINISTRATOR, Role.OPERATOR, Role.OWNER})

#: How long the link of a recovery can be used.
RECOVERY = timedelta(hours=24)
#: How long an invitation that nobody accepted keeps its address.
REMEMBERED = timedelta(days=7)

INVITING = Limit(
    "people.invite",
    40,
    3600,
    "a town hall invites its staff in one morning; more would make a mailer of us",
)

#: For whom an inviter acts, and to what: a region's operator invites to the region, or the
#: first people of a town.
By = Literal["operator", "operator_for_town", "town", "merchant"]

_GIVES: Mapping[By, frozenset[Role]] = {
    "operator": OF_REGION,
    "operator_for_town": BY_TWO,
    "town": OF_TOWN,
    "merchant": OF_MERCHANT,
}


def is_complete(ever: Collection[Role]) -> bool:
    """Tell whether a town decides on its own administrators and approvers.

    :param ever: the roles of the town that somebody has held at some time. It does not
        matter who holds them now, so that no town can be made a beginner again.
    """
    return BY_TWO.issubset(ever)


def check_invited(by: By, roles: Collection[Role], ever: Collection[Role]) -> None:
    """Check that somebody may invite to these roles without a second person.

    :param ever: of the town where a town's roles are meant, see :func:`is_complete`.
    :raises Refusal: ``invitation.role``, ``invitation.needs_approval``,
        ``invitation.first_ones``, ``invitation.town_decides``.
    """
    if not roles or not _GIVES[by].issuperset(roles):
        raise Refusal("invitation.role")
    if BY_TWO.isdisjoint(roles):
        return
    if by == "operator_for_town" and is_complete(ever):
        raise Refusal("invitation.town_decides")
    if by == "town":
        raise Refusal("invitation.needs_approval" if is_complete(ever) else "invitation.first_ones")


def check_approvable(roles: Collection[Role], ever: Collection[Role]) -> None:
    """Check that two persons of a town may give these roles.

    :raises Refusal: ``invitation.role``, ``invitation.first_ones``.
    """
    if not roles or not OF_TOWN.issuperset(roles):
        raise Refusal("invitation.role")
    if not is_complete(ever):
        raise Refusal("invitation.first_ones")


def check_taken_away(role: Role, holders: Collection[UUID], person_id: UUID, by: UUID) -> None:
    """Check that a role can be taken from somebody.

    :param holders: who holds it in that place now, and may sign in.
    :raises Refusal: ``role.own``, ``role.last``.
    """
    if person_id == by and role in MANAGING:
        raise Refusal("role.own")
    if role in KEPT and not set(holders) - {person_id}:
        raise Refusal("role.last")


def has_two_others(holders: Iterable[tuple[UUID, Role]], person_id: UUID) -> bool:
    """Tell whether two other persons of a town could let somebody back in: an administrator
    who asks, and an approver.
    """
    others = [each for each in holders if each[0] != person_id]
    asking = {holder for holder, role in others if role is Role.ADMINISTRATOR}
    approving = {holder for holder, role in others if role is Role.APPROVER}
    return any(asker != approver for asker in asking for approver in approving)


def in_order(roles: Iterable[Role]) -> list[Role]:
    """Return roles as they are always listed, each once."""
    wanted = set(roles)
    return [role for role in Role if role in wanted]


def masked(email: str) -> str:
    """Return an e-mail address as the second person reads it: ``e…@rathaus.example``."""
    local, _, domain = email.rpartition("@")
    return f"{local[:1]}…@{domain}"
