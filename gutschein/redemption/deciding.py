"""What becomes of the orders of a batch: pure decisions, over what the database said of them.

Each order is decided against what the ones before it leave of their vouchers. One that is
refused changes nothing for those behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from gutschein.devices.rules import check_api_key, check_device
from gutschein.kernel.clock import berlin_day
from gutschein.kernel.errors import Refusal
from gutschein.limits.rules import VOUCHER_PIN
from gutschein.redemption.facts import Facts, Voucher
from gutschein.redemption.order import Order, Sale
from gutschein.redemption.rules import (
    UNKNOWN,
    By,
    Redemption,
    VoucherKey,
    check_accepted,
    check_open,
    check_repetition,
)
from gutschein.signing.token import check_believed
from gutschein.vouchers.rules import Standing, check_spend
from gutschein.web.caller import SignIn


class KeyChanged(Exception):
    """What made a town's key trusted has changed since the worker read it: read it again."""

    def __init__(self, kid: bytes) -> None:
        super().__init__(kid.hex())
        self.kid = kid


@dataclass(frozen=True, slots=True)
class Decided:
    """An order that is not refused.

    :param done: what its till is told, in the order of its items.
    :param fresh: what of it is to be booked: all, or nothing of a repetition.
    """

    done: list[Redemption]
    fresh: Sequence[Redemption]


class Batch:
    """What the orders of a batch that are decided so far have taken, and from which vouchers.

    :ivar spent: the vouchers, as they were before the batch.
    """

    def __init__(self) -> None:
        self.spent: dict[VoucherKey, Standing] = {}
        self._left: dict[VoucherKey, int] = {}

    def decide(self, order: Order, by: By, facts: Sequence[Facts]) -> Decided:
        """Decide one order.

        :param by: through what it is redeemed.
        :param facts: of each item.
        :raises Refusal: the reason of the first item that cannot be redeemed. When there are
            several, ``item`` in its params is the place of that one, counted from 0.
        :raises KeyChanged: when the order has to be looked up again.
        """
        sale, of_items = order.sale, list(zip(order.places, facts, strict=True))
        for place, fact in of_items:
            if place.key and not place.key.is_still(fact.endorsement, fact.master):
                raise KeyChanged(place.key.public.kid)
        for index, (place, fact) in enumerate(of_items):
            if place.key:
                # A repetition is judged by the keys of its first time, so that it is
                # answered alike even when the key has run out since.
                at = fact.stored.redeemed_at if fact.stored else order.now
                with naming(index, sale):
                    check_believed(place.key.public, fact.key_revoked_at, at)
        if any(fact.stored for fact in facts):
            return Decided(_repeated(sale, facts), [])
        fresh = self._spend(order, by, facts)
        by_id = {each.id: each for each in fresh}
        return Decided([by_id[item.id] for item in sale.items], fresh)

    def _spend(self, order: Order, by: By, facts: Sequence[Facts]) -> list[Redemption]:
        sale, left = order.sale, dict[VoucherKey, int]()
        day = berlin_day(sale.claimed_at or order.now)
        spent: dict[VoucherKey, Standing] = {}
        check_open(facts[0].branch)
        fresh: list[Redemption] = []
        for index, item in sorted(enumerate(sale.items), key=lambda each: each[1].id):
            with naming(index, sale):
                voucher = facts[index].voucher
                if voucher is None:
                    raise Refusal("voucher.unknown")
                if voucher.town_id != sale.shop.town_id:
                    accepted = [voucher.town_id] if facts[index].accepted else []
                    check_accepted(voucher.town_id, voucher.town_name, accepted)
                key = (voucher.town_id, voucher.id)
                standing = voucher.standing
                left_cents = left.get(key, self._left.get(key))
                if left_cents is not None:
                    standing = replace(standing, balance_cents=left_cents)
                check_spend(standing, item.amount_cents, day)
                if voucher.pin_hash is not None:
                    _check_pin(voucher, voucher.pin_hash, order, index)
            left[key] = standing.balance_cents - item.amount_cents
            spent[key] = voucher.standing
            fresh.append(
                Redemption(
                    id=item.id,
                    sale_id=sale.id,
                    shop=sale.shop,
                    issuing_town_id=voucher.town_id,
                    voucher_id=voucher.id,
                    programme_id=voucher.programme_id,
                    fee_basis_points=voucher.fee_basis_points,
                    amount_cents=item.amount_cents,
                    balance_after_cents=left[key],
                    redeemed_at=order.now,
                    by=by,
                )
            )
        self._left |= left
        self.spent |= spent
        return fresh


def signed_in(order: Order, facts: Facts) -> By:
    """Return through what an order is redeemed, once its credential has been asked.

    :raises Refusal: what :func:`check_device` and :func:`check_api_key` say.
    """
    if order.by is not None:
        return order.by
    return UNKNOWN if order.sign_in is None else let_in(order.sign_in, facts, order.now)


def let_in(sign_in: SignIn, facts: Facts, now: datetime) -> By:
    """Return who it is, once the credential has been asked.

    :raises Refusal: what :func:`check_device` and :func:`check_api_key` say.
    """
    if sign_in.api_key_id is not None:
        check_api_key(facts.api_key_ends_at, facts.api_key_revoked_at, now)
        return By(api_key_id=sign_in.api_key_id)
    check_device(known=facts.device_known, locked=facts.device_locked, fresh=facts.nonce_is_fresh)
    return By(device_id=sign_in.device_id, cashier_id=facts.cashier_id)


def _repeated(sale: Sale, facts: Sequence[Facts]) -> list[Redemption]:
    """Let a sale through that took place before exactly like this, and nothing else.

    A sale is booked whole, so one that is known in part is another one.
    """
    done: list[Redemption] = []
    for index, (item, fact) in enumerate(zip(sale.items, facts, strict=True)):
        with naming(index, sale):
            voucher = fact.voucher
            key = None if voucher is None else (voucher.town_id, voucher.id)
            done.append(check_repetition(fact.stored, sale.shop, sale.id, key, item.amount_cents))
    if sale.id and facts[0].sale_size != len(sale.items):
        raise Refusal("redemption.conflict")
    return done


def _check_pin(voucher: Voucher, pin_hash: bytes, order: Order, index: int) -> None:
    """Refuse an item without the PIN of its voucher. How many tries are left is counted by
    whoever asks; see :mod:`gutschein.redemption.pin_tries`.

    :raises Refusal: ``voucher.pin``; ``voucher.pin_online`` where nobody could ask for it.
    """
    item = order.sale.items[index]
    if order.sale.claimed_at is not None:
        raise Refusal("voucher.pin_online")
    if item.pin is None:
        raise Refusal("voucher.pin", left=VOUCHER_PIN.burst)
    if item.pin_refusal is not None:
        raise item.pin_refusal
    keys = next(each for each in order.places[index].keys if each.town_id == voucher.town_id)
    if not keys.is_pin(voucher.id, item.pin, pin_hash):
        raise Refusal("voucher.pin", left=VOUCHER_PIN.burst)


class naming:  # noqa: N801 - used like a function, and a generator would cost four times as much
    """Let a refusal of one item among several say which."""

    __slots__ = ("_index", "_sale")

    def __init__(self, index: int, sale: Sale) -> None:
        self._index = index
        self._sale = sale

    def __enter__(self) -> None:
        pass

    def __exit__(self, _type: object, error: BaseException | None, _traceback: object) -> None:
        if isinstance(error, Refusal) and len(self._sale.items) > 1:
            error.params["item"] = self._index
