"""Money is whole cents, and is rounded and written in one way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gutschein.kernel.money import (
    LARGEST_AMOUNT_CENTS,
    format_decimal,
    format_euro,
    is_amount,
    share_half_up,
)

CENTS = st.integers(-LARGEST_AMOUNT_CENTS, LARGEST_AMOUNT_CENTS)


def test_an_amount_is_a_whole_cent_or_more() -> None:
    assert is_amount(1)
    assert not is_amount(0)
    assert not is_amount(-1)


def test_the_largest_amount_is_the_largest_that_json_keeps() -> None:
    assert LARGEST_AMOUNT_CENTS == 9_007_199_254_740_991  # RFC 8259, section 6
    assert is_amount(LARGEST_AMOUNT_CENTS)
    assert not is_amount(LARGEST_AMOUNT_CENTS + 1)


@pytest.mark.parametrize("value", [True, 1.0, "1", None], ids=repr)
def test_nothing_but_an_integer_is_an_amount(value: object) -> None:
    assert not is_amount(value)


@pytest.mark.parametrize(
    ("amount_cents", "basis_points", "share_cents"),
    [
        (12_50, 300, 38),  # 37.5 cents
        (12_49, 300, 37),  # 37.47
        (1, 5_000, 1),  # half a cent is a whole one
        (1, 4_999, 0),
        (100_00, 1_900, 19_00),
        (100_00, 0, 0),
        (100_00, 10_000, 100_00),
        (0, 300, 0),
    ],
)
def test_a_share_is_rounded_commercially(
    amount_cents: int, basis_points: int, share_cents: int
) -> None:
    assert share_half_up(amount_cents, basis_points) == share_cents
    assert share_half_up(-amount_cents, basis_points) == -share_cents


@given(CENTS, st.integers(0, 10_000))
def test_a_share_is_off_by_half_a_cent_at_most(amount_cents: int, basis_points: int) -> None:
    off_by = share_half_up(amount_cents, basis_points) * 10_000 - amount_cents * basis_points
    assert abs(off_by) <= 5_000


@pytest.mark.parametrize(
    ("amount_cents", "german", "english", "decimal"),
    [
        (0, "0,00 €", "0.00 €", "0.00"),
        (1, "0,01 €", "0.01 €", "0.01"),
        (-1, "-0,01 €", "-0.01 €", "-0.01"),
        (99, "0,99 €", "0.99 €", "0.99"),
        (1_00, "1,00 €", "1.00 €", "1.00"),
        (1_234_50, "1.234,50 €", "1,234.50 €", "1234.50"),
        (-1_234_567_89, "-1.234.567,89 €", "-1,234,567.89 €", "-1234567.89"),
    ],
)
def test_an_amount_is_written_for_people_and_for_machines(
    amount_cents: int, german: str, english: str, decimal: str
) -> None:
    assert format_euro(amount_cents) == format_euro(amount_cents, "de") == german
    assert format_euro(amount_cents, "en") == english
    assert format_decimal(amount_cents) == decimal


@given(CENTS)
def test_what_is_written_says_the_amount(amount_cents: int) -> None:
    assert int(format_decimal(amount_cents).replace(".", "")) == amount_cents
    assert format_euro(amount_cents, "en").replace(",", "") == f"{format_decimal(amount_cents)} €"
