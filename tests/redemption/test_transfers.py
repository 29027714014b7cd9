"""Which transfers stand behind a redemption and its reversal."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from msgspec.structs import replace

from gutschein.kernel.ids import (
    BranchId,
    MerchantId,
    ProgrammeId,
    RedemptionId,
    ReversalId,
    TownId,
    TransferId,
    VoucherId,
    timed_id,
)
from gutschein.ledger.chart import AccountKind, account_id
from gutschein.ledger.entries import Event, NewTransfer
from gutschein.ledger.rules import balance_changes
from gutschein.redemption.rules import Redemption, Reversal, Shop
from gutschein.redemption.transfers import redemption_transfers, reversal_transfers

ZWOENITZ, SCHNEEBERG = TownId(UUID(int=1)), TownId(UUID(int=2))
MERCHANT = MerchantId(UUID(int=3))
SHOP = Shop(ZWOENITZ, MERCHANT, BranchId(UUID(int=4)))
VOUCHER, REPLACEMENT = VoucherId(UUID(int=5)), VoucherId(UUID(int=6))
REDEEMED, REVERSED = RedemptionId(UUID(int=7)), ReversalId(UUID(int=8))
NOW = datetime(2026, 12, 5, 9, 0, tzinfo=UTC)


def redeemed(issuer: TownId) -> Redemption:
    """12.50 EUR of a voucher of 50 EUR, in a shop in Zwönitz, as part of a sale."""
    return Redemption(
        id=REDEEMED,
        sale_id=UUID(int=9),
        shop=SHOP,
        issuing_town_id=issuer,
        voucher_id=VOUCHER,
        programme_id=ProgrammeId(UUID(int=10)),
        fee_basis_points=300,
        amount_cents=12_50,
        balance_after_cents=37_50,
        redeemed_at=NOW,
    )


def reversed_to(voucher_id: VoucherId) -> Reversal:
    return Reversal(
        id=REVERSED,
        redemption_id=REDEEMED,
        shop=SHOP,
        credited_voucher_id=voucher_id,
        amount_cents=12_50,
        balance_after_cents=50_00,
        reversed_at=NOW,
    )


def test_at_home_the_voucher_pays_the_merchant() -> None:
    assert redemption_transfers(redeemed(ZWOENITZ)) == [
        NewTransfer(
            town_id=ZWOENITZ,
            id=TransferId(timed_id(REDEEMED, "redemption or reversal")),
            debit_account_id=account_id(ZWOENITZ, AccountKind.VOUCHER, VOUCHER),
            credit_account_id=account_id(ZWOENITZ, AccountKind.MERCHANT_PAYABLE, MERCHANT),
            amount_cents=12_50,
            event=Event.REDEMPTION,
            reference_id=REDEEMED,
            link_id=REDEEMED,
        )
    ]


def test_in_a_partner_town_the_issuer_owes_it_to_the_merchants_town() -> None:
    at_issuer, at_home = redemption_transfers(redeemed(SCHNEEBERG))
    assert (at_issuer.town_id, at_home.town_id) == (SCHNEEBERG, ZWOENITZ)
    owed = account_id(SCHNEEBERG, AccountKind.CLEARING, ZWOENITZ)
    claimed = account_id(ZWOENITZ, AccountKind.CLEARING, SCHNEEBERG)
    assert balance_changes([at_issuer, at_home]) == {
        (SCHNEEBERG, account_id(SCHNEEBERG, AccountKind.VOUCHER, VOUCHER)): -12_50,
        (SCHNEEBERG, owed): 12_50,
        (ZWOENITZ, claimed): -12_50,
        (ZWOENITZ, account_id(ZWOENITZ, AccountKind.MERCHANT_PAYABLE, MERCHANT)): 12_50,
    }
    # In each book one transfer stands for the redemption, and both are linked by it.
    for each in (at_issuer, at_home):
        assert each.id == timed_id(REDEEMED, "redemption or reversal")
        assert (each.event, each.reference_id, each.link_id, each.reverses_id) == (
            Event.REDEMPTION,
            REDEEMED,
            REDEEMED,
            None,
        )


@pytest.mark.parametrize("issuer", [ZWOENITZ, SCHNEEBERG], ids=["at home", "abroad"])
def test_a_reversal_is_the_same_backwards(issuer: TownId) -> None:
    there = redemption_transfers(redeemed(issuer))
    back = reversal_transfers(redeemed(issuer), reversed_to(VOUCHER))
    assert back == [
        NewTransfer(
            town_id=each.town_id,
            id=TransferId(timed_id(REVERSED, "redemption or reversal")),
            debit_account_id=each.credit_account_id,
            credit_account_id=each.debit_account_id,
            amount_cents=12_50,
            event=Event.REVERSAL,
            reference_id=REVERSED,
            link_id=REVERSED,
            reverses_id=each.id,
        )
        for each in there
    ]
    assert set(balance_changes([*there, *back]).values()) == {0}


def test_a_reversal_credits_the_voucher_that_has_replaced_the_first() -> None:
    [back] = reversal_transfers(redeemed(ZWOENITZ), reversed_to(REPLACEMENT))
    assert back.credit_account_id == account_id(ZWOENITZ, AccountKind.VOUCHER, REPLACEMENT)


def test_an_id_is_that_of_a_redemption_or_of_a_reversal_and_never_of_both() -> None:
    [there] = redemption_transfers(redeemed(ZWOENITZ))
    same_id = replace(reversed_to(VOUCHER), id=ReversalId(REDEEMED))
    [back] = reversal_transfers(redeemed(ZWOENITZ), same_id)
    assert there.id == back.id  # so that the books take only one of them
