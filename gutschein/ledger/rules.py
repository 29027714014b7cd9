"""What may be posted: pure decisions, no database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import AccountId, TownId
from gutschein.kernel.money import LARGEST_AMOUNT_CENTS, is_amount
from gutschein.ledger.entries import GuardedBalance, NewHold, NewTransfer

#: An account inside the whole region: ids of accounts are only unique within a town.
AccountKey = tuple[TownId, AccountId]


def check_shape(entries: Sequence[NewTransfer | NewHold]) -> None:
    """Refuse what can be no movement of money, before the database sees it.

    :raises Refusal: ``amount.invalid`` for anything but 1 to 2^53 - 1 whole cents,
        ``transfer.conflict`` when one id stands for two entries of a town.
    :raises ValueError: when debit and credit are the same account.
    """
    for entry in entries:
        if not is_amount(entry.amount_cents):
            raise Refusal("amount.invalid", max_cents=LARGEST_AMOUNT_CENTS)
        if entry.debit_account_id == entry.credit_account_id:
            raise ValueError(f"{entry.id} moves money from an account to itself")
    if len({(entry.town_id, entry.id) for entry in entries}) != len(entries):
        raise Refusal("transfer.conflict")


def balance_changes(transfers: Iterable[NewTransfer]) -> dict[AccountKey, int]:
    """Sum up what each account gains (credits) and loses (debits), in cents."""
    changes: dict[AccountKey, int] = defaultdict(int)
    for transfer in transfers:
        changes[transfer.town_id, transfer.debit_account_id] -= transfer.amount_cents
        changes[transfer.town_id, transfer.credit_account_id] += transfer.amount_cents
    return dict(changes)


def check_guarded(
    changes: Mapping[AccountKey, int], guarded: Mapping[AccountKey, GuardedBalance]
) -> None:
    """Refuse a set of transfers that would take more than a guarded account has free.

    :raises Refusal: ``account.insufficient`` with what is available and what is needed.
    """
    for key, account in guarded.items():
        change_cents = changes.get(key, 0)
        if account.available_cents + change_cents < 0:
            raise Refusal(
                "account.insufficient",
                available_cents=account.available_cents,
                needed_cents=-change_cents,
            )
