"""What may be posted, decided without a database."""

from __future__ import annotations

from uuid import UUID

import pytest

from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import AccountId, TownId, TransferId, new_id
from gutschein.kernel.money import LARGEST_AMOUNT_CENTS
from gutschein.ledger.entries import Event, GuardedBalance, NewTransfer
from gutschein.ledger.rules import balance_changes, check_guarded, check_shape

ZWOENITZ, SCHNEEBERG = TownId(UUID(int=1)), TownId(UUID(int=2))
VOUCHER, OTHER_VOUCHER, SHOP = (AccountId(UUID(int=number)) for number in (11, 12, 13))


def transfer(
    amount_cents: int,
    debit: AccountId = VOUCHER,
    credit: AccountId = SHOP,
    *,
    town_id: TownId = ZWOENITZ,
    id_: TransferId | None = None,
) -> NewTransfer:
    return NewTransfer(
        town_id=town_id,
        id=id_ or TransferId(new_id()),
        debit_account_id=debit,
        credit_account_id=credit,
        amount_cents=amount_cents,
        event=Event.REDEMPTION,
        reference_id=new_id(),
    )


def test_whole_cents_may_move_between_two_accounts() -> None:
    check_shape([])
    check_shape([transfer(1), transfer(LARGEST_AMOUNT_CENTS)])


@pytest.mark.parametrize("amount_cents", [0, -1, LARGEST_AMOUNT_CENTS + 1])
def test_nothing_else_is_an_amount(amount_cents: int) -> None:
    with pytest.raises(Refusal) as refused:
        check_shape([transfer(1), transfer(amount_cents)])
    assert refused.value.code == "amount.invalid"
    assert refused.value.params == {"max_cents": LARGEST_AMOUNT_CENTS}


def test_money_does_not_move_from_an_account_to_itself() -> None:
    id_ = TransferId(UUID(int=9))
    with pytest.raises(ValueError, match=rf"^{id_} moves money from an account to itself$"):
        check_shape([transfer(10_00, VOUCHER, VOUCHER, id_=id_)])


def test_one_id_is_one_transfer_of_a_town() -> None:
    id_ = TransferId(new_id())
    with pytest.raises(Refusal, match=r"^transfer\.conflict"):
        check_shape([transfer(10_00, id_=id_), transfer(5_00), transfer(10_00, id_=id_)])
    check_shape([transfer(10_00, id_=id_), transfer(10_00, id_=id_, town_id=SCHNEEBERG)])


def test_what_one_account_loses_another_gains() -> None:
    assert balance_changes([transfer(12_50)]) == {
        (ZWOENITZ, VOUCHER): -12_50,
        (ZWOENITZ, SHOP): 12_50,
    }


def test_several_transfers_add_up_for_each_account_of_each_town() -> None:
    assert balance_changes(
        [
            transfer(10_00),
            transfer(2_00, OTHER_VOUCHER),
            transfer(3_00),
            transfer(1_00, SHOP, VOUCHER),
            transfer(7_00, town_id=SCHNEEBERG),
        ]
    ) == {
        (ZWOENITZ, VOUCHER): -12_00,
        (ZWOENITZ, OTHER_VOUCHER): -2_00,
        (ZWOENITZ, SHOP): 14_00,
        (SCHNEEBERG, VOUCHER): -7_00,
        (SCHNEEBERG, SHOP): 7_00,
    }


def test_what_is_set_aside_is_not_available() -> None:
    assert GuardedBalance(balance_cents=50_00, held_cents=20_00).available_cents == 30_00


def test_a_guarded_account_spends_all_it_has_free_and_no_cent_more() -> None:
    account = {(ZWOENITZ, VOUCHER): GuardedBalance(50_00, held_cents=20_00)}
    check_guarded({(ZWOENITZ, VOUCHER): -30_00}, account)
    with pytest.raises(Refusal) as refused:
        check_guarded({(ZWOENITZ, VOUCHER): -30_01}, account)
    assert refused.value.code == "account.insufficient"
    assert refused.value.params == {"available_cents": 30_00, "needed_cents": 30_01}


def test_each_guarded_account_is_asked() -> None:
    rich, poor = (ZWOENITZ, VOUCHER), (ZWOENITZ, OTHER_VOUCHER)
    accounts = {rich: GuardedBalance(50_00, 0), poor: GuardedBalance(5_00, 0)}
    with pytest.raises(Refusal, match=r"^account\.insufficient"):
        check_guarded({rich: -10_00, poor: -10_00}, accounts)


def test_what_comes_in_may_always_come() -> None:
    check_guarded({(ZWOENITZ, VOUCHER): 10_00}, {(ZWOENITZ, VOUCHER): GuardedBalance(0, 0)})


def test_an_account_that_nothing_changes_stays_as_it_is() -> None:
    check_guarded({}, {(ZWOENITZ, VOUCHER): GuardedBalance(0, 0)})
    with pytest.raises(Refusal, match=r"^account\.insufficient"):
        check_guarded({}, {(ZWOENITZ, VOUCHER): GuardedBalance(0, held_cents=1)})
