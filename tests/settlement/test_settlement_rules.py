"""What a merchant is owed for a period, to the cent."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import ProgrammeId, TownId
from gutschein.settlement.rules import Account, Line, check_period, statement_number

TODAY = date(2026, 12, 5)


def line(redeemed_cents: int, reversed_cents: int = 0, *, fee: int = 300, vat: int = 1_900) -> Line:
    return Line(
        issuing_town_id=TownId(UUID(int=1)),
        programme_id=ProgrammeId(UUID(int=2)),
        fee_basis_points=fee,
        redemption_count=1,
        redeemed_cents=redeemed_cents,
        reversal_count=int(reversed_cents > 0),
        reversed_cents=reversed_cents,
        vat_basis_points=vat,
    )


def account(
    *lines: Line, returned: int = 0, carried_in: int = 0, minimum_payout: int = 10_00
) -> Account:
    return Account(lines, returned, carried_in, minimum_payout)


@pytest.mark.parametrize(
    ("redeemed_cents", "fee_cents", "vat_cents"),
    [
        (12_50, 38, 7),  # 37.5 cents are 38; 7.22 are 7
        (50_00, 1_50, 29),  # 28.5 are 29
        (100_00, 3_00, 57),
        (16, 0, 0),  # 0.48 cents are none
        (17, 1, 0),  # 0.51 are one; 0.19 none
        (1_234_56, 37_04, 7_04),  # 3703.68 and 703.76
    ],
)
def test_fee_and_vat_are_rounded_half_up_once(
    redeemed_cents: int, fee_cents: int, vat_cents: int
) -> None:
    only = line(redeemed_cents)
    assert (only.fee_cents, only.vat_cents) == (fee_cents, vat_cents)
    back = line(0, redeemed_cents)
    assert (back.fee_cents, back.vat_cents) == (-fee_cents, -vat_cents)


def test_two_programmes_are_two_lines_and_rounded_each() -> None:
    both = account(line(12_50), line(12_50))
    assert (both.fee_cents, both.vat_cents) == (76, 14)
    assert account(line(25_00)).fee_cents == 75


def test_100_euros_pay_out_96_43() -> None:
    owed = account(line(100_00))
    assert (owed.due_cents, owed.payout_cents, owed.carried_out_cents) == (96_43, 96_43, 0)


def test_what_is_below_the_minimum_is_carried_and_paid_with_the_next() -> None:
    first = account(line(10_00), minimum_payout=10_00)
    assert (first.due_cents, first.payout_cents, first.carried_out_cents) == (9_64, 0, 9_64)
    second = account(line(10_00), carried_in=first.carried_out_cents)
    assert (second.payout_cents, second.carried_out_cents) == (19_28, 0)


def test_exactly_the_minimum_is_paid() -> None:
    assert account(line(10_00, fee=0)).payout_cents == 10_00
    assert account(line(9_99, fee=0)).payout_cents == 0


def test_a_debt_is_carried_never_collected() -> None:
    owed = account(line(5_00, 20_00))
    assert (owed.due_cents, owed.payout_cents, owed.carried_out_cents) == (-14_46, 0, -14_46)
    assert account(carried_in=-14_46, minimum_payout=0).carried_out_cents == -14_46
    assert account(minimum_payout=0).payout_cents == 0


def test_a_returned_payout_is_owed_again_without_another_fee() -> None:
    owed = account(line(100_00), returned=50_00)
    assert (owed.fee_cents, owed.payout_cents) == (3_00, 146_43)


@given(
    st.lists(
        st.builds(
            line,
            st.integers(0, 10**9),
            st.integers(0, 10**9),
            fee=st.integers(0, 10_000),
            vat=st.integers(0, 10_000),
        ),
        max_size=5,
    ),
    st.integers(0, 10**9),
    st.integers(-(10**9), 10**9),
    st.integers(0, 100_00),
)
def test_what_is_due_is_paid_or_carried_to_the_cent(
    lines: list[Line], returned: int, carried_in: int, minimum_payout: int
) -> None:
    owed = account(*lines, returned=returned, carried_in=carried_in, minimum_payout=minimum_payout)
    assert owed.payout_cents + owed.carried_out_cents == owed.due_cents
    assert owed.payout_cents >= 0
    assert owed.payout_cents == 0 or owed.carried_out_cents == 0
    assert owed.payout_cents == 0 or owed.payout_cents >= minimum_payout


def test_periods_follow_one_another_without_gap_or_overlap() -> None:
    november = date(2026, 11, 30)
    check_period(None, date(2020, 1, 1), november, TODAY)
    check_period(november, date(2026, 12, 1), TODAY, TODAY)
    for last, begin, end, code in (
        (None, date(2026, 11, 2), date(2026, 11, 1), "settlement.period_invalid"),
        (None, date(2026, 11, 1), date(2026, 12, 6), "settlement.period_invalid"),
        (november, date(2026, 11, 30), TODAY, "settlement.closed"),
        (november, date(2026, 11, 1), november, "settlement.closed"),
        (november, date(2026, 12, 2), TODAY, "settlement.gap"),
    ):
        with pytest.raises(Refusal) as refused:
            check_period(last, begin, end, TODAY)
        assert refused.value.code == code
        if code == "settlement.gap":
            assert refused.value.params["date"] == date(2026, 12, 1)


def test_a_statements_number_is_one_a_bank_takes() -> None:
    assert statement_number("14521690", 1, 12) == "14521690-0001-0012"
    assert len(statement_number("14521690", 10_000, 10_000)) <= 35
