"""Which entries of a statement are new, however banks hand them out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gutschein.bank.bank_statement import Entry, Statement
from gutschein.deposits.recognising import (
    Gap,
    entry_key,
    fingerprint,
    gaps,
    is_apart,
    new_entries,
    told,
)

FIRST = date(2026, 12, 1)
ENTRY = Entry(
    amount_cents=25_00,
    is_credit=True,
    is_reversal=False,
    booked_on=FIRST,
    value_on=FIRST,
    remittance=("RF34 0000 0042",),
    party_name="Erika Beispiel",
)


def statement(*entries: Entry, opening: int = 0, sequence: int | None = 1) -> Statement:
    days = [entry.booked_on for entry in entries] or [FIRST]
    return Statement(
        id=f"S{sequence}",
        sequence_number=sequence,
        iban="DE89370400440532013000",
        from_day=min(days),
        to_day=max(days),
        opening_cents=opening,
        closing_cents=opening + sum(entry.signed_cents for entry in entries),
        entries=entries,
    )


@pytest.mark.parametrize(
    "change",
    [
        {"amount_cents": 25_01},
        {"is_credit": False},
        {"booked_on": date(2026, 12, 2)},
        {"remittance": ("RF34 0000 0043",)},
        {"party_name": "Max Muster"},
        {"party_iban": "DE02120300000000202051"},
        {"end_to_end_id": "7"},
        {"bank_reference": "A1"},
    ],
)
def test_entries_that_differ_in_anything_are_told_apart(change: dict[str, object]) -> None:
    assert entry_key(replace(ENTRY, **change)) != entry_key(ENTRY)  # type: ignore[arg-type]


def test_with_the_banks_reference_the_words_may_change() -> None:
    one = replace(ENTRY, bank_reference="A1")
    other = replace(one, remittance=("RF34 0000 0042 ",), party_name="ERIKA BEISPIEL")
    assert entry_key(one) == entry_key(other)


def test_without_one_lines_may_be_broken_elsewhere() -> None:
    assert entry_key(ENTRY) == entry_key(replace(ENTRY, remittance=("RF34 00", "00 0042")))


def test_a_statement_is_recognised() -> None:
    assert fingerprint(statement(ENTRY)) == fingerprint(statement(ENTRY))
    assert fingerprint(statement(ENTRY)) != fingerprint(statement(ENTRY, ENTRY))
    assert fingerprint(statement(ENTRY)) != fingerprint(statement(ENTRY, sequence=2))


def test_two_payments_that_look_the_same_are_two() -> None:
    found = new_entries([ENTRY, ENTRY], {}, apart=False)
    assert [occurrence for _entry, _key, occurrence in found] == [1, 2]


def test_a_statement_over_more_days_brings_what_is_not_known() -> None:
    found = new_entries([ENTRY, ENTRY, ENTRY], {entry_key(ENTRY): 2}, apart=False)
    assert [occurrence for _entry, _key, occurrence in found] == [3]


DAY_BEFORE = replace(ENTRY, booked_on=FIRST - timedelta(1))
MORNING = statement(ENTRY, sequence=7)
EVENING = statement(ENTRY, opening=25_00, sequence=8)
NIGHT = statement(ENTRY, opening=50_00, sequence=9)


def test_the_next_statement_of_the_same_day_brings_all_it_has() -> None:
    assert is_apart(EVENING, [MORNING])
    found = new_entries(EVENING.entries, {entry_key(ENTRY): 1}, apart=True)
    assert [occurrence for _entry, _key, occurrence in found] == [2]


def test_the_one_before_and_the_one_between_are_neighbours_too() -> None:
    assert is_apart(MORNING, [EVENING])
    assert is_apart(EVENING, [NIGHT, MORNING])


def test_where_there_is_no_neighbour_nothing_is_proved() -> None:
    assert not is_apart(MORNING, [])
    assert not is_apart(MORNING, [statement(DAY_BEFORE, sequence=3)])


@pytest.mark.parametrize(
    "other",
    [
        statement(ENTRY, opening=50_00, sequence=9),
        statement(ENTRY, opening=25_00, sequence=7),
        statement(ENTRY, opening=25_00, sequence=None),
        statement(ENTRY, opening=24_00, sequence=8),
        statement(DAY_BEFORE, ENTRY, opening=25_00, sequence=8),
    ],
)
def test_anything_else_may_show_the_same_again(other: Statement) -> None:
    assert not is_apart(other, [MORNING])


def test_a_statement_over_more_days_is_not_apart_from_those_within() -> None:
    week = statement(DAY_BEFORE, ENTRY, opening=0, sequence=8)
    assert not is_apart(week, [MORNING])
    assert not is_apart(EVENING, [MORNING, week])


@dataclass(frozen=True)
class Kept:
    from_day: date
    to_day: date
    opening_cents: int
    closing_cents: int
    sequence_number: int | None = None


def kept(first: int, last: int, opening: int, closing: int, number: int | None = None) -> Kept:
    days = (FIRST + timedelta(first - 1), FIRST + timedelta(last - 1))
    return Kept(*days, opening, closing, number)


def test_where_statements_are_missing_the_balance_tells() -> None:
    whole = [kept(1, 1, 0, 10), kept(2, 2, 10, 30), kept(5, 5, 30, 30)]
    assert gaps(whole, 30) == []
    assert gaps(whole[::2], 10) == [Gap(FIRST, FIRST + timedelta(4), 20)]
    assert gaps([], 0) == []


def test_statements_over_the_same_days_leave_no_gap() -> None:
    assert gaps([kept(1, 1, 0, 10), kept(1, 3, 0, 30), kept(2, 2, 10, 20)], 30) == []
    assert gaps([kept(1, 3, 0, 30), kept(2, 2, 10, 20), kept(4, 4, 30, 31)], 31) == []


def test_two_statements_of_one_day_are_compared_by_their_numbers() -> None:
    assert gaps([kept(1, 1, 0, 10, 1), kept(1, 1, 15, 20, 2)], 15) == [Gap(FIRST, FIRST, 5)]


def test_entries_that_do_not_explain_the_balance_are_told() -> None:
    """Should one ever be taken for another, nobody is left to believe that all is well."""
    days = [kept(1, 1, 0, 10, 1), kept(2, 3, 10, 20, 2)]
    assert gaps(days, 20) == []
    assert gaps(days, 15) == [Gap(FIRST, FIRST + timedelta(2), 5)]
    assert gaps([kept(1, 1, 0, 10), kept(1, 1, 10, 20)], 10) == []


def test_what_the_payer_wrote_has_every_reference_once() -> None:
    entry = replace(ENTRY, structured_reference="RF3400000042", end_to_end_id="MEINE-7")
    assert told(entry) == "RF34 0000 0042\nMEINE-7"
    bare = replace(entry, remittance=(), end_to_end_id="")
    assert told(bare) == "RF3400000042"


# A bank that books payments, some of which look the same, and hands them out day by day, in
# statements over several days, and again.

DAYS = 4
BOOKED = st.lists(
    st.tuples(st.integers(0, DAYS - 1), st.sampled_from([1, 2]), st.sampled_from(["", "A", "B"])),
    max_size=8,
)


@given(BOOKED, st.lists(st.tuples(st.integers(0, DAYS - 1), st.integers(1, DAYS)), max_size=8))
def test_whatever_days_are_handed_out_again_every_entry_is_taken_once(
    booked: list[tuple[int, int, str]], spans: list[tuple[int, int]]
) -> None:
    entries = [
        replace(
            ENTRY, booked_on=FIRST + timedelta(day), amount_cents=cents, bank_reference=reference
        )
        for day, cents, reference in sorted(booked)
    ]
    taken: list[Entry] = []
    known: Counter[bytes] = Counter()
    places: set[tuple[bytes, int]] = set()
    for first, length in [*spans, (0, DAYS)]:
        days = range(first, first + length)
        shown = [entry for entry in entries if (entry.booked_on - FIRST).days in days]
        for entry, key, occurrence in new_entries(shown, known, apart=False):
            assert (key, occurrence) not in places
            places.add((key, occurrence))
            taken.append(entry)
        known = Counter(key for key, _occurrence in places)
    assert Counter(taken) == Counter(entries)
