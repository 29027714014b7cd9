"""The transfers behind a redemption and its reversal: pure.

In the issuing town: voucher to merchant payable. In a partner town, two linked ones: in
the issuer's book voucher to clearing, in the book of the merchant's town clearing to
merchant payable. A reversal is the same backwards.
"""

from __future__ import annotations

from uuid import UUID

from gutschein.kernel.ids import AccountId, ReversalId, TownId, TransferId, VoucherId, derived_id
from gutschein.ledger.chart import AccountKind, account_id
from gutschein.ledger.entries import Event, NewTransfer
from gutschein.redemption.rules import Redemption

_ISSUER, _SHOP = "issuing town", "shop's town"


def redemption_transfers(redemption: Redemption) -> list[NewTransfer]:
    """Return the transfers of a redemption: one, or two linked ones across towns."""
    return [
        NewTransfer(
            town_id=town_id,
            id=_transfer_id(redemption.id, side),
            debit_account_id=debit,
            credit_account_id=credit,
            amount_cents=redemption.amount_cents,
            event=Event.REDEMPTION,
            reference_id=redemption.id,
            link_id=redemption.id,
        )
        for side, town_id, debit, credit in _path(redemption, redemption.voucher_id)
    ]


def reversal_transfers(
    redemption: Redemption, reversal_id: ReversalId, credited_voucher_id: VoucherId
) -> list[NewTransfer]:
    """Return the transfers that take a redemption back.

    :param credited_voucher_id: the voucher redeemed from, or what has replaced it since.
    """
    return [
        NewTransfer(
            town_id=town_id,
            id=_transfer_id(reversal_id, side),
            debit_account_id=credit,
            credit_account_id=debit,
            amount_cents=redemption.amount_cents,
            event=Event.REVERSAL,
            reference_id=reversal_id,
            link_id=reversal_id,
            reverses_id=_transfer_id(redemption.id, side),
        )
        for side, town_id, debit, credit in _path(redemption, credited_voucher_id)
    ]


def _path(
    redemption: Redemption, voucher_id: VoucherId
) -> list[tuple[str, TownId, AccountId, AccountId]]:
    issuer, shop = redemption.issuing_town_id, redemption.shop
    voucher = account_id(issuer, AccountKind.VOUCHER, voucher_id)
    payable = account_id(shop.town_id, AccountKind.MERCHANT_PAYABLE, shop.merchant_id)
    if issuer == shop.town_id:
        return [(_ISSUER, issuer, voucher, payable)]
    owed = account_id(issuer, AccountKind.CLEARING, shop.town_id)
    claimed = account_id(shop.town_id, AccountKind.CLEARING, issuer)
    return [(_ISSUER, issuer, voucher, owed), (_SHOP, shop.town_id, claimed, payable)]


def _transfer_id(whole: UUID, side: str) -> TransferId:
    return TransferId(derived_id(whole, side))
