"""The SQL of orders."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Row, delete, exists, select, update
from sqlalchemy.dialects.postgresql import insert

from gutschein.db.unit_of_work import Work
from gutschein.deposits.models import payment_request
from gutschein.kernel.errors import Language
from gutschein.kernel.ids import BatchId, ProgrammeId, TownId, VoucherId
from gutschein.programmes.models import programme
from gutschein.shop.models import BUYER, GIFT, order_item, shop_order
from gutschein.shop.orders import Item, Position, ShopOrder, Wish
from gutschein.signing.sealing import DataKey
from gutschein.towns.models import town
from gutschein.vouchers.models import voucher

_ISSUED = (shop_order.c.issued_at.is_not(None), shop_order.c.mail_id.is_(None))
_OPEN = (
    shop_order.c.placed_at.is_not(None),
    shop_order.c.issued_at.is_(None),
    shop_order.c.closed_at.is_(None),
)

_ASKED = (payment_request.c.town_id == shop_order.c.town_id) & (
    payment_request.c.id == shop_order.c.request_id
)


async def insert_draft(
    work: Work, town_id: TownId, order_id: UUID, language: Language, now: datetime
) -> bool:
    """Begin an order unless its id is taken; tell whether it was begun."""
    row = {"town_id": town_id, "id": order_id, "language": language, "made_at": now}
    result = await work.execute(insert(shop_order).values(row).on_conflict_do_nothing())
    return result.rowcount == 1


async def find_order(
    work: Work, key: DataKey, order_id: UUID, *, lock: bool = False
) -> ShopOrder | None:
    """Return an order with its vouchers.

    :param lock: let nobody else change it before this unit of work ends.
    :raises Refusal: ``bank_data.altered``.
    """
    query = select(shop_order).where(
        shop_order.c.town_id == key.town_id, shop_order.c.id == order_id
    )
    row = (await work.execute(query.with_for_update() if lock else query)).one_or_none()
    return None if row is None else _order(key, row, await _items(work, key, order_id))


async def insert_item(
    work: Work, key: DataKey, order_id: UUID, position: Position, wish: Wish
) -> None:
    row = {"town_id": key.town_id, "order_id": order_id, "position": position}
    await work.execute(insert(order_item).values(row | _columns(key, order_id, position, wish)))


async def change_item(
    work: Work, key: DataKey, order_id: UUID, position: Position, wish: Wish
) -> None:
    changed = update(order_item).where(*_at(key.town_id, order_id, position))
    await work.execute(changed.values(_columns(key, order_id, position, wish)))


async def delete_item(work: Work, town_id: TownId, order_id: UUID, position: Position) -> None:
    await work.execute(delete(order_item).where(*_at(town_id, order_id, position)))


async def set_placed(
    work: Work,
    key: DataKey,
    order_id: UUID,
    *,
    email: str,
    language: Language,
    total_cents: int,
    now: datetime,
) -> None:
    values = BUYER.seal(key, {"email": email}, order_id)
    await _change(
        work,
        key.town_id,
        order_id,
        placed_at=now,
        request_id=order_id,
        language=language,
        total_cents=total_cents,
        **values,
    )


async def set_batch(
    work: Work, town_id: TownId, order_id: UUID, position: Position, batch_id: BatchId
) -> None:
    changed = update(order_item).where(*_at(town_id, order_id, position))
    await work.execute(changed.values(batch_id=batch_id))


async def set_issued(work: Work, town_id: TownId, order_id: UUID, now: datetime) -> None:
    await _change(work, town_id, order_id, issued_at=now)


async def set_closed(work: Work, town_id: TownId, order_id: UUID, now: datetime) -> bool:
    """Close an order that is open; tell whether it was."""
    changed = update(shop_order).where(
        shop_order.c.town_id == town_id, shop_order.c.id == order_id, *_OPEN
    )
    return (await work.execute(changed.values(closed_at=now))).rowcount == 1


async def set_mailed(work: Work, town_id: TownId, order_id: UUID, mail_id: UUID) -> None:
    await _change(work, town_id, order_id, mail_id=mail_id)


async def set_item_mailed(
    work: Work, town_id: TownId, order_id: UUID, position: Position, mail_id: UUID
) -> None:
    changed = update(order_item).where(*_at(town_id, order_id, position))
    await work.execute(changed.values(mail_id=mail_id))


async def all_towns(work: Work) -> list[TownId]:
    return [TownId(row.id) for row in await work.execute(select(town.c.id))]


async def to_issue(work: Work, town_id: TownId, most: int) -> list[UUID]:
    """Return orders that are paid and not issued, the oldest first."""
    query = (
        select(shop_order.c.id)
        .join(payment_request, _ASKED)
        .where(shop_order.c.town_id == town_id, *_OPEN, payment_request.c.state == "paid")
        .order_by(shop_order.c.placed_at)
        .limit(most)
    )
    return list((await work.execute(query)).scalars())


async def to_tell(work: Work, town_id: TownId, most: int) -> list[UUID]:
    """Return orders that are issued and whose buyers have not been told, the oldest first."""
    query = (
        select(shop_order.c.id)
        .where(shop_order.c.town_id == town_id, *_ISSUED, ~_blocked(shop_order.c.id))
        .order_by(shop_order.c.issued_at)
        .limit(most)
    )
    return list((await work.execute(query)).scalars())


async def to_deliver(
    work: Work, town_id: TownId, today: date, most: int
) -> list[tuple[UUID, Position]]:
    """Return vouchers whose recipients are to have them by today: order and position."""
    query = (
        select(order_item.c.order_id, order_item.c.position)
        .where(
            order_item.c.town_id == town_id,
            order_item.c.batch_id.is_not(None),
            order_item.c.mail_id.is_(None),
            order_item.c.delivery == "recipient",
            order_item.c.deliver_on <= today,
            ~_blocked(order_item.c.order_id),
        )
        .order_by(order_item.c.deliver_on, order_item.c.order_id, order_item.c.position)
        .limit(most)
    )
    return [(row.order_id, Position(row.position)) for row in await work.execute(query)]


def _blocked(order_id: Column[UUID]) -> ColumnElement[bool]:
    """Whether a voucher of an order is blocked or lapsed: then nobody is sent anything of it, be
    it withdrawn or stopped by the town.
    """
    other = order_item.alias()
    return exists().where(
        other.c.town_id == voucher.c.town_id,
        other.c.batch_id == voucher.c.batch_id,
        other.c.town_id == order_id.table.c.town_id,
        other.c.order_id == order_id,
        voucher.c.state.in_(("blocked", "expired")),
    )


async def due_before(work: Work, town_id: TownId, day: date, most: int) -> list[UUID]:
    """Return open orders whose last day to pay was before *day*."""
    query = (
        select(shop_order.c.id)
        .join(payment_request, _ASKED)
        .where(shop_order.c.town_id == town_id, *_OPEN, payment_request.c.due_on < day)
        .order_by(shop_order.c.placed_at)
        .limit(most)
    )
    return list((await work.execute(query)).scalars())


async def delete_drafts(work: Work, town_id: TownId, before: datetime) -> int:
    """Delete drafts of a town that nobody has placed; return how many."""
    old = select(shop_order.c.id).where(
        shop_order.c.town_id == town_id,
        shop_order.c.placed_at.is_(None),
        shop_order.c.made_at < before,
    )
    ids = list((await work.execute(old.with_for_update(skip_locked=True))).scalars())
    for table, column in ((order_item, order_item.c.order_id), (shop_order, shop_order.c.id)):
        await work.execute(delete(table).where(table.c.town_id == town_id, column.in_(ids)))
    return len(ids)


async def _items(work: Work, key: DataKey, order_id: UUID) -> tuple[Item, ...]:
    query = (
        select(order_item, programme.c.name.label("programme_name"), voucher.c.id)
        .join(programme, _same_town(programme) & (programme.c.id == order_item.c.programme_id))
        .outerjoin(voucher, _same_town(voucher) & (voucher.c.batch_id == order_item.c.batch_id))
        .where(order_item.c.town_id == key.town_id, order_item.c.order_id == order_id)
        .order_by(order_item.c.position)
    )
    return tuple(_item(key, row) for row in await work.execute(query))


def _same_town(table: Any) -> Any:
    return table.c.town_id == order_item.c.town_id


def _order(key: DataKey, row: Row[Any], items: Iterable[Item]) -> ShopOrder:
    email = "" if row.sealed_email is None else BUYER.open(key, row, row.id)["email"]
    return ShopOrder(
        town_id=key.town_id,
        id=row.id,
        language=row.language,
        made_at=row.made_at,
        placed_at=row.placed_at,
        issued_at=row.issued_at,
        closed_at=row.closed_at,
        mail_id=row.mail_id,
        email=email,
        items=tuple(items),
    )


def _item(key: DataKey, row: Row[Any]) -> Item:
    gift = GIFT.open(key, row, *_place(row.order_id, row.position))
    wish = Wish(
        programme_id=ProgrammeId(row.programme_id),
        value_cents=row.value_cents,
        motif=row.motif,
        delivery=row.delivery,
        deliver_on=row.deliver_on,
        **gift,
    )
    return Item(
        position=Position(row.position),
        wish=wish,
        programme_name=row.programme_name,
        batch_id=None if row.batch_id is None else BatchId(row.batch_id),
        voucher_id=None if row.id is None else VoucherId(row.id),
        mail_id=row.mail_id,
    )


def _columns(key: DataKey, order_id: UUID, position: Position, wish: Wish) -> dict[str, Any]:
    sealed = GIFT.seal(
        key,
        {"message": wish.message, "recipient": wish.recipient},
        *_place(order_id, position),
    )
    return {
        "programme_id": wish.programme_id,
        "value_cents": wish.value_cents,
        "motif": wish.motif,
        "delivery": wish.delivery,
        "deliver_on": wish.deliver_on,
        **sealed,
    }


def _place(order_id: UUID, position: Position) -> tuple[UUID, str]:
    return order_id, str(position)


def _at(town_id: TownId, order_id: UUID, position: Position) -> tuple[Any, ...]:
    return (
        order_item.c.town_id == town_id,
        order_item.c.order_id == order_id,
        order_item.c.position == position,
    )


async def _change(work: Work, town_id: TownId, order_id: UUID, **values: Any) -> None:
    changed = update(shop_order).where(shop_order.c.town_id == town_id, shop_order.c.id == order_id)
    await work.execute(changed.values(values))
