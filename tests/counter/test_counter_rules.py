from __future__ import annotations

import pytest

from gutschein.counter.rules import check_count, price_of_card
from gutschein.kernel.errors import Refusal
from gutschein.kernel.money import read_euros
from gutschein.programmes.rules import Terms

TERMS = Terms(fixed_values_cents=(10_00, 25_00), minimum_cents=10_00, maximum_cents=25_00)


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        ("25", 25_00),
        ("0", 0),
        ("12,50", 12_50),
        ("12,5", 12_50),
        ("12.50", 12_50),
        ("12,50 €", 12_50),
        (" 12,- EUR ", 12_00),
        ("1.250", 1_250_00),
        ("1.250,50", 1_250_50),
    ],
)
def test_amounts_are_read_as_people_write_them(typed: str, cents: int) -> None:
    assert read_euros(typed) == cents


@pytest.mark.parametrize("typed", ["", "zwölf", "-5", "1,234", "12.5", "1.25.000", "1e3", "1 2"])
def test_what_is_no_amount_is_none(typed: str) -> None:
    assert read_euros(typed) is None


def test_a_printed_value_needs_no_choice_and_allows_no_other() -> None:
    assert price_of_card(25_00, None, TERMS) == price_of_card(25_00, 25_00, TERMS) == 25_00
    with pytest.raises(Refusal, match=r"stock\.value"):
        price_of_card(25_00, 10_00, TERMS)


def test_an_open_value_is_one_that_is_offered() -> None:
    assert price_of_card(None, 10_00, TERMS) == 10_00
    for wanted in (None, 12_00):
        with pytest.raises(Refusal, match=r"programme\.value_refused"):
            price_of_card(None, wanted, TERMS)


def test_a_count_that_differs_wants_a_reason() -> None:
    check_count(100, 100, 100, None)
    check_count(100, 90, 0, "Wechselgeld")
    check_count(-5, 0, 0, "Überschuss schon zur Bank")
    with pytest.raises(Refusal, match=r"difference_cents=-10"):
        check_count(100, 90, 0, None)


def test_no_more_goes_to_the_bank_than_was_counted() -> None:
    with pytest.raises(Refusal, match=r"closing\.banked"):
        check_count(100, 100, 101, "Versehen")
