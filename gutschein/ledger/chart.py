"""The chart of accounts of one town, and the ids its accounts go by."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from uuid import UUID

from gutschein.kernel.ids import AccountId, TownId, derived_id


class AccountKind(StrEnum):
    """What an account stands for. The owner named with a kind tells its accounts apart."""

    TRUST_BANK = "trust_bank"
    PAYMENT_PROVIDER = "payment_provider"
    CASH = "cash"  # owner: the issuing point
    SUBSIDY = "subsidy"
    DEPOSIT = "deposit"  # owner: the deposit; what came in and was not yet assigned
    PAYMENT = "payment"  # owner: the payment; what was paid and not yet issued
    VOUCHER = "voucher"  # owner: the voucher
    MERCHANT_PAYABLE = "merchant_payable"  # owner: the merchant
    PAYOUT_IN_TRANSIT = "payout_in_transit"
    CLEARING = "clearing"  # owner: the other town
    FEE_INCOME = "fee_income"
    VAT_PAYABLE = "vat_payable"
    LAPSED = "lapsed"


#: Accounts that may never be overdrawn; the database checks them on every change.
GUARDED_KINDS = frozenset({AccountKind.VOUCHER, AccountKind.PAYMENT, AccountKind.DEPOSIT})

#: Accounts every town has exactly once.
TOWN_KINDS = (
    AccountKind.TRUST_BANK,
    AccountKind.PAYMENT_PROVIDER,
    AccountKind.SUBSIDY,
    AccountKind.PAYOUT_IN_TRANSIT,
    AccountKind.FEE_INCOME,
    AccountKind.VAT_PAYABLE,
    AccountKind.LAPSED,
)

#: Accounts that hold money or a claim to it; their balance is debits minus credits.
ASSET_KINDS = frozenset(
    {
        AccountKind.TRUST_BANK,
        AccountKind.PAYMENT_PROVIDER,
        AccountKind.CASH,
        AccountKind.SUBSIDY,
    }
)


#: So many ids of accounts are remembered: those of the merchants of a whole region.
_REMEMBERED = 65_536


def account_id(town_id: TownId, kind: AccountKind, owner_id: UUID | None = None) -> AccountId:
    """Return the id of an account: derived, so that no look-up stands before a posting.

    A guarded account goes by its owner's own id: a voucher *is* its account.
    """
    if kind in GUARDED_KINDS:
        if owner_id is None:
            raise ValueError(f"an account of kind {kind} needs an owner")
        return AccountId(owner_id)
    return _derived(town_id, kind, owner_id)


@lru_cache(_REMEMBERED)
def _derived(town_id: TownId, kind: AccountKind, owner_id: UUID | None) -> AccountId:
    return AccountId(derived_id(town_id, f"{kind}:{owner_id or ''}"))
