"""Which accounts a town has, and what their ids follow from."""

from __future__ import annotations

from uuid import UUID, uuid5

import pytest

from gutschein.kernel.ids import TownId
from gutschein.ledger.chart import (
    ASSET_KINDS,
    GUARDED_KINDS,
    TOWN_KINDS,
    AccountKind,
    account_id,
)
from gutschein.ledger.entries import Account, Event

ZWOENITZ, SCHNEEBERG = TownId(UUID(int=1)), TownId(UUID(int=2))
SHOP, VOUCHER = UUID(int=3), UUID(int=4)

#: Of these a town has one for each owner.
WITH_OWNER = {
    AccountKind.CASH,
    AccountKind.DEPOSIT,
    AccountKind.PAYMENT,
    AccountKind.VOUCHER,
    AccountKind.MERCHANT_PAYABLE,
    AccountKind.CLEARING,
}


def test_kinds_and_events_stand_in_the_books_by_their_names() -> None:
    for word in (*AccountKind, *Event):
        assert word.value == word.name.lower()


def test_a_town_has_each_account_without_an_owner_once() -> None:
    assert sorted(TOWN_KINDS) == sorted(set(AccountKind) - WITH_OWNER)


def test_what_was_paid_and_not_yet_spent_is_guarded() -> None:
    assert set(GUARDED_KINDS) == {AccountKind.DEPOSIT, AccountKind.PAYMENT, AccountKind.VOUCHER}


def test_money_and_claims_are_assets() -> None:
    assert set(ASSET_KINDS) == {
        AccountKind.TRUST_BANK,
        AccountKind.PAYMENT_PROVIDER,
        AccountKind.CASH,
        AccountKind.SUBSIDY,
    }


@pytest.mark.parametrize("kind", sorted(GUARDED_KINDS))
def test_a_guarded_account_goes_by_its_owners_id(kind: AccountKind) -> None:
    assert account_id(ZWOENITZ, kind, VOUCHER) == VOUCHER
    with pytest.raises(ValueError, match=rf"^an account of kind {kind} needs an owner$"):
        account_id(ZWOENITZ, kind)


def test_any_other_id_follows_from_town_kind_and_owner() -> None:
    payable = account_id(ZWOENITZ, AccountKind.MERCHANT_PAYABLE, SHOP)
    assert payable == uuid5(ZWOENITZ, f"merchant_payable:{SHOP}")
    assert account_id(ZWOENITZ, AccountKind.LAPSED) == uuid5(ZWOENITZ, "lapsed:")


def test_no_two_accounts_share_an_id() -> None:
    accounts = [
        account_id(town_id, kind, owner_id)
        for town_id in (ZWOENITZ, SCHNEEBERG)
        for kind in set(AccountKind) - GUARDED_KINDS
        for owner_id in (None, SHOP)
    ]
    assert len(set(accounts)) == len(accounts)


def test_an_account_to_open_has_the_id_that_postings_will_name() -> None:
    opened = Account(ZWOENITZ, AccountKind.MERCHANT_PAYABLE, SHOP)
    assert opened.id == account_id(ZWOENITZ, AccountKind.MERCHANT_PAYABLE, SHOP)
    assert Account(ZWOENITZ, AccountKind.LAPSED).id == account_id(ZWOENITZ, AccountKind.LAPSED)
