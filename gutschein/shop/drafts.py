"""A draft: what somebody is putting together, before they order it.

Whatever the page sends twice is done once: an order goes by the id that the form was made with,
a voucher by the place that was free when its form was made.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from gutschein.db.unit_of_work import Work
from gutschein.kernel.clock import berlin_day
from gutschein.kernel.errors import Language, Refusal
from gutschein.kernel.ids import TownId
from gutschein.motifs.service import motifs_of
from gutschein.programmes.service import get_programme, terms_of
from gutschein.shop import repository
from gutschein.shop.models import MOST_ITEMS
from gutschein.shop.orders import Position, ShopOrder, Wish
from gutschein.shop.rules import Stage, check_day, check_value
from gutschein.signing.data_keys import town_data_keys
from gutschein.signing.sealing import DataKey, KeyEncryptionKey


async def begin(
    work: Work,
    town_id: TownId,
    order_id: UUID,
    language: Language,
    now: datetime,
) -> None:
    """Begin a draft, once by its id."""
    await repository.insert_draft(work, town_id, order_id, language, now)


async def get_order(
    work: Work, town_id: TownId, order_id: UUID, kek: KeyEncryptionKey, *, lock: bool = False
) -> ShopOrder:
    """Return an order.

    :param lock: let nobody else change it before this unit of work ends.
    :raises Refusal: ``order.unknown``, ``key.sealed``, ``bank_data.altered``.
    """
    key = await town_data_keys(work, town_id, kek)
    return await _get(work, key, order_id, lock=lock)


async def add(
    work: Work,
    town_id: TownId,
    order_id: UUID,
    position: Position,
    wish: Wish,
    *,
    count: int = 1,
    kek: KeyEncryptionKey,
    now: datetime,
) -> None:
    """Put *count* vouchers of a kind into a draft, the first at *position*. If there is one
    already, the form was sent before, and nothing changes.

    :raises Refusal: ``order.unknown``, ``order.placed``, ``order.full``, and what
        :func:`check_wish` refuses.
    """
    key = await town_data_keys(work, town_id, kek)
    order = await _draft(work, key, order_id)
    free = free_positions(order)
    if position not in free:
        return
    await check_wish(work, town_id, wish, now)
    if count > len(free):
        raise Refusal("order.full", most=MOST_ITEMS)
    places = [position, *(each for each in free if each != position)][:count]
    for place in places:
        await repository.insert_item(work, key, order_id, place, wish)


async def change(
    work: Work,
    town_id: TownId,
    order_id: UUID,
    position: Position,
    wish: Wish,
    *,
    kek: KeyEncryptionKey,
    now: datetime,
) -> None:
    """Want another voucher in the place of one in a draft.

    :raises Refusal: ``order.unknown``, ``order.placed``, ``order.no_item``, and what
        :func:`check_wish` refuses.
    """
    key = await town_data_keys(work, town_id, kek)
    order = await _draft(work, key, order_id)
    if all(item.position != position for item in order.items):
        raise Refusal("order.no_item")
    await check_wish(work, town_id, wish, now)
    await repository.change_item(work, key, order_id, position, wish)


async def remove(
    work: Work, town_id: TownId, order_id: UUID, position: Position, *, kek: KeyEncryptionKey
) -> None:
    """Take a voucher out of a draft; if it is gone already, that is as good.

    :raises Refusal: ``order.unknown``, ``order.placed``.
    """
    key = await town_data_keys(work, town_id, kek)
    await _draft(work, key, order_id)
    await repository.delete_item(work, town_id, order_id, position)


def free_positions(order: ShopOrder) -> list[Position]:
    """Return the places that an order has left, the lowest first."""
    taken = {item.position for item in order.items}
    return [Position(each) for each in range(1, MOST_ITEMS + 1) if each not in taken]


async def check_wish(work: Work, town_id: TownId, wish: Wish, now: datetime) -> None:
    """Refuse a voucher that the town does not sell.

    :raises Refusal: ``programme.unknown``, ``programme.value_refused``, ``motif.unknown``,
        ``order.delivery_day``.
    """
    programme = await get_programme(work, town_id, wish.programme_id)
    check_value(terms_of(programme), wish.value_cents)
    if wish.motif not in {motif.key for motif in await motifs_of(work, town_id, "de")}:
        raise Refusal("motif.unknown")
    if wish.deliver_on is not None:
        check_day(wish.deliver_on, berlin_day(now))


def for_whom(wish: Wish) -> Wish:
    """Leave out what the way of delivery has no use for."""
    if wish.delivery == "recipient":
        return wish
    return replace(wish, recipient="", deliver_on=None)


async def _draft(work: Work, key: DataKey, order_id: UUID) -> ShopOrder:
    order = await _get(work, key, order_id, lock=True)
    if order.stage is not Stage.DRAFT:
        raise Refusal("order.placed")
    return order


async def _get(work: Work, key: DataKey, order_id: UUID, *, lock: bool) -> ShopOrder:
    order = await repository.find_order(work, key, order_id, lock=lock)
    if order is None:
        raise Refusal("order.unknown")
    return order
