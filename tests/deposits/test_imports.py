"""Bank statements read in: every cent comes in once, and pays what it names."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from bank_messages import Booking, Sheet, message, messages, zipped
from deposit_stage import Hall, refused

from gutschein.bank.rf_reference import format_reference
from gutschein.deposits.requests import PaymentRequest
from gutschein.kernel.ids import TransferId, derived_id


def paying(request: PaymentRequest, cents: int | None = None, **changes: object) -> Booking:
    """A transfer with the request's reference in its text."""
    text = ("Gutschein", format_reference(request.reference))
    return Booking(cents=cents or request.amount_cents, text=text, **changes)  # type: ignore[arg-type]


async def test_a_transfer_with_the_reference_pays_the_order(hall: Hall) -> None:
    request = await hall.ask(25_00)
    imported = await hall.hand_in(message(paying(request)))
    assert (imported.deposits, imported.matched, imported.open, imported.paid) == (1, 1, 0, 1)
    assert hall.paid == [request.id]
    paid = await hall.request(request)
    assert (paid.state, paid.assigned_cents, paid.paid_at) == ("paid", 25_00, hall.now)
    assert await hall.owed() == {"deposit": 0, "payment": 25_00}
    assert await hall.held() == 25_00
    assert await hall.left() == []


async def test_the_structured_reference_of_a_girocode_pays_it_too(hall: Hall) -> None:
    request = await hall.ask(25_00)
    await hall.hand_in(message(Booking(cents=25_00, reference=request.reference)))
    assert hall.paid == [request.id]


async def test_the_same_file_again_brings_nothing(hall: Hall) -> None:
    request = await hall.ask(25_00)
    file = message(paying(request), Booking(cents=5_00), Booking(cents=-1_00))
    first = await hall.hand_in(file)
    assert (first.new_entries, first.deposits, first.debits) == (3, 2, 1)
    again = await hall.hand_in(file)
    assert (again.known_statements, again.new_entries, again.known_entries) == (1, 0, 3)
    assert (again.deposits, again.paid) == (0, 0)
    assert hall.paid == [request.id]
    assert await hall.owed() == {"deposit": 5_00, "payment": 25_00}
    assert await hall.held() == 30_00


@pytest.mark.parametrize("bank_reference", ["", "A1"])
async def test_a_file_over_more_days_brings_only_the_new_ones(
    hall: Hall, bank_reference: str
) -> None:
    request, other = await hall.ask(25_00), await hall.ask(50_00)
    friday = paying(request, bank_reference=bank_reference)
    monday = paying(other, day="2026-12-07", bank_reference=bank_reference and "A2")
    await hall.hand_in(message(friday, version="02"))
    days = ("2026-12-04", "2026-12-07")
    week = await hall.hand_in(message(friday, monday, id="WOCHE", sequence=None, days=days))
    assert (week.new_entries, week.known_entries, week.paid) == (1, 1, 1)
    assert hall.paid == [request.id, other.id]
    assert await hall.held() == 75_00


async def test_two_buyers_who_write_the_same_are_two(hall: Hall) -> None:
    twice = (Booking(cents=25_00, text=("Danke",)), Booking(cents=25_00, text=("Danke",)))
    assert (await hall.hand_in(message(*twice))).deposits == 2
    evening = message(twice[0], id="2026-246", sequence=246, opening=1_050_00)
    assert (await hall.hand_in(evening)).deposits == 1
    assert await hall.held() == 75_00


async def test_a_part_waits_and_the_rest_completes_it(hall: Hall) -> None:
    request = await hall.ask(25_00)
    first = await hall.hand_in(message(paying(request, 10_00)))
    assert (first.matched, first.paid) == (1, 0)
    waiting = await hall.request(request)
    assert (waiting.state, waiting.missing_cents) == ("open", 15_00)
    assert await hall.owed() == {"deposit": 10_00}
    assert await hall.left() == []
    second = message(paying(request, 15_00), id="2", sequence=246, opening=1_010_00)
    assert (await hall.hand_in(second)).paid == 1
    assert hall.paid == [request.id]
    assert await hall.owed() == {"deposit": 0, "payment": 25_00}


