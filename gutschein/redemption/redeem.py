"""Redeem: one voucher, or several that pay one sale, in one unit of work.

A redemption's id is made by the till. Sent again with the same content it gets the same
answer for ever and moves nothing; with other content it is refused. A refusal moves
nothing either and leaves the id free.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gutschein.db.unit_of_work import Work
from gutschein.kernel.clock import berlin_day
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import RedemptionId, TownId
from gutschein.ledger.posting import post
from gutschein.redemption import repository, voucher_repository
from gutschein.redemption.presented import Presented, lookups
from gutschein.redemption.rules import (
    UNKNOWN,
    By,
    Redemption,
    Shop,
    check_accepted,
    check_amount,
    check_open,
    check_repetition,
)
from gutschein.redemption.transfers import redemption_transfers
from gutschein.redemption.voucher_repository import VoucherKey
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.vouchers.rules import check_spend


@dataclass(frozen=True, slots=True)
class Item:
    """One voucher of a sale: the till's id, what it read, and what it takes, in cents."""

    id: RedemptionId
    presented: Presented
    amount_cents: int


@dataclass(frozen=True, slots=True)
class Sale:
    """What one shop redeems at once: one voucher, or several that pay one sale.

    :param items: with ids that differ from one another.
    """

    shop: Shop
    items: Sequence[Item]
    id: UUID | None = None
    by: By = UNKNOWN


async def redeem(work: Work, sale: Sale, kek: KeyEncryptionKey, now: datetime) -> list[Redemption]:
    """Redeem all items or none; return what took place, in their order.

    :raises Refusal: the reason of the first item that cannot be redeemed. When there are
        several, ``item`` in its params is the place of that one, counted from 0.
    """
    for place, item in enumerate(sale.items):
        with _naming(place, sale):
            check_amount(item.amount_cents)
    vouchers = await _lock_vouchers(work, sale, kek, now)
    known = await _stored(work, sale)
    if known:
        await _check_repeated(work, sale, vouchers, known)
    else:
        fresh = await _decide(work, sale, vouchers, now)
        await _book(work, fresh, now)
        known = {each.id: each for each in fresh}
    return [known[item.id] for item in sale.items]


async def _lock_vouchers(
    work: Work, sale: Sale, kek: KeyEncryptionKey, now: datetime
) -> list[VoucherKey | None]:
    """Find and lock the vouchers that the items present, all in one order of keys."""
    known = await _stored(work, sale)
    places: list[list[tuple[TownId, bytes]]] = []
    for place, item in enumerate(sale.items):
        with _naming(place, sale):
            # A repetition is judged by the keys of its first time, so that it is
            # answered alike even when the key has run out since.
            at = known[item.id].redeemed_at if item.id in known else now
            found = await lookups(work, item.presented, sale.shop.town_id, kek, at)
            places.append([(each.town_id, each.code_hash) for each in found])
    locked = await voucher_repository.lock_by_code(
        work, [each for found in places for each in found]
    )
    return [next((locked[each] for each in found if each in locked), None) for found in places]


async def _stored(work: Work, sale: Sale) -> dict[RedemptionId, Redemption]:
    ids = [item.id for item in sale.items]
    return await repository.stored_redemptions(work, sale.shop.town_id, ids)


async def _check_repeated(
    work: Work,
    sale: Sale,
    vouchers: Sequence[VoucherKey | None],
    known: Mapping[RedemptionId, Redemption],
) -> None:
    """Let a sale through that took place before exactly like this, and nothing else.

    A sale is booked whole, so one that is known in part is another one.
    """
    for place, (item, key) in enumerate(zip(sale.items, vouchers, strict=True)):
        with _naming(place, sale):
            check_repetition(known.get(item.id), sale.shop, sale.id, key, item.amount_cents)
    first = known[sale.items[0].id]
    if sale.id and await repository.sale_size(work, first) != len(sale.items):
        raise Refusal("redemption.conflict")


async def _decide(
    work: Work, sale: Sale, vouchers: Sequence[VoucherKey | None], now: datetime
) -> list[Redemption]:
    """Check each item against what the ones before it leave.

    They are taken in the order of their ids: two sales that happen to share ids then wait
    for one another instead of each holding what the other wants.
    """
    shop, today = sale.shop, berlin_day(now)
    check_open(await repository.find_branch(work, shop))
    views = await voucher_repository.views(work, {key for key in vouchers if key})
    issuers = {town_id for town_id, _ in views}
    accepted = await repository.accepted_issuers(work, issuers, shop.town_id, today)
    fresh: list[Redemption] = []
    for place, item in sorted(enumerate(sale.items), key=lambda each: each[1].id):
        key = vouchers[place]
        with _naming(place, sale):
            if key is None:
                raise Refusal("voucher.unknown")
            view = views[key]
            check_accepted(view.town_id, view.town_name, accepted | {shop.town_id})
            check_spend(view.standing, item.amount_cents, today)
        views[key] = view.after(item.amount_cents)
        fresh.append(
            Redemption(
                id=item.id,
                sale_id=sale.id,
                shop=shop,
                issuing_town_id=view.town_id,
                voucher_id=view.id,
                programme_id=view.programme_id,
                fee_basis_points=view.fee_basis_points,
                amount_cents=item.amount_cents,
                balance_after_cents=views[key].standing.balance_cents,
                redeemed_at=now,
                by=sale.by,
            )
        )
    return fresh


async def _book(work: Work, fresh: Sequence[Redemption], now: datetime) -> None:
    """Write the redemptions and move the money.

    An id that another voucher's redemption has just taken, here or in another town's
    shop, shows only now: by a row that is not written or a transfer that differs.
    """
    if await repository.insert_redemptions(work, fresh) < len(fresh):
        raise Refusal("redemption.conflict")
    try:
        await post(work, [each for one in fresh for each in redemption_transfers(one)], now)
    except Refusal as refusal:
        if refusal.code == "transfer.conflict":
            raise Refusal("redemption.conflict") from refusal
        raise


@contextmanager
def _naming(place: int, sale: Sale) -> Iterator[None]:
    try:
        yield
    except Refusal as refusal:
        if len(sale.items) > 1:
            refusal.params["item"] = place
        raise
