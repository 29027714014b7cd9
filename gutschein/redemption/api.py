"""Redeem, reverse, and ask what became of an id, over HTTP."""

from __future__ import annotations

from typing import Any

from litestar import Request, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from gutschein.kernel.clock import berlin_day
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import RedemptionId, ReversalId, TownId
from gutschein.redemption import repository
from gutschein.redemption.at_the_till import AtTheTill, by_of, check_shop, item_of
from gutschein.redemption.balance import refusal_in, view_of
from gutschein.redemption.clearing import Clearing
from gutschein.redemption.guessing import counting_guesses
from gutschein.redemption.order import Sale
from gutschein.redemption.presented import Presented
from gutschein.redemption.reversing import Asked
from gutschein.redemption.rules import Shop
from gutschein.redemption.schemas import (
    NewRedemption,
    NewReversal,
    NewSale,
    RedemptionDone,
    ReversalDone,
    SaleDone,
    VoucherBalance,
)
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.watch.redemption_log import Noted
from gutschein.web.answers import answers
from gutschein.web.caller import Caller
from gutschein.web.language import preferred_language
from gutschein.web.providers import Counters, Db, Now, Who
from gutschein.web.rights import OF_TOWN, Right, needs

Kek = NamedDependency[KeyEncryptionKey]

#: A typed code is never this long, a token always longer.
LONGEST_CODE = 64

_REFUSALS = (
    "amount.invalid",
    "town.unknown",
    "merchant.unknown",
    "merchant.not_accepted",
    "branch.unknown",
    "branch.closed",
    "token.unreadable",
    "token.signature",
    "token.key_unknown",
    "token.key_revoked",
    "token.key_not_yet",
    "token.key_expired",
    "code.typo",
    "voucher.unknown",
    "voucher.not_active",
    "voucher.blocked",
    "voucher.replaced",
    "voucher.expired",
    "voucher.empty",
    "voucher.insufficient",
    "voucher.whole_only",
    "voucher.pin",
    "redemption.conflict",
    "key.sealed",
    "limit.rate",
)


@post(
    "/redemptions",
    status_code=200,
    responses=answers(*_REFUSALS),
    opt=needs(Right.TILL_REDEEM, signs_in_with_request=True),
)
async def redeem_voucher(
    data: JSONBody[NewRedemption], request: Request[Any, Any, Any]
) -> RedemptionDone:
    """Redeem a voucher in full or in part.

    The same id with the same data answers the same for ever and moves nothing again.
    """
    [done] = await AtTheTill.of(request).redeem(Sale(data.shop, [item_of(data)]))
    return RedemptionDone.of(done)


@post(
    "/sales",
    status_code=200,
    responses=answers(*_REFUSALS),
    opt=needs(Right.TILL_REDEEM, signs_in_with_request=True),
)
async def pay_sale(data: JSONBody[NewSale], request: Request[Any, Any, Any]) -> SaleDone:
    """Pay one sale with several vouchers: all of them are redeemed, or none.

    A refusal names in `item` the place of the voucher it is about, counted from 0.
    """
    sale = Sale(data.shop, [item_of(item) for item in data.items], data.id)
    done = await AtTheTill.of(request).redeem(sale)
    return SaleDone(
        id=data.id,
        total_cents=sum(each.amount_cents for each in done),
        redemptions=[RedemptionDone.of(each) for each in done],
    )


@get(
    "/towns/{town_id:uuid}/redemptions/{redemption_id:uuid}",
    responses=answers("redemption.unknown"),
    opt=needs(Right.REDEMPTION_READ),
)
async def get_redemption(
    town_id: FromPath[TownId],
    redemption_id: FromPath[RedemptionId],
    database: Db,
    caller: Who,
) -> RedemptionDone:
    """Say what became of a redemption: a till that got no answer asks here by its id.

    `redemption.unknown` means that nothing was booked under it so far, or that it is of
    another merchant.
    """
    async with database.reading() as work:
        found = await repository.stored_redemptions(work, town_id, [redemption_id])
        reversal = await repository.find_reversal(work, town_id, redemption_id)
    if redemption_id not in found or not _may_read(caller, found[redemption_id].shop):
        raise Refusal("redemption.unknown")
    return RedemptionDone.of(found[redemption_id], reversal)


@post(
    "/redemptions/{redemption_id:uuid}/reversal",
    status_code=200,
    responses=answers(
        "redemption.unknown",
        "town.unknown",
        "merchant.unknown",
        "branch.unknown",
        "reversal.other_merchant",
        "reversal.too_late",
        "reversal.already",
        "voucher.expired",
        "request.conflict",
    ),
    opt=needs(Right.TILL_REDEEM),
)
async def reverse_redemption(
    redemption_id: FromPath[RedemptionId],
    data: JSONBody[NewReversal],
    request: Request[Any, Any, Any],
    caller: Who,
    now: Now,
) -> ReversalDone:
    """Take a redemption back whole, on the same day and by the same merchant."""
    clearing: Clearing = request.app.state.clearing
    with Noted("reversal", data.id, f"{caller.kind} {caller.id}") as noted:
        check_shop(caller, data.shop)
        done = await clearing.reverse(
            Asked(ReversalId(data.id), redemption_id, data.shop, now, by_of(caller))
        )
        noted.outcome = "done" if done.reversed_at >= now else "repeated"
    return ReversalDone.of(done)


@get(
    "/vouchers/{presented:str}",
    responses=answers(
        "token.unreadable",
        "token.signature",
        "token.key_unknown",
        "token.key_revoked",
        "token.key_not_yet",
        "token.key_expired",
        "code.typo",
        "voucher.unknown",
        "key.sealed",
        "limit.rate",
    ),
    opt=needs(Right.TILL_BALANCE),
)
async def get_balance(
    presented: FromPath[str],
    *,
    database: Db,
    caller: Who,
    limits: Counters,
    kek: Kek,
    now: Now,
    request: Request[Any, Any, Any],
) -> VoucherBalance:
    """Say what is left on a voucher, by its token in base32 or its typed code.

    A typed code is looked for in the region of the till that asks.
    """
    [town_id] = caller.towns_with(Right.TILL_BALANCE)
    is_token = len(presented) > LONGEST_CODE
    held_up = Presented(token=presented) if is_token else Presented(code=presented)
    async with (
        counting_guesses(limits, caller, now, typed=not is_token),
        database.reading() as work,
    ):
        view = await view_of(work, held_up, town_id, kek, now)
        refusal = await refusal_in(work, view, town_id, berlin_day(now))
    language = preferred_language(request.headers.get("accept-language", ""))
    return VoucherBalance(
        town_id=view.town_id,
        town_name=view.town_name,
        brand_colour=view.town_colour,
        voucher_id=view.id,
        serial=view.serial,
        programme_name=view.programme_name,
        face_value_cents=view.face_value_cents,
        balance_cents=view.standing.balance_cents,
        valid_until=view.standing.valid_until,
        partial_redemption=view.standing.partial_redemption,
        needs_pin=view.needs_pin,
        refusal=refusal.code if refusal else None,
        message=refusal.message(language) if refusal else None,
    )


def _may_read(caller: Caller, shop: Shop) -> bool:
    """Tell whether somebody of the town, or of the shop itself, asks."""
    grants = caller.holding(Right.REDEMPTION_READ)
    return any(
        (grant.role in OF_TOWN and grant.town_id == shop.town_id)
        or grant.merchant_id == shop.merchant_id
        for grant in grants
    )


router = Router(
    "/api/v1",
    route_handlers=[redeem_voucher, pay_sale, get_redemption, reverse_redemption, get_balance],
    tags=["Redemption"],
)