async def test_what_is_too_much_stays_and_is_a_task(hall: Hall) -> None:
    request = await hall.ask(25_00)
    imported = await hall.hand_in(message(paying(request, 30_00)))
    assert (imported.matched, imported.open, imported.paid) == (0, 1, 1)
    [left] = await hall.left()
    assert (left.left_cents, left.amount_cents, left.is_given) == (5_00, 30_00, True)
    assert left.payer_name == "Erika Beispiel"
    assert await hall.owed() == {"deposit": 5_00, "payment": 25_00}


async def test_who_pays_twice_has_paid_once(hall: Hall) -> None:
    request = await hall.ask(25_00)
    imported = await hall.hand_in(message(paying(request), paying(request, name="Opa")))
    assert (imported.matched, imported.open, imported.paid) == (1, 1, 1)
    [left] = await hall.left()
    assert (left.left_cents, left.payer_name) == (25_00, "Opa")
    assert await hall.owed() == {"deposit": 25_00, "payment": 25_00}


async def test_what_comes_after_the_request_was_closed_pays_nothing(hall: Hall) -> None:
    request = await hall.ask(25_00)
    await hall.close(request)
    imported = await hall.hand_in(message(paying(request)))
    assert (imported.open, imported.paid, hall.paid) == (1, 0, [])
    assert await hall.owed() == {"deposit": 25_00}


async def test_what_was_assigned_in_part_is_free_when_the_request_closes(hall: Hall) -> None:
    request, other = await hall.ask(25_00), await hall.ask(10_00)
    await hall.hand_in(message(paying(request, 10_00)))
    await hall.close(request)
    [left] = await hall.left()
    assert (left.left_cents, left.is_given) == (10_00, False)
    assert (await hall.request(request)).assigned_cents == 0
    assert (await hall.assign(left.id, other)).state == "paid"
    assert await hall.owed() == {"deposit": 0, "payment": 10_00}


async def test_a_paid_request_cannot_be_closed(hall: Hall) -> None:
    request = await hall.ask(25_00)
    await hall.hand_in(message(paying(request)))
    with refused("payment_request.paid"):
        await hall.close(request)


async def test_one_transfer_for_two_orders(hall: Hall) -> None:
    first, second = await hall.ask(25_00), await hall.ask(50_00)
    text = (first.reference, second.reference)
    await hall.hand_in(message(Booking(cents=75_00, text=text)))
    assert hall.paid == [first.id, second.id]


async def test_the_payments_of_a_collective_entry_pay_their_orders(hall: Hall) -> None:
    first, second = await hall.ask(25_00), await hall.ask(50_00)
    parts = (paying(first), paying(second))
    await hall.hand_in(message(Booking(cents=75_00, parts=parts, bank_reference="S1")))
    assert hall.paid == [first.id, second.id]


async def test_a_collective_entry_that_cannot_be_split_is_a_task(hall: Hall) -> None:
    request = await hall.ask(25_00)
    parts = (paying(request, tells_amount=False), Booking(cents=50_00, tells_amount=False))
    imported = await hall.hand_in(message(Booking(cents=75_00, parts=parts)))
    assert (imported.deposits, imported.paid) == (1, 0)
    [left] = await hall.left()
    assert left.is_lump


@pytest.mark.parametrize("marks", [{"return_reason": "AC04"}, {"is_reversal": True}])
async def test_a_payment_of_the_towns_own_that_came_back_pays_no_order(
    hall: Hall, marks: dict[str, object]
) -> None:
    request = await hall.ask(25_00)
    imported = await hall.hand_in(message(paying(request, **marks)))
    assert (imported.paid, imported.open) == (0, 1)
    [left] = await hall.left()
    assert left.is_returned


async def test_a_misspelt_reference_pays_nothing(hall: Hall) -> None:
    request = await hall.ask(25_00)
    wrong = request.reference[:-1] + "7"
    imported = await hall.hand_in(message(Booking(cents=25_00, text=(wrong,))))
    assert (imported.paid, imported.open) == (0, 1)


async def test_a_zip_of_days_in_any_order_is_read_in_theirs(hall: Hall) -> None:
    request = await hall.ask(25_00)
    later = message(id="2", sequence=246, opening=1_025_00, days=("2026-12-07", "2026-12-07"))
    imported = await hall.hand_in(zipped(later, message(paying(request))))
    assert (imported.statements, imported.paid, imported.gaps) == (2, 1, [])


