from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gutschein.kernel.errors import Refusal
from gutschein.programmes.rules import (
    LARGEST_CAP_CENTS,
    Terms,
    check_terms,
    is_value_offered,
    offered_values,
    valid_until,
)

TODAY = date(2026, 12, 5)
FREE = Terms(fixed_values_cents=None, minimum_cents=100, maximum_cents=25_000)
FIXED = Terms(fixed_values_cents=(1_000, 2_500, 5_000), minimum_cents=1_000, maximum_cents=5_000)
GIFT = replace(FREE, payer="town")
MARKET = replace(GIFT, validity="fixed_day", validity_count=None, validity_day=date(2026, 12, 24))


@pytest.mark.parametrize(
    "terms",
    [
        FREE,
        FIXED,
        replace(FREE, cap_cents=LARGEST_CAP_CENTS, maximum_cents=LARGEST_CAP_CENTS),
        replace(FREE, minimum_cents=25_000),
        replace(FREE, validity_count=30),
        replace(GIFT, validity_count=0),
        replace(GIFT, validity="days", validity_count=1),
        MARKET,
        replace(MARKET, validity_day=TODAY),
    ],
)
def test_terms_that_hold_together_are_taken(terms: Terms) -> None:
    check_terms(terms, TODAY)


@pytest.mark.parametrize(
    ("terms", "rule"),
    [
        (replace(FREE, minimum_cents=0), "1 <= minimum_cents <= maximum_cents"),
        (replace(FREE, minimum_cents=25_001), "1 <= minimum_cents <= maximum_cents"),
        (replace(FREE, maximum_cents=25_001), "maximum_cents <= cap_cents"),
        (replace(FREE, cap_cents=100_001), "cap_cents <= 100000"),
        (replace(FIXED, fixed_values_cents=()), "len(fixed_values_cents) >= 1"),
        (replace(FIXED, fixed_values_cents=(1_000, 1_000)), "fixed_values_cents: a < b < c …"),
        (replace(FIXED, minimum_cents=1_001), "minimum_cents <= 1000 <= maximum_cents"),
        (replace(FIXED, maximum_cents=4_999), "minimum_cents <= 5000 <= maximum_cents"),
        (replace(FREE, validity_count=2), "3 <= validity_count <= 30"),
        (replace(FREE, validity_count=31), "3 <= validity_count <= 30"),
        (replace(FREE, validity_count=None), "validity_count: end_of_year, days"),
        (replace(FREE, validity_day=TODAY), "validity_day: fixed_day"),
        (replace(GIFT, validity_count=-1), "0 <= validity_count <= 30"),
        (replace(GIFT, validity="days", validity_count=0), "1 <= validity_count <= 10950"),
        (replace(GIFT, validity="days", validity_count=10_951), "1 <= validity_count <= 10950"),
        (replace(MARKET, validity_count=3), "validity_count: end_of_year, days"),
        (replace(MARKET, validity_day=None), "validity_day: fixed_day"),
        (
            replace(MARKET, validity_day=date(2026, 12, 4)),
            "2026-12-05 <= validity_day <= 2056-11-27",
        ),
        (
            replace(MARKET, validity_day=date(2099, 1, 1)),
            "2026-12-05 <= validity_day <= 2056-11-27",
        ),
    ],
)
def test_terms_that_contradict_themselves_are_refused(terms: Terms, rule: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_terms(terms, TODAY)
    assert (refused.value.code, refused.value.params["reason"]) == ("programme.rule_invalid", rule)


@pytest.mark.parametrize(
    "terms",
    [replace(MARKET, payer="citizen"), replace(FREE, validity="days", validity_count=9_999)],
)
def test_own_money_never_lapses_by_days_or_on_a_day(terms: Terms) -> None:
    with pytest.raises(Refusal, match=r"rule_invalid.*§§ 195, 199 BGB"):
        check_terms(terms, TODAY)


@pytest.mark.parametrize(
    ("sold_on", "lapses"),
    [
        (date(2026, 1, 1), date(2029, 12, 31)),
        (date(2026, 12, 31), date(2029, 12, 31)),
        (date(2027, 1, 1), date(2030, 12, 31)),
    ],
)
def test_own_money_lasts_three_years_from_the_end_of_the_year(sold_on: date, lapses: date) -> None:
    assert valid_until(FREE, sold_on) == lapses


@given(st.dates(date(2020, 1, 1), date(2100, 1, 1)))
def test_own_money_never_lasts_less_than_three_whole_years(sold_on: date) -> None:
    assert (valid_until(FREE, sold_on).year - sold_on.year, valid_until(FREE, sold_on).month) == (
        3,
        12,
    )


def test_days_count_from_the_day_after_the_sale() -> None:
    terms = replace(GIFT, validity="days", validity_count=30)
    assert valid_until(terms, date(2027, 2, 1)) == date(2027, 3, 3)


def test_a_fixed_day_is_the_last_on_which_it_can_be_given() -> None:
    assert valid_until(MARKET, date(2026, 12, 24)) == date(2026, 12, 24)
    with pytest.raises(Refusal) as refused:
        valid_until(MARKET, date(2026, 12, 25))
    assert refused.value.code == "programme.rule_invalid"


@pytest.mark.parametrize(
    ("terms", "value_cents", "offered"),
    [
        (FREE, 99, False),
        (FREE, 100, True),
        (FREE, 25_000, True),
        (FREE, 25_001, False),
        (FIXED, 2_500, True),
        (FIXED, 2_501, False),
    ],
)
def test_a_value_is_offered_or_not(terms: Terms, value_cents: int, *, offered: bool) -> None:
    assert is_value_offered(terms, value_cents) is offered


def test_the_values_on_offer_are_told() -> None:
    assert offered_values(FIXED) == "10,00 €, 25,00 €, 50,00 €"
    assert offered_values(FREE) == "1,00 € - 250,00 €"
