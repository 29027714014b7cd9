"""The transfers behind a redemption and its reversal: pure.

In the issuing town: voucher to merchant payable. In a partner town, two linked ones: in
the issuer's book voucher to clearing, in the book of the merchant's town clearing to
merchant payable. A reversal is the same backwards.

In each book one transfer stands for one id. An id can therefore be that of a redemption
or that of a reversal, but never of both: a statement lists both by their ids.
"""

from __future__ import annotations

from uuid import UUID

from gutschein.kernel.ids import AccountId, TownId, TransferId, VoucherId, timed_id
from gutschein.ledger.chart import AccountKind, account_id
from gutschein.ledger.entries import Event, NewTransfer
from gutschein.redemption.rules import Redemption, Reversal


def redemption_transfers(redemption: Redemption) -> list[NewTransfer]:
    """Return the transfers of a redemption: one, or two linked ones across towns."""
    return [
        NewTransfer(
            town_id=town_id,
            id=transfer_id(redemption.id),
            debit_account_id=debit,
            credit_account_id=credit,
            amount_cents=redemption.amount_cents,
            event=Event.REDEMPTION,
            reference_id=redemption.id,
            link_id=redemption.id,
        )
        for town_id, debit, credit in _path(redemption, redemption.voucher_id)
    ]


def reversal_transfers(redemption: Redemption, reversal: Reversal) -> list[NewTransfer]:
    """Return the transfers that take a redemption back."""
    return [
        NewTransfer(
            town_id=town_id,
            id=transfer_id(reversal.id),
            debit_account_id=credit,
            credit_account_id=debit,
            amount_cents=reversal.amount_cents,
            event=Event.REVERSAL,
            reference_id=reversal.id,
            link_id=reversal.id,
            reverses_id=transfer_id(redemption.id),
        )
        for town_id, debit, credit in _path(redemption, reversal.credited_voucher_id)
    ]


def _path(
    redemption: Redemption, voucher_id: VoucherId
) -> list[tuple[TownId, AccountId, AccountId]]:
    """Return the way from the voucher to the merchant: book, debit and credit account."""
    issuer, shop = redemption.issuing_town_id, redemption.shop
    voucher = account_id(issuer, AccountKind.VOUCHER, voucher_id)
    payable = account_id(shop.town_id, AccountKind.MERCHANT_PAYABLE, shop.merchant_id)
    if issuer == shop.town_id:
        return [(issuer, voucher, payable)]
    owed = account_id(issuer, AccountKind.CLEARING, shop.town_id)
    claimed = account_id(shop.town_id, AccountKind.CLEARING, issuer)
    return [(issuer, voucher, owed), (shop.town_id, claimed, payable)]


def transfer_id(whole: UUID) -> TransferId:
    """Return the one id of the transfers of a redemption or a reversal, in each book."""
    return TransferId(timed_id(whole, "redemption or reversal"))
