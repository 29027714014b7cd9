"""Towns settle what they owe one another with the fewest payments."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gutschein.kernel.ids import TownId
from gutschein.settlement.netting_rules import (
    EXACT_TOWNS,
    Payment,
    fewest_payments,
    moves_within,
    net_positions,
)

ZWOENITZ, SCHNEEBERG, MARIENBERG, ZSCHOPAU, OLBERNHAU = TOWNS = [
    TownId(UUID(int=number)) for number in range(1, 6)
]


def settled(positions: dict[TownId, int], payments: list[Payment]) -> dict[TownId, int]:
    left = dict(positions)
    for payment in payments:
        left[payment.payer] += payment.amount_cents
        left[payment.payee] -= payment.amount_cents
    return left


def balanced(amounts: list[int]) -> dict[TownId, int]:
    amounts = [*amounts, -sum(amounts)]
    return {TownId(UUID(int=place + 1)): cents for place, cents in enumerate(amounts)}


def fewest_by_trying(cents: list[int]) -> int:
    """The number of payments by looking at every way to split: slow and obvious."""
    cents = [each for each in cents if each]
    if not cents:
        return 0
    first, rest = cents[0], cents[1:]
    return min(
        size + fewest_by_trying([rest[i] for i in range(len(rest)) if i not in others])
        for size in range(1, len(rest) + 1)
        for others in combinations(range(len(rest)), size)
        if first + sum(rest[i] for i in others) == 0
    )


def test_a_circle_of_debts_is_one_payment() -> None:
    # Zwönitz owes Schneeberg 10 EUR, Schneeberg Marienberg 10 EUR, Marienberg Zwönitz 4 EUR.
    owed = {
        (ZWOENITZ, SCHNEEBERG): 10_00,
        (SCHNEEBERG, ZWOENITZ): -10_00,
        (SCHNEEBERG, MARIENBERG): 10_00,
        (MARIENBERG, SCHNEEBERG): -10_00,
        (MARIENBERG, ZWOENITZ): 4_00,
        (ZWOENITZ, MARIENBERG): -4_00,
    }
    positions = net_positions(owed)
    assert positions == {ZWOENITZ: -6_00, SCHNEEBERG: 0, MARIENBERG: 6_00}
    assert fewest_payments(positions) == [Payment(ZWOENITZ, MARIENBERG, 6_00)]


def test_pairs_that_cancel_are_found_where_the_largest_first_would_miss_them() -> None:
    positions = {
        ZWOENITZ: -5_00,
        SCHNEEBERG: -4_00,
        MARIENBERG: -3_00,
        ZSCHOPAU: 7_00,
        OLBERNHAU: 5_00,
    }
    payments = fewest_payments(positions)
    assert len(payments) == 3
    assert Payment(ZWOENITZ, OLBERNHAU, 5_00) in payments
    assert set(settled(positions, payments).values()) == {0}


def test_nothing_open_needs_no_payment() -> None:
    assert fewest_payments({}) == []
    assert fewest_payments({ZWOENITZ: 0, SCHNEEBERG: 0}) == []


def test_positions_that_do_not_balance_are_no_positions() -> None:
    with pytest.raises(ValueError, match="add up to zero"):
        fewest_payments({ZWOENITZ: 1})


@settings(deadline=None)
@given(st.lists(st.integers(-6, 6), max_size=6))
def test_no_way_has_fewer_payments(amounts: list[int]) -> None:
    positions = balanced(amounts)
    payments = fewest_payments(positions)
    assert len(payments) == fewest_by_trying(list(positions.values()))


@settings(deadline=None)
@given(st.lists(st.integers(-10_000_00, 10_000_00), max_size=12))
def test_every_position_is_settled_and_nobody_pays_too_much(amounts: list[int]) -> None:
    positions = balanced(amounts)
    payments = fewest_payments(positions)
    assert set(settled(positions, payments).values()) <= {0}
    assert all(payment.amount_cents > 0 for payment in payments)
    paid: dict[TownId, int] = defaultdict(int)
    for payment in payments:
        paid[payment.payer] += payment.amount_cents
    assert all(positions[town] == -cents for town, cents in paid.items())


def test_a_region_too_large_for_the_exact_way_is_still_settled() -> None:
    positions = balanced([(-1) ** place * (place + 1) for place in range(EXACT_TOWNS + 8)])
    payments = fewest_payments(positions)
    assert set(settled(positions, payments).values()) == {0}
    assert len(payments) < len(positions)


@given(st.dictionaries(st.sampled_from(TOWNS), st.integers(-1000, 1000)), st.integers(0, 4))
def test_claims_move_inside_a_book_until_they_are_the_payments(
    current: dict[TownId, int], place: int
) -> None:
    target = {TOWNS[place]: sum(current.values())}
    left: dict[TownId, int] = defaultdict(int, current)
    for less, more, cents in moves_within(current, target):
        assert cents > 0
        left[less] -= cents
        left[more] += cents
    assert {town: cents for town, cents in left.items() if cents} == {
        town: cents for town, cents in target.items() if cents
    }
