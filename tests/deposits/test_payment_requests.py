"""What a town asks for: once by its id, under a number and a reference of its own."""

from __future__ import annotations

import asyncio

import pytest
from deposit_stage import DUE, Hall, refused
from msgspec.structs import replace

from gutschein.bank.rf_reference import is_reference
from gutschein.deposits.requests import ask
from gutschein.kernel.ids import new_id


async def test_an_order_is_asked_for_under_a_reference_that_checks(hall: Hall) -> None:
    first, second = await hall.ask(25_00), await hall.ask(50_00)
    assert [first.number, second.number] == [1, 2]
    assert (first.reference[4:], second.reference[4:]) == ("00000001", "00000002")
    assert is_reference(first.reference)
    assert is_reference(second.reference)
    assert (second.amount_cents, second.assigned_cents, second.missing_cents) == (50_00, 0, 50_00)
    assert (second.state, second.due_on, second.asked_at) == ("open", DUE, hall.now)


async def test_asking_again_finds_the_same(hall: Hall) -> None:
    asked = await hall.ask(25_00)
    assert await hall.ask(25_00, asked.id) == asked
    with refused("request.conflict"):
        await hall.ask(26_00, asked.id)
    assert (await hall.ask(1)).number == 2


@pytest.mark.parametrize("amount_cents", [0, -1, 2**53])
async def test_what_no_transfer_can_move_is_not_asked_for(hall: Hall, amount_cents: int) -> None:
    with refused("amount.invalid"):
        await hall.ask(amount_cents)


async def test_who_asks_at_once_gets_numbers_without_a_gap(hall: Hall) -> None:
    """Six orders, two of them sent twice, and one that comes to nothing after its number."""
    ids = [new_id() for _ in range(6)]

    async def give_up() -> None:
        async with hall.database.unit_of_work() as work:
            await ask(work, hall.town_id, new_id(), 25_00, due_on=DUE, now=hall.now)
            raise LookupError

    asked = [hall.ask(25_00, request_id) for request_id in (*ids, *ids[:2])]
    *numbered, given_up = await asyncio.gather(*asked, give_up(), return_exceptions=True)
    assert isinstance(given_up, LookupError)
    assert {each.number for each in numbered} == {1, 2, 3, 4, 5, 6}  # type: ignore[union-attr]


async def test_what_is_closed_is_expected_no_more(hall: Hall) -> None:
    asked = await hall.ask(25_00)
    await hall.close(asked)
    hall.now = hall.now.replace(hour=10)
    await hall.close(asked)
    closed = await hall.request(asked)
    assert (closed.state, closed.closed_at) == ("closed", asked.asked_at)


async def test_what_was_never_asked_for_is_unknown(hall: Hall) -> None:
    asked = replace(await hall.ask(25_00), id=new_id())
    for call in (hall.close, hall.request):
        with refused("payment_request.unknown"):
            await call(asked)
