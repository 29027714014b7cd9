"""Until when one may withdraw, and who has written an address: decided without a database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from gutschein.kernel.clock import BERLIN
from gutschein.shop.withdrawal_rules import (
    Condition,
    condition_of,
    is_in_time,
    last_day,
    same_address,
)


def at(day: str, time: str = "12:00") -> datetime:
    """An instant on the clocks of Germany."""
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=BERLIN).astimezone(UTC)


@pytest.mark.parametrize(
    ("placed", "last"),
    [
        ("2026-11-23", "2026-12-07"),  # a Monday, and the second Monday after it
        ("2026-11-27", "2026-12-11"),
        ("2026-11-28", "2026-12-14"),  # a Saturday: not before Monday
        ("2026-11-29", "2026-12-14"),
        ("2026-12-11", "2026-12-28"),  # Christmas Day, Boxing Day, Sunday
        ("2026-12-18", "2027-01-04"),  # New Year on a Friday
        ("2027-03-12", "2027-03-30"),  # Good Friday to Easter Monday
        ("2027-04-22", "2027-05-07"),  # Ascension Day
        ("2027-05-03", "2027-05-18"),  # Whit Monday
        ("2028-09-19", "2028-10-04"),  # the third of October
    ],
)
def test_the_last_day_is_the_fourteenth_or_the_working_day_after_it(placed: str, last: str) -> None:
    assert last_day(at(placed)) == date.fromisoformat(last)


def test_the_last_day_counts_to_its_end_in_germany() -> None:
    placed = at("2026-11-23")
    assert is_in_time(placed, at("2026-12-07", "23:59"))
    assert not is_in_time(placed, at("2026-12-08", "00:00"))
    # on the way into summer time a day has 23 hours
    assert is_in_time(at("2027-03-16"), at("2027-03-30", "23:59"))
    assert not is_in_time(at("2027-03-16"), at("2027-03-31", "00:00"))


def test_the_day_of_the_order_is_that_of_germany() -> None:
    after_midnight = at("2026-11-24", "00:30")
    assert after_midnight.date() == date(2026, 11, 23)  # it is the day before still in UTC
    assert last_day(after_midnight) == date(2026, 12, 8)
    assert last_day(after_midnight - timedelta(hours=1)) == date(2026, 12, 7)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("erika@example.org", "Erika@Example.ORG", True),
        ("erika@example.org", " erika@example.org ", True),
        ("j\u00f6rg@example.org", "jo\u0308rg@example.org", True),
        ("erika@example.org", "erik@example.org", False),
        ("erika@example.org", "", False),
    ],
)
def test_an_address_is_compared_as_people_write_it(one: str, other: str, same: bool) -> None:
    assert same_address(one, other) is same


@pytest.mark.parametrize(
    ("balance_cents", "condition"),
    [(50_00, Condition.WHOLE), (49_99, Condition.PART), (1, Condition.PART), (0, Condition.SPENT)],
)
def test_what_is_left_decides_who_decides(balance_cents: int, condition: Condition) -> None:
    assert condition_of(50_00, balance_cents) is condition
