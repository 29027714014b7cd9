"""Place an order: from here on it is a contract, and the town asks for its money."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gutschein.db.unit_of_work import Work
from gutschein.deposits.requests import ask
from gutschein.kernel.clock import berlin_day
from gutschein.kernel.errors import Language, Refusal
from gutschein.kernel.ids import TownId, derived_id
from gutschein.mail.message import envelope_address
from gutschein.mail.outbox import enqueue
from gutschein.shop import drafts, letters, repository
from gutschein.shop.orders import ShopOrder
from gutschein.shop.rules import Stage, due_on
from gutschein.shop.stationery import Stationery
from gutschein.signing.data_keys import town_data_keys
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.signing.service_keys import ServiceKeys


@dataclass(frozen=True, slots=True)
class Placing:
    """Who orders.

    :param total_cents: what the page showed, so that nobody pays another price than they read.
    """

    email: str
    language: Language
    total_cents: int


async def place(
    work: Work,
    town_id: TownId,
    order_id: UUID,
    placing: Placing,
    *,
    kek: KeyEncryptionKey,
    keys: ServiceKeys,
    stationery: Stationery,
    now: datetime,
) -> ShopOrder:
    """Place a draft and put the confirmation (paragraph 312i BGB) into the outbox; placed
    already, it stays as it is.

    :raises Refusal: ``order.unknown``, ``order.empty``, ``order.changed`` when its total is not
        the one that was shown, ``address.invalid``, and what
        :func:`gutschein.shop.drafts.check_wish` refuses of a voucher.
    """
    order = await drafts.get_order(work, town_id, order_id, kek, lock=True)
    if order.stage is not Stage.DRAFT:
        return order
    if not order.items:
        raise Refusal("order.empty")
    if order.total_cents != placing.total_cents:
        raise Refusal("order.changed", total_cents=order.total_cents)
    for item in order.items:
        await drafts.check_wish(work, town_id, item.wish, now)
    envelope_address(placing.email)
    key = await town_data_keys(work, town_id, kek)
    request = await ask(
        work, town_id, order_id, order.total_cents, due_on=due_on(berlin_day(now)), now=now
    )
    await repository.set_placed(
        work,
        key,
        order_id,
        email=placing.email,
        language=placing.language,
        total_cents=order.total_cents,
        now=now,
    )
    placed = await drafts.get_order(work, town_id, order_id, kek)
    mail = letters.placed(placed, request, stationery)
    await enqueue(work, keys, mail, now, mail_id=derived_id(order_id, "placed"))
    return placed
