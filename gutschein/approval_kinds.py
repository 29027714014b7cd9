"""The kinds of request there are, and the route that asks for one."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from litestar import Response, post
from litestar.params import FromPath, JSONBody

from gutschein.approvals import service
from gutschein.approvals.api import AtDesk, router_with
from gutschein.approvals.kinds import Kinds, by_name
from gutschein.approvals.schemas import Approval, NewRequest
from gutschein.approvals.service import Wanted
from gutschein.kernel.ids import TownId
from gutschein.mail.outbox import mail_is_on
from gutschein.merchants.payout_change import PayoutChange, payout_account_kind
from gutschein.payments.gratis import GRATIS_ISSUE, GratisIssue
from gutschein.people.kinds import Recovery, RoleGrant, recovery_kind, role_grant_kind
from gutschein.people.letters import Letterbox
from gutschein.redemption.late_reversal import LATE_REVERSAL, LateReversal
from gutschein.settings import Settings
from gutschein.settlement.approval_kind import SETTLEMENT, SettlementApproval
from gutschein.vouchers.key_renewal import KEY_RENEWAL, KeyRenewal
from gutschein.vouchers.unblock import UNBLOCK, Unblocking
from gutschein.web.answers import answers, made_or_found
from gutschein.web.fields import known_as
from gutschein.web.providers import Db, Now, Who
from gutschein.web.rights import Right, needs

AnyTerms = Annotated[
    SettlementApproval
    | PayoutChange
    | GratisIssue
    | LateReversal
    | Unblocking
    | KeyRenewal
    | RoleGrant
    | Recovery,
    known_as(
        "What is asked for; `kind` says which of them it is.",
        {"kind": "unblock", "voucher_id": "01938f6e-5c00-7cc3-98c4-dc0c0c07398f"},
    ),
]


class NewApproval(NewRequest, frozen=True, kw_only=True):
    """Something that a second person is to approve."""

    terms: AnyTerms


def approval_kinds(settings: Settings) -> Kinds:
    """Return all kinds of request by their names."""
    letters = Letterbox(settings.public_url, mail_is_on(settings))
    return by_name(
        [
            SETTLEMENT,
            payout_account_kind(timedelta(days=settings.payout_change_waiting_days)),
            GRATIS_ISSUE,
            LATE_REVERSAL,
            UNBLOCK,
            KEY_RENEWAL,
            role_grant_kind(letters),
            recovery_kind(letters),
        ]
    )


@post(
    "/",
    responses=answers(
        "settlement.unknown",
        "settlement.state",
        "merchant.unknown",
        "iban.invalid",
        "sepa_text.empty",
        "payout_account.same",
        "redemption.unknown",
        "reversal.already",
        "voucher.unknown",
        "voucher.replaced",
        "voucher.expired",
        "voucher.not_blocked",
        "email.invalid",
        "invitation.first_ones",
        "person.unknown",
        "recovery.elsewhere",
        "approval.own_rights",
        "approval.open",
        "request.conflict",
        found=Approval,
    ),
    opt=needs(Right.APPROVAL_REQUEST),
)
async def request_approval(
    town_id: FromPath[TownId],
    data: JSONBody[NewApproval],
    *,
    database: Db,
    caller: Who,
    desk: AtDesk,
    now: Now,
) -> Response[Approval]:
    """Ask for something that needs a second person.

    Each kind needs the right to ask for it besides, such as `settlement.close`.
    """
    wanted = Wanted(id=data.id, terms=data.terms, reason=data.reason)
    async with database.unit_of_work() as work:
        request, made = await service.request_approval(
            work, desk, town_id, wanted, caller=caller, now=now
        )
    location = f"/api/v1/towns/{town_id}/approvals/{request.id}"
    return made_or_found(Approval.of(request, now), location, made=made)


router = router_with(request_approval)
