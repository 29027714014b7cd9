"""Sales and cash closings of an issuing point, over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from gutschein.counter import closing, repository, sale
from gutschein.counter.sale import Wanted
from gutschein.counter.schemas import (
    CardForSale,
    CardQuestion,
    CashClosing,
    CashClosings,
    CounterSale,
    CounterSales,
    NewCashClosing,
    NewCounterSale,
)
from gutschein.kernel.ids import ProgrammeId, TownId, new_id
from gutschein.merchants.service import get_issuing_point
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.web.answers import answers, made_or_found
from gutschein.web.providers import Db, Now, Who
from gutschein.web.rights import Right, needs

Kek = NamedDependency[KeyEncryptionKey]

#: Why a voucher in stock cannot be sold.
CARD_REFUSALS = (
    "issuing_point.unknown",
    "code.typo",
    "activation.unknown",
    "activation.other_code",
    "stock.unassigned",
    "stock.other_point",
    "stock.too_late",
    "voucher.blocked",
    "voucher.sold",
    "key.none",
    "key.revoked",
    "key.not_endorsed",
    "key.sealed",
)

Newest = Annotated[
    int, QueryParameter(ge=1, le=500, description="How many, the newest first; at most 500.")
]


@post(
    "/look-ups", status_code=200, responses=answers(*CARD_REFUSALS), opt=needs(Right.COUNTER_SELL)
)
async def find_card(
    town_id: FromPath[TownId],
    point_id: FromPath[UUID],
    data: JSONBody[CardQuestion],
    *,
    database: Db,
    kek: Kek,
    now: Now,
) -> CardForSale:
    """Tell what a voucher in stock would be sold as, here and now."""
    async with database.reading() as work:
        return await sale.find_card(work, town_id, point_id, data.activation, kek=kek, now=now)


@post(
    "/sales",
    responses=answers(
        *CARD_REFUSALS,
        "stock.value",
        "programme.unknown",
        "programme.value_refused",
        "programme.rule_invalid",
        "payment.method",
        "request.conflict",
        found=CounterSale,
    ),
    opt=needs(Right.COUNTER_SELL),
)
async def sell(
    town_id: FromPath[TownId],
    point_id: FromPath[UUID],
    data: JSONBody[NewCounterSale],
    *,
    database: Db,
    kek: Kek,
    caller: Who,
    now: Now,
) -> Response[CounterSale]:
    """Sell a voucher from stock, or a new one that is printed then.

    The payment is booked under the id of the sale, and the voucher is good at once.
    """
    wanted = Wanted(
        town_id=town_id,
        point_id=point_id,
        id=data.id or new_id(),
        method=data.method,
        code=data.activation,
        programme_id=None if data.programme_id is None else ProgrammeId(data.programme_id),
        value_cents=data.value_cents,
    )
    async with database.unit_of_work() as work:
        sold, made = await sale.sell(work, wanted, kek=kek, by=caller.author, now=now)
    return made_or_found(sold, f"{_path(town_id, point_id)}/sales/{sold.id}", made=made)


@get("/sales", responses=answers("issuing_point.unknown"), opt=needs(Right.COUNTER_READ))
async def list_sales(
    town_id: FromPath[TownId], point_id: FromPath[UUID], database: Db, newest: Newest = 100
) -> CounterSales:
    """List what an issuing point sold last."""
    async with database.reading() as work:
        await get_issuing_point(work, town_id, point_id)
        return CounterSales(
            sales=await repository.list_sales(work, town_id, point_id, limit=newest)
        )


@get("/sales/{sale_id:uuid}", responses=answers("sale.unknown"), opt=needs(Right.COUNTER_READ))
async def get_sale(
    town_id: FromPath[TownId], point_id: FromPath[UUID], sale_id: FromPath[UUID], database: Db
) -> CounterSale:
    """Return a sale: what its receipt says."""
    async with database.reading() as work:
        return await sale.get_sale(work, town_id, point_id, sale_id)


@post(
    "/closings",
    responses=answers(
        "issuing_point.unknown",
        "closing.difference",
        "closing.banked",
        "amount.invalid",
        "request.conflict",
        found=CashClosing,
    ),
    opt=needs(Right.COUNTER_CLOSE),
)
async def close_cash(
    town_id: FromPath[TownId],
    point_id: FromPath[UUID],
    data: JSONBody[NewCashClosing],
    *,
    database: Db,
    caller: Who,
    now: Now,
) -> Response[CashClosing]:
    """Count the cash, compare it with the books, and book what is taken to the bank."""
    async with database.unit_of_work() as work:
        closed, made = await closing.close_cash(
            work, town_id, point_id, data, by=caller.author, now=now
        )
    return made_or_found(closed, f"{_path(town_id, point_id)}/closings/{closed.id}", made=made)


@get("/closings", responses=answers("issuing_point.unknown"), opt=needs(Right.COUNTER_READ))
async def list_closings(
    town_id: FromPath[TownId], point_id: FromPath[UUID], database: Db, newest: Newest = 100
) -> CashClosings:
    """List an issuing point's newest cash closings."""
    async with database.reading() as work:
        await get_issuing_point(work, town_id, point_id)
        found = await repository.list_closings(work, town_id, point_id, limit=newest)
    return CashClosings(closings=found)


@get(
    "/closings/{closing_id:uuid}",
    responses=answers("closing.unknown"),
    opt=needs(Right.COUNTER_READ),
)
async def get_closing(
    town_id: FromPath[TownId], point_id: FromPath[UUID], closing_id: FromPath[UUID], database: Db
) -> CashClosing:
    """Return a cash closing."""
    async with database.reading() as work:
        return await closing.get_closing(work, town_id, point_id, closing_id)


def _path(town_id: TownId, point_id: UUID) -> str:
    return f"/api/v1/towns/{town_id}/issuing-points/{point_id}"


router = Router(
    "/api/v1/towns/{town_id:uuid}/issuing-points/{point_id:uuid}",
    route_handlers=[
        find_card,
        sell,
        list_sales,
        get_sale,
        close_cash,
        list_closings,
        get_closing,
    ],
    tags=["Issuing points"],
)
