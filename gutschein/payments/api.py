"""Payments over HTTP."""

from __future__ import annotations

from litestar import Response, Router, get, post
from litestar.params import FromPath, JSONBody

from gutschein.kernel.ids import PaymentId, TownId
from gutschein.payments import service
from gutschein.payments.schemas import NewPayment, PaymentWithRest
from gutschein.web.answers import answers, made_or_found
from gutschein.web.providers import Db, Now
from gutschein.web.rights import Right, needs


@post(
    "/",
    responses=answers(
        "town.unknown",
        "issuing_point.unknown",
        "payment.issuing_point",
        "payment.needs_approval",
        "amount.invalid",
        "request.conflict",
        found=PaymentWithRest,
    ),
    opt=needs(Right.PAYMENT_BOOK),
)
async def book_payment(
    town_id: FromPath[TownId], data: JSONBody[NewPayment], database: Db, now: Now
) -> Response[PaymentWithRest]:
    """Book money that has come in, once for ever by its id."""
    async with database.unit_of_work() as work:
        payment, made = await service.book_payment(work, town_id, data, now)
    return made_or_found(payment, f"/api/v1/towns/{town_id}/payments/{payment.id}", made=made)


@get(
    "/{payment_id:uuid}",
    responses=answers("town.unknown", "payment.unknown"),
    opt=needs(Right.PAYMENT_READ),
)
async def get_payment(
    town_id: FromPath[TownId], payment_id: FromPath[PaymentId], database: Db
) -> PaymentWithRest:
    """Return a payment, with what is left of it."""
    async with database.reading() as work:
        return await service.get_payment(work, town_id, payment_id)


router = Router(
    "/api/v1/towns/{town_id:uuid}/payments",
    route_handlers=[book_payment, get_payment],
    tags=["Payments"],
)
