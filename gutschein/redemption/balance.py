"""What a till is told about a voucher before it redeems."""

from __future__ import annotations

from datetime import date, datetime

from gutschein.db.unit_of_work import Work
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId
from gutschein.redemption import voucher_repository as repository
from gutschein.redemption.presented import Presented, lookups
from gutschein.redemption.rules import check_accepted
from gutschein.redemption.voucher_repository import VoucherView
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.vouchers.rules import check_usable


async def view_of(
    work: Work, presented: Presented, town_id: TownId | None, kek: KeyEncryptionKey, now: datetime
) -> VoucherView:
    """Return the voucher that is held up in a shop of *town_id*, whatever state it is in.

    :raises Refusal: ``voucher.unknown``, and what :func:`lookups` says of the code.
    """
    found = await lookups(work, presented, town_id, kek, now)
    keys = await repository.find_by_code(work, [(each.town_id, each.code_hash) for each in found])
    views = await repository.views(work, list(keys.values()))
    if not views:
        raise Refusal("voucher.unknown")
    return next(iter(views.values()))


async def refusal_in(work: Work, view: VoucherView, town_id: TownId, today: date) -> Refusal | None:
    """Return why nothing can be redeemed from a voucher in a shop of *town_id* today, in the
    order in which the clearing engine would say so; ``None`` when something can.
    """
    try:
        if view.town_id != town_id:
            honoured = await repository.is_honoured(work, view.town_id, town_id, today)
            check_accepted(view.town_id, view.town_name, [view.town_id] if honoured else [])
        check_usable(view.standing, today)
    except Refusal as refusal:
        return refusal
    return None
