"""The SQL of payments."""

from __future__ import annotations

from msgspec.structs import asdict
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from gutschein.db.unit_of_work import Work
from gutschein.kernel.ids import PaymentId, TownId
from gutschein.payments.models import payment
from gutschein.payments.schemas import Payment


async def insert_payment(work: Work, new: Payment) -> bool:
    """Insert a payment unless its id is taken; tell whether it was inserted."""
    result = await work.execute(insert(payment).values(asdict(new)).on_conflict_do_nothing())
    return result.rowcount == 1


async def find_payment(work: Work, town_id: TownId, payment_id: PaymentId) -> Payment | None:
    query = select(payment).where(payment.c.town_id == town_id, payment.c.id == payment_id)
    row = (await work.execute(query)).mappings().one_or_none()
    return None if row is None else Payment(**row)
