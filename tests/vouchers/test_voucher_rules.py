"""Whether a voucher can be spent today, and the one reason why not."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gutschein.kernel.errors import Refusal
from gutschein.vouchers.rules import (
    Standing,
    VoucherState,
    check_blocked,
    check_for_sale,
    check_spend,
    check_usable,
)

TODAY = date(2026, 12, 5)
STOCK, ACTIVE, BLOCKED, REPLACED, EXPIRED = VoucherState


def standing(
    state: VoucherState = ACTIVE,
    *,
    days_left: int = 100,
    balance_cents: int = 50_00,
    partial: bool = True,
) -> Standing:
    return Standing(state, TODAY + timedelta(days=days_left), balance_cents, partial)


@pytest.mark.parametrize(
    ("voucher", "code"),
    [
        (standing(STOCK, balance_cents=0), "voucher.not_active"),
        (standing(STOCK, days_left=-1), "voucher.not_active"),
        (standing(BLOCKED), "voucher.blocked"),
        (standing(REPLACED), "voucher.replaced"),
        (standing(EXPIRED, balance_cents=0), "voucher.expired"),
        (standing(days_left=-1), "voucher.expired"),
        (standing(balance_cents=0), "voucher.empty"),
        # What its holder cannot heal is said first.
        (standing(REPLACED, days_left=-1, balance_cents=0), "voucher.replaced"),
        (standing(BLOCKED, days_left=-1, balance_cents=0), "voucher.blocked"),
        (standing(days_left=-1, balance_cents=0), "voucher.expired"),
    ],
    ids=str,
)
def test_each_reason_has_its_own_code(voucher: Standing, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_usable(voucher, TODAY)
    assert refused.value.code == code
    with pytest.raises(Refusal) as refused_spend:
        check_spend(voucher, 50_01, TODAY)
    assert refused_spend.value.code == code
    last_day = {"date": voucher.valid_until} if code == "voucher.expired" else {}
    assert refused.value.params == refused_spend.value.params == last_day


def test_states_stand_in_the_database_by_their_names() -> None:
    assert list(VoucherState) == ["stock", "active", "blocked", "replaced", "expired"]


def test_the_last_day_is_included() -> None:
    check_spend(standing(days_left=0), 50_00, TODAY)


def test_a_cent_or_all_of_it_may_be_spent() -> None:
    check_spend(standing(balance_cents=1), 1, TODAY)
    check_spend(standing(), 1, TODAY)
    check_spend(standing(), 49_99, TODAY)
    check_spend(standing(), 50_00, TODAY)


def test_what_is_left_is_said() -> None:
    with pytest.raises(Refusal) as refused:
        check_spend(standing(balance_cents=12_50), 12_51, TODAY)
    assert refused.value.code == "voucher.insufficient"
    assert refused.value.message() == (
        "Guthaben 12,50 €. Diesen Betrag einlösen und den Rest anders kassieren?"
    )


def test_a_voucher_of_one_piece_is_spent_whole() -> None:
    check_spend(standing(partial=False), 50_00, TODAY)
    with pytest.raises(Refusal) as refused:
        check_spend(standing(partial=False), 49_99, TODAY)
    assert refused.value.code == "voucher.whole_only"
    assert refused.value.params["balance_cents"] == 50_00
    with pytest.raises(Refusal, match=r"voucher\.insufficient"):
        check_spend(standing(partial=False), 50_01, TODAY)


def test_what_is_blocked_may_be_unblocked_up_to_its_last_day() -> None:
    check_blocked(BLOCKED, TODAY, TODAY)


@pytest.mark.parametrize(
    ("state", "days_left", "code"),
    [
        (STOCK, 0, "voucher.not_blocked"),
        (ACTIVE, 0, "voucher.not_blocked"),
        (REPLACED, 0, "voucher.replaced"),
        (REPLACED, -1, "voucher.replaced"),
        (EXPIRED, 0, "voucher.expired"),
        (EXPIRED, -1, "voucher.expired"),
        (BLOCKED, -1, "voucher.expired"),
        (ACTIVE, -1, "voucher.expired"),
    ],
)
def test_nothing_else_may_be_unblocked(state: VoucherState, days_left: int, code: str) -> None:
    last_day = TODAY + timedelta(days=days_left)
    with pytest.raises(Refusal) as refused:
        check_blocked(state, last_day, TODAY)
    assert refused.value.code == code
    assert refused.value.params == ({"date": last_day} if code == "voucher.expired" else {})


@pytest.mark.parametrize(
    ("state", "sold_on", "days_left", "code"),
    [
        (BLOCKED, None, 10, "voucher.blocked"),
        (BLOCKED, TODAY, -1, "voucher.blocked"),
        (ACTIVE, TODAY, 10, "voucher.sold"),
        (EXPIRED, TODAY, -1, "voucher.sold"),
        (STOCK, None, -1, "stock.too_late"),
    ],
)
def test_only_what_lies_in_stock_is_sold_up_to_its_day(
    state: VoucherState, sold_on: date | None, days_left: int, code: str
) -> None:
    check_for_sale(STOCK, None, TODAY, TODAY)
    with pytest.raises(Refusal) as refused:
        check_for_sale(state, sold_on, TODAY + timedelta(days=days_left), TODAY)
    assert refused.value.code == code


@given(
    st.builds(
        standing,
        st.sampled_from(VoucherState),
        days_left=st.integers(-2, 2),
        balance_cents=st.integers(0, 3),
        partial=st.booleans(),
    ),
    st.integers(1, 4),
)
def test_what_passes_leaves_no_debt_and_no_forbidden_rest(voucher: Standing, amount: int) -> None:
    try:
        check_spend(voucher, amount, TODAY)
    except Refusal:
        return
    assert voucher.state is ACTIVE
    assert voucher.valid_until >= TODAY
    rest_cents = voucher.balance_cents - amount
    assert rest_cents == 0 if not voucher.partial_redemption else rest_cents >= 0
