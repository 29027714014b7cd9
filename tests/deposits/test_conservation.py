"""Whatever is handed in, in whatever order and however often: no cent is made or lost."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pytest
from bank_messages import Booking, Sheet, messages
from deposit_stage import new_hall
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gutschein.db.unit_of_work import Database

REQUESTS = (25_00, 10_00, 40_00)
DAYS = [f"2026-12-0{day}" for day in range(1, 5)]


@dataclass(frozen=True)
class Paid:
    """A payment: on a day, of an amount, for a request or for none."""

    day: int
    cents: int
    request: int | None
    named_by_bank: bool


PAID = st.builds(
    Paid,
    st.integers(0, len(DAYS) - 1),
    st.sampled_from([5_00, 10_00, 25_00, 40_00]),
    st.sampled_from([None, 0, 1, 2]),
    st.booleans(),
)
#: First day and number of days of a file.
SPANS = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4)), max_size=4)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(PAID, max_size=7), SPANS, st.randoms(use_true_random=False))
@pytest.mark.asyncio
async def test_what_came_in_is_assigned_or_left(
    database: Database, booked: list[Paid], spans: list[tuple[int, int]], random: object
) -> None:
    hall = await new_hall(database)
    requests = [await hall.ask(cents) for cents in REQUESTS]
    booked = sorted(booked, key=lambda each: each.day)
    bookings = [
        Booking(
            cents=each.cents,
            text=("Danke",) if each.request is None else (requests[each.request].reference,),
            day=DAYS[each.day],
            bank_reference=f"B{number}" if each.named_by_bank else "",
        )
        for number, each in enumerate(booked)
    ]

    def statement(first: int, length: int) -> Sheet:
        shown = [b for b in bookings if b.day in DAYS[first : first + length]]
        before = sum(b.cents for b in bookings if b.day < DAYS[first])
        last = DAYS[min(first + length, len(DAYS)) - 1]
        name = f"{first}+{length}"
        return Sheet(shown, opening=before, id=name, sequence=None, days=(DAYS[first], last))

    files = [(first, length) for first, length in [*spans, *((day, 1) for day in range(4))]]
    random.shuffle(files)  # type: ignore[attr-defined]
    for first, length in files:
        await hall.hand_in(messages(statement(first, length)))

    total = sum(each.cents for each in booked)
    owed = await hall.owed()
    assert await hall.held() == total
    assert sum(owed.values()) == total
    meant = Counter[int]()
    for each in booked:
        if each.request is not None:
            meant[each.request] += each.cents
    waiting = 0
    for number, request in enumerate(requests):
        found = await hall.request(request)
        assert found.assigned_cents == min(REQUESTS[number], meant[number])
        assert (found.state == "paid") is (meant[number] >= REQUESTS[number])
        waiting += found.assigned_cents if found.state == "open" else 0
    left = sum(each.left_cents for each in await hall.left())
    assert owed.get("deposit", 0) == left + waiting
    assert sorted(hall.paid) == sorted(
        request.id for n, request in enumerate(requests) if meant[n] >= REQUESTS[n]
    )
