"""Tries of vouchers' PINs: counted for the voucher, wherever it is held up.

A try is counted before the PIN is looked at, so that many at the same moment are no way
around. Where too many were wrong the engine does not look at it (:mod:`.deciding`): it still
knows a repetition, which is answered whatever PIN it brings. Nothing is counted, and the
database is not asked, where no PIN is sent.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from gutschein.kernel.errors import Refusal
from gutschein.limits.counting import Limits
from gutschein.limits.rules import VOUCHER_PIN, VOUCHER_PIN_DAY, VOUCHER_PIN_TRIED, Rule
from gutschein.redemption.deciding import naming
from gutschein.redemption.order import Item, Sale
from gutschein.redemption.presented import Presented, claimed_code_of


async def counting_pins(limits: Limits, sale: Sale, now: datetime) -> Sale:
    """Count a try for each PIN, and return the sale with those marked that have none left."""
    if all(item.pin is None for item in sale.items):
        return sale
    return replace(sale, items=[await _counted(limits, item, now) for item in sale.items])


async def note_pin(limits: Limits, sale: Sale, refusal: Refusal, now: datetime) -> None:
    """Count a refusal that is that of a wrong PIN, and let it say how many tries are left.

    A PIN that is missing is not counted.

    :raises Refusal: ``limit.rate`` for a missing one where no try is left.
    """
    if refusal.code != "voucher.pin":
        return
    named = refusal.params.get("item")
    index = named if isinstance(named, int) else 0
    item = sale.items[index]
    with naming(index, sale):
        count = limits.left if item.pin is None else limits.note_all
        refusal.params["left"] = await count(_wrong(item.presented), now)


async def _counted(limits: Limits, item: Item, now: datetime) -> Item:
    if item.pin is None:
        return item
    try:
        wrong = _wrong(item.presented)
    except Refusal:
        return item  # nobody can read it: the engine says so
    try:
        await limits.left(wrong, now)
        await limits.take(VOUCHER_PIN_TRIED, wrong[0][1], now)
    except Refusal as too_many:
        return replace(item, pin_refusal=too_many)
    return item


def _wrong(presented: Presented) -> list[tuple[Rule, str]]:
    """Return what a wrong PIN counts under. The pause grows: a few at once, then one in
    minutes, then one in an hour.
    """
    voucher = claimed_code_of(presented).hex()
    return [(VOUCHER_PIN, voucher), (VOUCHER_PIN_DAY, voucher)]
