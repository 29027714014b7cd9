"""What becomes of reversals, one after the other, decided without a database."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import (
    BranchId,
    MerchantId,
    ProgrammeId,
    RedemptionId,
    ReversalId,
    TownId,
    VoucherId,
)
from gutschein.redemption.reversing import Asked, Batch, Facts, Living, ReversalOrder, decide
from gutschein.redemption.rules import Branch, By, Redemption, Reversal, Shop
from gutschein.vouchers.rules import VoucherState
from gutschein.watch.stopwatch import Stopwatch

ZWOENITZ, SCHNEEBERG = TownId(UUID(int=1)), TownId(UUID(int=2))
MERCHANT, BRANCH = MerchantId(UUID(int=3)), BranchId(UUID(int=4))
SHOP = Shop(ZWOENITZ, MERCHANT, BRANCH)
NEXT_DOOR = Shop(ZWOENITZ, MERCHANT, BranchId(UUID(int=5)))
ELSEWHERE = Shop(ZWOENITZ, MerchantId(UUID(int=6)), BRANCH)
VOUCHER, OTHER_VOUCHER = VoucherId(UUID(int=7)), VoucherId(UUID(int=8))
TILL = By(device_id=UUID(int=9))
NOW = datetime(2026, 12, 5, 9, 0, tzinfo=UTC)
LAST_DAY = date(2029, 12, 31)


def asked(number: int = 1, redemption: int = 1, **more: Any) -> Asked:
    """The reversal of a redemption, each with a number."""
    fields: dict[str, Any] = {
        "id": ReversalId(UUID(int=100 + number)),
        "redemption_id": RedemptionId(UUID(int=200 + redemption)),
        "shop": SHOP,
        "now": NOW,
        "by": TILL,
    }
    return Asked(**fields | more)


def redeemed(number: int = 1, amount_cents: int = 12_50) -> Redemption:
    return Redemption(
        id=RedemptionId(UUID(int=200 + number)),
        sale_id=None,
        shop=SHOP,
        issuing_town_id=SCHNEEBERG,
        voucher_id=VoucherId(UUID(int=99)),  # which has been replaced since
        programme_id=ProgrammeId(UUID(int=10)),
        fee_basis_points=300,
        amount_cents=amount_cents,
        balance_after_cents=37_50,
        redeemed_at=NOW - timedelta(hours=1),
    )


def living(
    balance_cents: int = 37_50,
    state: VoucherState = VoucherState.ACTIVE,
    voucher_id: VoucherId = VOUCHER,
) -> Living:
    return Living((SCHNEEBERG, voucher_id), state, LAST_DAY, balance_cents)


def facts(redemption: Redemption | None = None, **more: Any) -> Facts:
    """All is well unless *more* says otherwise."""
    fields: dict[str, Any] = {
        "redemption": redemption or redeemed(),
        "branch": Branch(MERCHANT, BRANCH, closed_at=None),
        "stored": None,
        "living": living(),
    }
    return Facts(**fields | more)


def taken_back(number: int = 1, redemption: int = 1, **more: Any) -> Reversal:
    """What is booked: 12.50 EUR back on a voucher that had 37.50 EUR."""
    fields: dict[str, Any] = {
        "id": ReversalId(UUID(int=100 + number)),
        "redemption_id": RedemptionId(UUID(int=200 + redemption)),
        "shop": SHOP,
        "credited_voucher_id": VOUCHER,
        "amount_cents": 12_50,
        "balance_after_cents": 50_00,
        "reversed_at": NOW,
        "by": TILL,
    }
    return Reversal(**fields | more)


def refusal(wanted: Asked, known: Facts | None, **how: bool) -> str:
    with pytest.raises(Refusal) as refused:
        decide(wanted, known, **how)
    return refused.value.code


def test_the_voucher_that_lives_now_gets_all_of_it_back() -> None:
    assert decide(asked(), facts()) == taken_back()


def test_what_was_never_redeemed_cannot_be_taken_back() -> None:
    assert refusal(asked(), None) == "redemption.unknown"
    assert refusal(asked(), facts(branch=None)) == "town.unknown"


def test_any_branch_of_the_merchant_may_even_one_that_has_closed() -> None:
    assert decide(asked(shop=NEXT_DOOR), facts()) == taken_back(shop=NEXT_DOOR)
    closed = Branch(MERCHANT, BRANCH, closed_at=NOW)
    assert decide(asked(), facts(branch=closed)) == taken_back()
    assert refusal(asked(shop=ELSEWHERE), facts()) == "reversal.other_merchant"


def test_the_same_reversal_again_is_the_same() -> None:
    done = taken_back()
    much_later = asked(now=NOW + timedelta(days=9))
    assert decide(much_later, facts(stored=done)) is done
    assert refusal(asked(shop=NEXT_DOOR), facts(stored=done)) == "request.conflict"
    assert refusal(asked(2), facts(stored=done)) == "reversal.already"


def test_another_day_is_too_late_unless_a_second_person_has_approved_it() -> None:
    tomorrow = asked(now=NOW + timedelta(days=1))
    assert refusal(tomorrow, facts()) == "reversal.too_late"
    assert decide(tomorrow, facts(), any_day=True) == taken_back(reversed_at=tomorrow.now)


def test_a_blocked_voucher_is_credited_and_an_expired_one_is_not() -> None:
    blocked = facts(living=living(state=VoucherState.BLOCKED))
    assert decide(asked(), blocked) == taken_back()
    with pytest.raises(Refusal) as refused:
        decide(asked(), facts(living=living(state=VoucherState.EXPIRED)))
    assert refused.value.code == "voucher.expired"
    assert refused.value.params == {"date": LAST_DAY}


def test_an_id_that_stands_in_the_books_is_no_new_one() -> None:
    assert refusal(asked(), facts(taken=True)) == "request.conflict"


def test_nothing_is_taken_back_before_it_took_place() -> None:
    set_back = asked(now=NOW - timedelta(hours=2))
    assert decide(set_back, facts()).reversed_at == NOW - timedelta(hours=1)


# Several in one batch.


def test_one_after_the_other_they_add_to_what_is_there() -> None:
    batch, before = Batch(), living()
    first, second, third = redeemed(1), redeemed(2, 2_00), redeemed(3, 1_00)
    other = living(5_00, voucher_id=OTHER_VOUCHER)
    booked = [
        batch.decide(asked(1, 1), facts(first, living=before)),
        batch.decide(asked(2, 2), facts(second, living=before)),
        batch.decide(asked(3, 3), facts(third, living=other)),
    ]
    assert [each.balance_after_cents for each in booked] == [50_00, 52_00, 6_00]
    assert batch.fresh == {
        first.id: (first, booked[0]),
        second.id: (second, booked[1]),
        third.id: (third, booked[2]),
    }
    assert batch.credited == {before.key: before, other.key: other}


def test_a_redemption_is_taken_back_once_in_a_batch() -> None:
    batch = Batch()
    done = batch.decide(asked(1), facts())
    assert batch.decide(asked(1), facts()) is done
    with pytest.raises(Refusal, match=r"^reversal\.already\("):
        batch.decide(asked(2), facts())
    assert batch.fresh == {redeemed().id: (redeemed(), done)}
    [left] = batch.credited.values()
    assert left.balance_cents == 37_50


def test_an_id_takes_back_one_redemption_of_a_batch() -> None:
    batch = Batch()
    batch.decide(asked(1, 1), facts(redeemed(1)))
    with pytest.raises(Refusal, match=r"^request\.conflict\("):
        batch.decide(asked(1, 2), facts(redeemed(2)))
    with pytest.raises(Refusal, match=r"^request\.conflict\("):
        batch.decide(asked(3, 3), facts(redeemed(3), taken=True))


def test_what_was_taken_back_before_the_batch_is_booked_no_more() -> None:
    batch, done = Batch(), taken_back()
    assert batch.decide(asked(), facts(stored=done)) is done
    assert (batch.fresh, batch.credited) == ({}, {})


def test_a_refused_one_changes_nothing_for_those_behind_it() -> None:
    batch = Batch()
    with pytest.raises(Refusal, match=r"^redemption\.unknown\("):
        batch.decide(asked(), None)
    with pytest.raises(Refusal, match=r"^reversal\.other_merchant\("):
        batch.decide(asked(shop=ELSEWHERE), facts())
    assert (batch.fresh, batch.credited) == ({}, {})
    assert batch.decide(asked(), facts()) == taken_back()


async def test_reversals_of_a_town_have_batches_of_their_own() -> None:
    answer = asyncio.get_running_loop().create_future()
    waiting = ReversalOrder(asked(), Stopwatch(), None, answer)
    elsewhere = replace(waiting, asked=asked(shop=Shop(SCHNEEBERG, MERCHANT, BRANCH)))
    assert waiting.lane == ("reversal", ZWOENITZ)
    assert elsewhere.lane == ("reversal", SCHNEEBERG)
    assert waiting.merchant_id == MERCHANT
    assert waiting.size == 1
    assert not waiting.marks | waiting.codes
    assert ReversalOrder.taken == "request.conflict"
