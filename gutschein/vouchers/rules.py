"""When a voucher can be spent, and why not: pure decisions."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from msgspec import Struct

from gutschein.kernel.errors import Refusal


class VoucherState(StrEnum):
    """Where a voucher is in its life. Whether it is empty is for its account to say."""

    STOCK = "stock"
    ACTIVE = "active"
    BLOCKED = "blocked"
    REPLACED = "replaced"
    EXPIRED = "expired"


class Standing(Struct, frozen=True):
    """What decides about a voucher at one moment."""

    state: VoucherState
    valid_until: date
    balance_cents: int
    partial_redemption: bool


def check_alive(state: VoucherState, valid_until: date) -> None:
    """Refuse a voucher that is not active yet, or no longer.

    :raises Refusal: ``voucher.not_active``, ``voucher.replaced``, ``voucher.blocked``,
        ``voucher.expired``.
    """
    if state is VoucherState.STOCK:
        raise Refusal("voucher.not_active")
    if state is VoucherState.REPLACED:
        raise Refusal("voucher.replaced")
    if state is VoucherState.BLOCKED:
        raise Refusal("voucher.blocked")
    if state is VoucherState.EXPIRED:
        raise Refusal("voucher.expired", date=valid_until)


def check_blocked(state: VoucherState, valid_until: date, today: date) -> None:
    """Refuse to unblock what is not blocked, or whose last day is over.

    :raises Refusal: ``voucher.replaced``, ``voucher.expired``, ``voucher.not_blocked``.
    """
    if state is VoucherState.REPLACED:
        raise Refusal("voucher.replaced")
    if state is VoucherState.EXPIRED or today > valid_until:
        raise Refusal("voucher.expired", date=valid_until)
    if state is not VoucherState.BLOCKED:
        raise Refusal("voucher.not_blocked")


def check_for_sale(
    state: VoucherState, sold_on: date | None, sell_until: date, today: date
) -> None:
    """Refuse to sell a voucher that is not in stock, or may not be sold any more.

    :param sold_on: the day it was sold, where it was.
    :raises Refusal: ``voucher.blocked``, ``voucher.sold``, ``stock.too_late``.
    """
    if state is VoucherState.BLOCKED:
        raise Refusal("voucher.blocked")
    if sold_on is not None:
        raise Refusal("voucher.sold", date=sold_on)
    if today > sell_until:
        raise Refusal("stock.too_late", date=sell_until)


def check_usable(voucher: Standing, today: date) -> None:
    """Refuse a voucher that nothing can be redeemed from today.

    What its owner cannot heal is said first: a replaced voucher is replaced, even when its
    last day is over.

    :raises Refusal: as :func:`check_alive`, then ``voucher.expired`` for one whose last day
        is over, and ``voucher.empty``.
    """
    check_alive(voucher.state, voucher.valid_until)
    if today > voucher.valid_until:
        raise Refusal("voucher.expired", date=voucher.valid_until)
    if voucher.balance_cents == 0:
        raise Refusal("voucher.empty")


def check_spend(voucher: Standing, amount_cents: int, today: date) -> None:
    """Refuse to redeem *amount_cents* from a voucher that does not allow it today.

    :raises Refusal: as :func:`check_usable`, then ``voucher.insufficient`` and
        ``voucher.whole_only`` with the balance.
    """
    check_usable(voucher, today)
    if amount_cents > voucher.balance_cents:
        raise Refusal("voucher.insufficient", balance_cents=voucher.balance_cents)
    if amount_cents < voucher.balance_cents and not voucher.partial_redemption:
        raise Refusal("voucher.whole_only", balance_cents=voucher.balance_cents)