async def test_missing_statements_are_told_and_fill_up_later(hall: Hall) -> None:
    def day(number: int, opening: int, *bookings: Booking) -> bytes:
        days = (f"2026-12-0{number}", f"2026-12-0{number}")
        return message(*bookings, id=str(number), sequence=number, opening=opening, days=days)

    one, two = Booking(cents=10_00, day="2026-12-01"), Booking(cents=5_00, day="2026-12-02")
    assert (await hall.hand_in(day(1, 0, one))).gaps == []
    [gap] = (await hall.hand_in(day(3, 15_00))).gaps
    assert (gap.after.day, gap.before.day, gap.cents) == (1, 3, 5_00)
    assert (await hall.hand_in(day(2, 10_00, two))).gaps == []


async def test_a_statement_of_another_account_is_refused_whole(hall: Hall) -> None:
    request = await hall.ask(25_00)
    other = Sheet([Booking(cents=1_00)], iban="DE02120300000000202051", id="X")
    with refused("bank_statement.other_account"):
        await hall.hand_in(messages(Sheet([paying(request)]), other))
    assert await hall.owed() == {}
    assert (await hall.hand_in(message(paying(request)))).paid == 1


async def test_a_shop_that_cannot_deliver_takes_the_whole_import_back(hall: Hall) -> None:
    request = await hall.ask(25_00)
    hall.now += timedelta(seconds=1)

    async def fail(*_args: object) -> None:
        raise LookupError("no voucher")

    with pytest.raises(LookupError):
        await hall.hand_in(message(paying(request)), paid=fail)
    assert (await hall.request(request)).state == "open"
    assert (await hall.hand_in(message(paying(request)))).paid == 1


# assigned by people


async def one_left(hall: Hall, cents: int, text: str = "Danke", sequence: int = 1) -> UUID:
    """A deposit that nobody knows what to do with."""
    before = {each.id for each in await hall.left()}
    booking = Booking(cents=cents, text=(text,), bank_reference=f"B{sequence}")
    await hall.hand_in(message(booking, id=f"S{sequence}", sequence=sequence))
    return next(each.id for each in await hall.left() if each.id not in before)


async def test_a_clerk_assigns_what_is_misspelt(hall: Hall) -> None:
    request = await hall.ask(25_00)
    deposit_id = await one_left(hall, 30_00)
    assert (await hall.assign(deposit_id, request)).state == "paid"
    assert hall.paid == [request.id]
    assert [each.left_cents for each in await hall.left()] == [5_00]
    assert await hall.owed() == {"deposit": 5_00, "payment": 25_00}


async def test_assigning_again_changes_nothing(hall: Hall) -> None:
    request, other = await hall.ask(25_00), await hall.ask(10_00)
    deposit_id = await one_left(hall, 20_00)
    once = await hall.assign(deposit_id, request)
    assert once.missing_cents == 5_00
    assert await hall.assign(deposit_id, request) == once
    with refused("deposit.spent"):
        await hall.assign(deposit_id, other)
    rest = await one_left(hall, 5_00, sequence=2)
    await hall.assign(rest, request)
    assert (await hall.assign(rest, request)).state == "paid"
    assert hall.paid == [request.id]


async def test_what_cannot_be_assigned(hall: Hall) -> None:
    paid, closed, open_ = [await hall.ask(10_00) for _ in range(3)]
    await hall.hand_in(message(paying(paid)))
    await hall.close(closed)
    deposit_id = await one_left(hall, 25_00)
    with refused("payment_request.paid"):
        await hall.assign(deposit_id, paid)
    with refused("payment_request.closed"):
        await hall.assign(deposit_id, closed)
    with refused("deposit.unknown"):
        await hall.assign(UUID(int=1), open_)
    assert await hall.owed() == {"deposit": 25_00, "payment": 10_00}


async def test_ids_follow_from_what_came_in(hall: Hall) -> None:
    """So that whatever is repeated can only name the same transfer again."""
    request = await hall.ask(25_00)
    deposit_id = await one_left(hall, 25_00)
    await hall.assign(deposit_id, request)
    moved = await hall.transfers()
    assert moved == {
        "deposit": TransferId(derived_id(deposit_id, "deposit")),
        "assignment": TransferId(derived_id(request.id, f"assignment:{deposit_id}")),
    }
