"""The SQL of payments."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import asdict
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from gutschein.db.unit_of_work import Work
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import PaymentId, TownId
from gutschein.payments.models import payment
from gutschein.payments.schemas import Payment


async def insert_payment(work: Work, new: Payment) -> bool:
    """Insert a payment unless its id is taken; tell whether it was inserted.

    :raises Refusal: ``request.conflict`` when the id is kept for what is still to be paid.
    """
    try:
        result = await work.execute(insert(payment).values(asdict(new)).on_conflict_do_nothing())
    except IntegrityError as error:
        if "payment request" in str(error.orig):
            raise Refusal("request.conflict") from error
        raise
    return result.rowcount == 1


async def insert_covered(work: Work, payments: Sequence[Payment]) -> None:
    """Insert payments whose money has been moved out of deposits."""
    await work.execute(insert(payment), [asdict(each) for each in payments])


async def find_payment(work: Work, town_id: TownId, payment_id: PaymentId) -> Payment | None:
    query = select(payment).where(payment.c.town_id == town_id, payment.c.id == payment_id)
    row = (await work.execute(query)).mappings().one_or_none()
    return None if row is None else Payment(**row)
