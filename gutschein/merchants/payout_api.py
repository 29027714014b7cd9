"""A merchant's own way to another payout account, over HTTP: ask for it, see what became of it,
take it back. The town's people use the requests of the town.
"""

from __future__ import annotations

from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath, JSONBody

from gutschein.approvals import repository, service
from gutschein.approvals.api import AtDesk
from gutschein.approvals.schemas import MOST_LISTED, Approval, Approvals, NewRequest
from gutschein.approvals.service import Wanted
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import MerchantId, TownId
from gutschein.merchants.payout_change import PayoutChange
from gutschein.merchants.schemas import ContactEmail
from gutschein.merchants.service import get_merchant
from gutschein.web.answers import answers, made_or_found
from gutschein.web.fields import AccountHolder, Iban
from gutschein.web.providers import Db, Now, Who
from gutschein.web.rights import Right, needs

_KIND = str(PayoutChange.__struct_config__.tag)


class NewPayoutAccountRequest(NewRequest, frozen=True, kw_only=True):
    """Where a merchant asks to be paid, and who is to be told of changes from then on."""

    iban: Iban
    account_holder: AccountHolder
    contact_email: ContactEmail | None = None


@post(
    "/",
    responses=answers(
        "merchant.unknown",
        "iban.invalid",
        "sepa_text.empty",
        "payout_account.same",
        "approval.open",
        "request.conflict",
        found=Approval,
    ),
    opt=needs(Right.PAYOUT_ACCOUNT_REQUEST),
)
async def request_payout_account(
    town_id: FromPath[TownId],
    merchant_id: FromPath[MerchantId],
    data: JSONBody[NewPayoutAccountRequest],
    *,
    database: Db,
    caller: Who,
    desk: AtDesk,
    now: Now,
) -> Response[Approval]:
    """Ask to be paid to another account; the town approves it, and then it waits some days."""
    terms = PayoutChange(
        merchant_id=merchant_id,
        iban=data.iban,
        account_holder=data.account_holder,
        contact_email=data.contact_email,
    )
    wanted = Wanted(id=data.id, terms=terms, reason=data.reason)
    async with database.unit_of_work() as work:
        request, made = await service.request_approval(
            work, desk, town_id, wanted, caller=caller, now=now
        )
    location = f"/api/v1/towns/{town_id}/merchants/{merchant_id}/payout-account-requests"
    return made_or_found(Approval.of(request, now), location, made=made)


@get(
    "/",
    responses=answers("town.unknown", "merchant.unknown"),
    opt=needs(Right.PAYOUT_ACCOUNT_REQUEST),
)
async def list_payout_account_requests(
    town_id: FromPath[TownId], merchant_id: FromPath[MerchantId], database: Db, now: Now
) -> Approvals:
    """List what was asked for a merchant's payout account, the open request first."""
    async with database.reading() as work:
        await get_merchant(work, town_id, merchant_id)
        found = await repository.list_requests(
            work, town_id, now, kind=_KIND, subject_id=merchant_id, limit=MOST_LISTED
        )
    return Approvals([Approval.of(each, now) for each in found])


@post(
    "/{request_id:uuid}/retraction",
    status_code=200,
    responses=answers(
        "approval.unknown", "approval.other_requester", "approval.decided", "approval.expired"
    ),
    opt=needs(Right.PAYOUT_ACCOUNT_REQUEST),
)
async def retract_payout_account_request(
    town_id: FromPath[TownId],
    merchant_id: FromPath[MerchantId],
    request_id: FromPath[UUID],
    *,
    database: Db,
    caller: Who,
    now: Now,
) -> Approval:
    """Take one's own request for another payout account back."""
    async with database.unit_of_work() as work:
        request = await service.get_request(work, town_id, request_id)
        if (request.kind, request.subject_id) != (_KIND, merchant_id):
            raise Refusal("approval.unknown")
        request = await service.retract(work, town_id, request_id, caller=caller, now=now)
    return Approval.of(request, now)


router = Router(
    "/api/v1/towns/{town_id:uuid}/merchants/{merchant_id:uuid}/payout-account-requests",
    route_handlers=[
        request_payout_account,
        list_payout_account_requests,
        retract_payout_account_request,
    ],
    tags=["Merchants"],
)
