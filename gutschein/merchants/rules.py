"""Pure decisions about merchants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from gutschein.merchants.schemas import Merchant, NewMerchant, PayoutAccount


def after(earlier: datetime, now: datetime) -> datetime:
    """Return *now*, or the next microsecond after *earlier* when the clock stands there.

    What came later stands later in the table, also when a clock was set back.
    """
    return max(now, earlier + timedelta(microseconds=1))


def account_in_force(accounts: Sequence[PayoutAccount], now: datetime) -> PayoutAccount:
    """Return the payout account that counts now: the newest that has begun.

    :param accounts: all of a merchant, the oldest first; the first counts also on a clock
        that was set back.
    """
    return next((each for each in reversed(accounts) if each.valid_from <= now), accounts[0])


def account_to_come(accounts: Sequence[PayoutAccount], now: datetime) -> PayoutAccount | None:
    """Return the newest payout account, if it has yet to begin."""
    newest = accounts[-1]
    return newest if newest is not account_in_force(accounts, now) else None


@dataclass(frozen=True, slots=True)
class AccountChange:
    """Another payout account.

    :param old: where the money would go otherwise.
    :param new: where it goes instead, and from when on.
    :param waits: whether there is a waiting period; none where *new* is the account of now,
        and *old* one that has not begun.
    """

    old: PayoutAccount
    new: PayoutAccount
    waits: bool


def change_of_account(
    accounts: Sequence[PayoutAccount], wanted: PayoutAccount, now: datetime, waiting: timedelta
) -> AccountChange | None:
    """Return what *wanted* would change, approved now; ``None`` where it changes nothing."""
    newest = accounts[-1]
    if _same(wanted, newest):
        return None
    waits = not _same(wanted, account_in_force(accounts, now))
    valid_from = after(newest.valid_from, now + waiting if waits else now)
    return AccountChange(newest, replace(wanted, valid_from=valid_from), waits)


def _same(one: PayoutAccount, other: PayoutAccount) -> bool:
    return (one.iban, one.account_holder) == (other.iban, other.account_holder)


def was_made_from(merchant: Merchant, new: NewMerchant) -> bool:
    """Tell whether the stored *merchant* came of the input *new*: its name and address,
    and the branches it began with. Branches without an id are known by their names.
    The payout account it began with is the caller's to compare; which e-mail address it
    began with is not kept.
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
