"""Pure decisions about merchants."""

from __future__ import annotations

from datetime import datetime, timedelta

from gutschein.merchants.schemas import Merchant, NewMerchant


def after(earlier: datetime, now: datetime) -> datetime:
    """Return *now*, or the next microsecond after *earlier* when the clock stands there.

    What came later stands later in the table, also when a clock was set back.
    """
    return max(now, earlier + timedelta(microseconds=1))


def was_made_from(merchant: Merchant, new: NewMerchant) -> bool:
    """Tell whether the stored *merchant* came of the input *new*: its name and address,
    and the branches it began with. Branches without an id are known by their names.
    The payout account it began with is the caller's to compare.
    """
    first = {
        branch.id: branch.name
        for branch in merchant.branches
        if branch.opened_at == merchant.created_at
    }
    return (
        (merchant.name, merchant.address) == (new.name, new.address)
        and sorted(first.values()) == sorted(branch.name for branch in new.branches)
        and all(
            first.get(branch.id) == branch.name for branch in new.branches if branch.id is not None
        )
    )
