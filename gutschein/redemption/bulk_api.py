"""Redeem up to 1,000 vouchers in one call: each for itself, with a result each."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any

from litestar import Request, Response, Router, post
from litestar.params import JSONBody

from gutschein.kernel.errors import Refusal
from gutschein.redemption.at_the_till import AtTheTill, item_of
from gutschein.redemption.order import Sale
from gutschein.redemption.schemas import (
    ItemDone,
    NewRedemption,
    NewRedemptions,
    RedemptionDone,
    RedemptionsDone,
)
from gutschein.watch.metrics import count_redemption, count_refusal
from gutschein.watch.redemption_log import note_redemption
from gutschein.watch.stopwatch import Stopwatch
from gutschein.web.answers import answers
from gutschein.web.cbor import ALSO_CBOR, answer_in_kind
from gutschein.web.language import preferred_language
from gutschein.web.outage import is_outage, log_outage
from gutschein.web.problem import problem_of
from gutschein.web.rights import Right, needs

#: So many are under way at once, that a call with many leaves room for those with one.
_SLICE = 100


@post(
    "/redemptions/batch",
    status_code=200,
    responses=answers("limit.rate"),
    opt=needs(Right.TILL_REDEEM) | {ALSO_CBOR: True},
)
async def redeem_batch(
    data: JSONBody[NewRedemptions], request: Request[Any, Any, Any]
) -> Response[RedemptionsDone]:
    """Redeem many vouchers, each in full or in part and each for itself.

    Each result is what the item would have been answered alone: the redemption, or the
    problem document of the refusal. Sent again, the call answers the same for what took
    place, and tries the rest again. Body and answer may be `application/cbor`.
    """
    language = preferred_language(request.headers.get("accept-language", ""))
    till = AtTheTill.of(request)
    outages: list[BaseException] = []

    async def result(item: NewRedemption) -> ItemDone:
        try:
            done = await _redeemed(till, item)
        except Refusal as refusal:
            count_redemption("redemption", "refused")
            count_refusal(refusal.code)
            if refusal.__cause__ is not None and is_outage(refusal.__cause__):
                outages.append(refusal.__cause__)
            return ItemDone(id=item.id, problem=problem_of(refusal, language))
        count_redemption("redemption", "done" if done.redeemed_at == till.now else "repeated")
        return ItemDone(id=item.id, redemption=done)

    takes = Stopwatch()
    results: list[ItemDone] = []
    for some in _slices(data.items):
        results += await asyncio.gather(*map(result, some))
    if outages:  # one line for all of them: they have one reason
        log_outage(request.url.path, outages[0])
    note_redemption(
        "batch",
        "done",
        id=data.items[0].id,
        caller=f"{till.caller.kind} {till.caller.id}",
        seconds=takes.seconds(),
    )
    return answer_in_kind(request, RedemptionsDone(results=results))


async def _redeemed(till: AtTheTill, item: NewRedemption) -> RedemptionDone:
    try:
        [done] = await till.redeem_among_many(Sale(item.shop, [item_of(item)]))
    except Exception as error:
        if is_outage(error):
            raise Refusal("service.busy") from error
        raise
    return RedemptionDone.of(done)


def _slices(items: Sequence[NewRedemption]) -> Iterator[Sequence[NewRedemption]]:
    return (items[begin : begin + _SLICE] for begin in range(0, len(items), _SLICE))


router = Router("/api/v1", route_handlers=[redeem_batch], tags=["Redemption"])
