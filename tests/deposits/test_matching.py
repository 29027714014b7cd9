"""Which deposit is for which request: decided by exact references, suggested by likeness."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gutschein.bank.rf_reference import format_reference, is_reference
from gutschein.deposits.requests import payable_reference
from gutschein.deposits.rules import Incoming, Share, match, why_left
from gutschein.deposits.suggesting import suggestions


@dataclass(frozen=True)
class Asked:
    """A request that something is missing of."""

    number: int
    missing_cents: int
    state: str = "open"

    @property
    def id(self) -> UUID:
        return UUID(int=self.number)

    @property
    def reference(self) -> str:
        return payable_reference(self.number)


def deposit(number: int, cents: int, *asked: Asked, request: Asked | None = None) -> Incoming:
    return Incoming(
        deposit_id=UUID(int=1_000 + number),
        left_cents=cents,
        references=[each.reference for each in asked],
        request_id=request and request.id,
    )


def shares(deposits: list[Incoming], asked: list[Asked]) -> list[tuple[int, int, int]]:
    return [
        (share.deposit_id.int - 1_000, share.request_id.int, share.amount_cents)
        for share in match(deposits, asked)
    ]


ORDER, OTHER = Asked(42, 25_00), Asked(43, 50_00)


def test_the_exact_amount_is_assigned() -> None:
    assert shares([deposit(1, 25_00, ORDER)], [ORDER, OTHER]) == [(1, 42, 25_00)]


def test_less_is_assigned_and_the_next_deposit_adds_up() -> None:
    deposits = [deposit(1, 10_00, ORDER), deposit(2, 15_00, ORDER)]
    assert shares(deposits, [ORDER]) == [(1, 42, 10_00), (2, 42, 15_00)]


def test_of_more_only_what_is_missing_is_assigned() -> None:
    assert shares([deposit(1, 30_00, ORDER)], [ORDER]) == [(1, 42, 25_00)]


def test_who_pays_twice_has_paid_once() -> None:
    deposits = [deposit(1, 25_00, ORDER), deposit(2, 25_00, ORDER)]
    assert shares(deposits, [ORDER]) == [(1, 42, 25_00)]


def test_one_transfer_for_two_orders_pays_both_in_the_order_they_are_named() -> None:
    assert shares([deposit(1, 60_00, OTHER, ORDER)], [ORDER, OTHER]) == [
        (1, 43, 50_00),
        (1, 42, 10_00),
    ]


@pytest.mark.parametrize("state", ["paid", "closed"])
def test_what_is_not_expected_any_more_gets_nothing(state: str) -> None:
    done = Asked(42, 25_00, state)
    assert shares([deposit(1, 25_00, done, request=done)], [done]) == []


def test_what_the_provider_took_money_for_comes_first() -> None:
    assert shares([deposit(1, 30_00, OTHER, request=ORDER)], [ORDER, OTHER]) == [
        (1, 42, 25_00),
        (1, 43, 5_00),
    ]


ASKED = st.lists(
    st.builds(Asked, st.integers(1, 9), st.integers(1, 100), st.sampled_from(["open", "paid"])),
    max_size=6,
    unique_by=lambda each: each.number,
)


@st.composite
def scenes(draw: st.DrawFn) -> tuple[list[Incoming], list[Asked]]:
    asked = draw(ASKED)
    named = st.lists(st.sampled_from([*asked, Asked(99, 1)]), max_size=3)
    deposits = [
        deposit(number, draw(st.integers(0, 150)), *draw(named))
        for number in range(draw(st.integers(0, 6)))
    ]
    return deposits, asked


@given(scenes())
def test_no_cent_is_made_or_lost(scene: tuple[list[Incoming], list[Asked]]) -> None:
    deposits, asked = scene
    found = match(deposits, asked)
    given_, got = Counter[UUID](), Counter[UUID]()
    for share in found:
        assert share.amount_cents > 0
        given_[share.deposit_id] += share.amount_cents
        got[share.request_id] += share.amount_cents
    by_id = {each.id: each for each in asked}
    assert all(given_[each.deposit_id] <= each.left_cents for each in deposits)
    assert all(got[id_] <= by_id[id_].missing_cents for id_ in got)
    assert all(by_id[id_].state == "open" for id_ in got)
    named = {
        (each.deposit_id, request.id)
        for each in deposits
        for request in asked
        if request.reference in each.references
    }
    pairs = [(share.deposit_id, share.request_id) for share in found]
    assert set(pairs) <= named
    assert len(pairs) == len(set(pairs))
    # Nothing is left on both sides of a reference.
    for deposit_id, request_id in named:
        [left] = [each.left_cents for each in deposits if each.deposit_id == deposit_id]
        if by_id[request_id].state == "open":
            assert left == given_[deposit_id] or got[request_id] == by_id[request_id].missing_cents


@given(scenes(), st.data())
def test_what_a_request_gets_does_not_hang_on_the_order_of_deposits(
    scene: tuple[list[Incoming], list[Asked]], data: st.DataObject
) -> None:
    deposits, asked = scene
    alone = [each for each in deposits if len(set(each.references)) <= 1]

    def got(found: list[Share]) -> Counter[UUID]:
        totals = Counter[UUID]()
        for share in found:
            totals[share.request_id] += share.amount_cents
        return totals

    shuffled = data.draw(st.permutations(alone))
    assert got(match(alone, asked)) == got(match(shuffled, asked))


@pytest.mark.parametrize(
    ("told", "facts", "why"),
    [
        ("Danke", {}, "no_reference"),
        ("RF18 5390 0754 7034", {}, "unknown"),
        ("Danke\nRF18 5390 0754 7034", {}, "unknown"),
        ("RF35 0000 0042", {}, "no_reference"),
        (format_reference(payable_reference(1)), {}, "paid"),
        (format_reference(payable_reference(2)), {}, "closed"),
        (format_reference(payable_reference(3)), {"given": True}, "excess"),
        (format_reference(payable_reference(3)), {"returned": True}, "returned"),
        (format_reference(payable_reference(3)), {"lump": True}, "lump"),
    ],
)
def test_why_something_is_left_is_said(told: str, facts: dict[str, bool], why: str) -> None:
    asked = [Asked(1, 0, "paid"), Asked(2, 25_00, "closed"), Asked(3, 25_00)]
    known = {each.reference: each for each in asked}
    facts = {"given": False, "returned": False, "lump": False} | facts
    assert why_left(told, known, **facts) == why


# suggestions

WAITING = [Asked(42, 25_00), Asked(43, 50_00), Asked(1_234, 25_00)]


def hints(told: str, cents: int = 1, same_payer: tuple[UUID, ...] = ()) -> list[tuple[int, str]]:
    found = suggestions(told, cents, WAITING, same_payer)
    return [(each.request_id.int, each.hint) for each in found]


@pytest.mark.parametrize(
    "told",
    [
        "RF34 0000 0024",  # a swapped pair
        "RF34 0000 0O42",  # a letter too much
        "RF34 000 0042",  # a digit left out
        "RF43 0000 0042",
        "RF35 0000 0042",
        "R34 0000 0042",
        "Gutschein RF34 0000 0142 vom 4.12.2026",
    ],
)
def test_a_slip_of_the_pen_is_suggested(told: str) -> None:
    assert (42, "misspelt") in hints(told)


def test_what_was_meant_is_named_before_its_neighbours() -> None:
    """The number of 42, with the check digits of another."""
    assert hints("00000042") == [(42, "number")]
    assert hints("Bestellung 00001234 danke") == [(1_234, "number")]


@pytest.mark.parametrize("told", ["", "Danke", "4212", "RF18 5390 0754 7034", "20261204", "RF"])
def test_nothing_is_suggested_where_nothing_is_alike(told: str) -> None:
    assert hints(told) == []


def test_what_was_written_as_meant_is_no_slip() -> None:
    """An old reference that checks is not taken for a new one that looks like it."""
    assert hints(format_reference(payable_reference(44))) == []


def test_the_amount_speaks_for_one_that_it_fits_alone() -> None:
    assert hints("Danke", 50_00) == [(43, "amount")]
    assert hints("Danke", 25_00) == []


def test_who_has_paid_a_part_pays_the_rest() -> None:
    assert hints("Rest", 25_00, (UUID(int=42),)) == [(42, "same_payer")]
    assert hints("Rest", 24_00, (UUID(int=42),)) == []


def test_what_is_paid_or_closed_is_not_suggested() -> None:
    closed = [Asked(42, 25_00, "closed"), Asked(43, 0, "paid")]
    assert suggestions("RF34 0000 0024", 25_00, closed) == []


@given(st.text("RF0123456789OIL abc", max_size=140), st.integers(1, 100))
def test_any_text_is_compared(told: str, cents: int) -> None:
    assert len(suggestions(told, cents, WAITING)) <= len(WAITING)


def told_apart(one: str, other: str) -> int:
    """The optimal string alignment distance, by its definition."""
    table = [[row + column for column in range(len(other) + 1)] for row in range(len(one) + 1)]
    for row in range(1, len(one) + 1):
        for column in range(1, len(other) + 1):
            a, b = one[row - 1], other[column - 1]
            table[row][column] = min(
                table[row - 1][column] + 1,
                table[row][column - 1] + 1,
                table[row - 1][column - 1] + (a != b),
            )
            if min(row, column) > 1 and (a, one[row - 2]) == (other[column - 2], b):
                swapped = table[row - 2][column - 2] + 1
                table[row][column] = min(table[row][column], swapped)
    return table[-1][-1]


@given(st.integers(1, 10**8 - 1), st.data())
def test_a_slip_is_two_characters_at_most(number: int, data: st.DataObject) -> None:
    asked = Asked(number, 25_00)
    written = list(asked.reference[2:])
    for _ in range(data.draw(st.integers(0, 4))):
        place = data.draw(st.integers(0, len(written) - 1))
        digit = data.draw(st.sampled_from("0123456789OI"))
        match data.draw(st.sampled_from(["change", "add", "drop", "swap"])):
            case "change":
                written[place] = digit
            case "add":
                written.insert(place, digit)
            case "drop" if len(written) > 6:
                del written[place]
            case _:
                written[place - 1 : place + 1] = written[place - 1 : place + 1][::-1]
    run = "RF" + "".join(written)
    fewest = min(told_apart(run[:length], asked.reference) for length in range(len(run) + 1))
    hinted = any(each.hint == "misspelt" for each in suggestions(run, 1, [asked]))
    checks = len(run) >= 12 and is_reference(run[:12])
    assert hinted is (fewest <= 2 and not checks)
