"""Two at once: whoever comes second sees what the first has done."""

from __future__ import annotations

import asyncio

import pytest
from bank_messages import Booking, message
from deposit_stage import Hall

from gutschein.deposits.schemas import Imported
from gutschein.kernel.errors import Refusal


@pytest.mark.parametrize("round_", range(3))
async def test_the_same_file_at_once_comes_in_once(hall: Hall, round_: int) -> None:
    requests = [await hall.ask(25_00 + round_) for _ in range(5)]
    bookings = [Booking(cents=each.amount_cents, text=(each.reference,)) for each in requests]
    file = message(*bookings, Booking(cents=5_00))
    found = await asyncio.gather(*(hall.hand_in(file) for _ in range(4)))
    assert sorted(each.new_entries for each in found) == [0, 0, 0, 6]
    assert sorted(hall.paid) == sorted(each.id for each in requests)
    due = sum(each.amount_cents for each in requests)
    assert await hall.owed() == {"deposit": 5_00, "payment": due}
    assert await hall.held() == due + 5_00


async def test_overlapping_files_at_once_bring_each_entry_once(hall: Hall) -> None:
    request = await hall.ask(25_00)
    both = Booking(cents=25_00, text=(request.reference,), bank_reference="A")
    one, two = Booking(cents=1_00, bank_reference="B"), Booking(cents=2_00, bank_reference="C")
    await asyncio.gather(
        hall.hand_in(message(both, one, id="1", sequence=None)),
        hall.hand_in(message(both, two, id="2", sequence=None)),
    )
    assert hall.paid == [request.id]
    assert await hall.owed() == {"deposit": 3_00, "payment": 25_00}


async def test_an_import_beside_a_clerk_pays_the_order_once(hall: Hall) -> None:
    """The clerk assigns a nameless deposit while the statement brings the right one."""
    for number in range(4):
        request = await hall.ask(25_00)
        paid_before = len(hall.paid)
        nameless = Booking(cents=25_00, bank_reference=f"N{number}")
        await hall.hand_in(message(nameless, id=f"N{number}", sequence=None))
        [*_, deposit] = await hall.left()
        right = Booking(cents=25_00, text=(request.reference,), bank_reference=f"R{number}")
        imported, assigned = await asyncio.gather(
            hall.hand_in(message(right, id=f"R{number}", sequence=None)),
            hall.assign(deposit.id, request),
            return_exceptions=True,
        )
        assert isinstance(imported, Imported)
        if imported.paid:
            assert isinstance(assigned, Refusal)
            assert assigned.code == "payment_request.paid"
        assert hall.paid[paid_before:] == [request.id]
        assert [each.left_cents for each in await hall.left()] == [25_00] * (number + 1)


async def test_a_request_that_closes_beside_an_import_is_one_or_the_other(hall: Hall) -> None:
    for number in range(4):
        request = await hall.ask(25_00)
        before = list(hall.paid)
        right = Booking(cents=25_00, text=(request.reference,), bank_reference=f"R{number}")
        imported, closed = await asyncio.gather(
            hall.hand_in(message(right, id=f"R{number}", sequence=None)),
            hall.close(request),
            return_exceptions=True,
        )
        assert isinstance(imported, Imported)
        state = (await hall.request(request)).state
        assert state == ("paid" if imported.paid else "closed")
        assert (closed is None) is (state == "closed")
        assert hall.paid == [*before, *([request.id] if state == "paid" else [])]


async def test_one_deposit_for_two_orders_at_once_is_spent_once(hall: Hall) -> None:
    first, second = await hall.ask(25_00), await hall.ask(25_00)
    await hall.hand_in(message(Booking(cents=30_00)))
    [deposit] = await hall.left()
    await asyncio.gather(hall.assign(deposit.id, first), hall.assign(deposit.id, second))
    states = sorted([(await hall.request(each)).missing_cents for each in (first, second)])
    assert states == [0, 20_00]
    assert len(hall.paid) == 1
    assert await hall.left() == []
