"""Two persons of a town hall: one asks for a reversal after its day, the other approves it."""

from __future__ import annotations

from uuid import UUID

import steps as do
from everybody import ANNA, BERND, NAMES
from steps import id_of
from two_towns import town_id

from gutschein.approvals import service
from gutschein.approvals.kinds import Desk, by_name
from gutschein.approvals.service import Wanted
from gutschein.db.unit_of_work import Work
from gutschein.kernel.ids import TownId
from gutschein.redemption.late_reversal import LATE_REVERSAL, LateReversal
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.signing.service_keys import ServiceKeys
from gutschein.web.caller import Caller, Grant
from gutschein.web.rights import Role


async def ask_for_reversal(work: Work, kek: KeyEncryptionKey, step: do.AskForReversal) -> None:
    terms = LateReversal(redemption_id=id_of(step.redemption))
    wanted = Wanted(id=id_of(step.request), terms=terms, reason="Auf Wunsch")
    town = town_id(step.town)
    anna = _person(ANNA, Role.CLERK, town)
    await service.request_approval(work, _desk(kek), town, wanted, caller=anna, now=step.now)


async def approve_reversal(work: Work, kek: KeyEncryptionKey, step: do.ApproveReversal) -> None:
    town, request_id = town_id(step.town), id_of(step.request)
    shown = await service.get_request(work, town, request_id)
    bernd = _person(BERND, Role.APPROVER, town)
    await service.approve(
        work,
        _desk(kek),
        town,
        request_id,
        fingerprint=shown.fingerprint,
        caller=bernd,
        now=step.now,
    )


def _desk(kek: KeyEncryptionKey) -> Desk:
    """Return the desk for this kind of request, which needs none of the service's keys."""
    return Desk(by_name([LATE_REVERSAL]), kek, ServiceKeys({}))


def _person(person_id: UUID, role: Role, town: TownId) -> Caller:
    return Caller("person", person_id, NAMES[person_id], (Grant(role, None, town, None),))
