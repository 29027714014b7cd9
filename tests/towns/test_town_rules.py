from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gutschein.towns.rules import accepts, covers, is_ags, overlap


@dataclass(frozen=True)
class Days:
    valid_from: date
    valid_until: date | None = None


ADVENT = Days(date(2026, 11, 29), date(2026, 12, 24))
days = st.dates(date(2026, 1, 1), date(2026, 3, 1))
periods = st.builds(
    lambda first, length: Days(first, None if length is None else first + timedelta(length)),
    days,
    st.none() | st.integers(0, 40),
)


@pytest.mark.parametrize("ags", ["14521020", "12052000", "01001000", "16077056"])
def test_eight_digits_of_one_of_the_sixteen_states_are_an_ags(ags: str) -> None:
    assert is_ags(ags)


@pytest.mark.parametrize(
    "ags",
    ["", "1452102", "145210200", "00521020", "17521020", "14 521 020", "1452102x", "١٤٥٢١٠٢٠"],
)
def test_anything_else_is_none(ags: str) -> None:
    assert not is_ags(ags)


@pytest.mark.parametrize(
    ("day", "honoured"),
    [
        (date(2026, 11, 28), False),
        (date(2026, 11, 29), True),
        (date(2026, 12, 24), True),
        (date(2026, 12, 25), False),
    ],
)
def test_first_and_last_day_are_honoured(day: date, *, honoured: bool) -> None:
    assert accepts([ADVENT], day) is honoured


def test_an_agreement_without_an_end_goes_on() -> None:
    assert accepts([ADVENT, Days(date(2027, 1, 1))], date(2099, 1, 1))


def test_nobody_honours_without_an_agreement() -> None:
    assert not accepts([], date(2026, 12, 1))


@given(periods, periods)
def test_periods_overlap_when_they_share_a_day(one: Days, other: Days) -> None:
    some_days = [date(2026, 1, 1) + timedelta(n) for n in range(120)]
    shared = any(covers(one, day) and covers(other, day) for day in some_days)
    assert overlap(one, other) is overlap(other, one) is shared
