"""Money that a provider took: booked and assigned like that of the bank, each payment once."""

from __future__ import annotations

from deposit_stage import DUE, KEK, Hall

from gutschein.deposits.receiving import NewDeposit, Received, receive
from gutschein.kernel.ids import AccountId
from gutschein.ledger.balances import balance_of
from gutschein.ledger.chart import AccountKind, account_id
from gutschein.signing.data_keys import town_data_keys


async def take(hall: Hall, *arrived: NewDeposit) -> Received:
    async with hall.database.unit_of_work() as work:
        key = await town_data_keys(work, hall.town_id, KEK)
        return await receive(work, key, "provider", arrived, paid=hall.note_paid, now=hall.now)


async def owed_by_provider(hall: Hall) -> int:
    account = account_id(hall.town_id, AccountKind.PAYMENT_PROVIDER)
    async with hall.database.reading() as work:
        return -await balance_of(work, hall.town_id, AccountId(account))


async def test_a_payment_by_provider_pays_the_order_it_was_taken_for(hall: Hall) -> None:
    request = await hall.ask(25_00)
    new = NewDeposit(
        external_id="tr_7UhSN1zuXS",
        amount_cents=25_00,
        received_on=DUE,
        request_id=request.id,
    )
    received = await take(hall, new)
    assert received.paid == hall.paid == [request.id]
    assert await owed_by_provider(hall) == 25_00
    assert await hall.owed() == {"deposit": 0, "payment": 25_00}
    again = await take(hall, new)
    assert (again.deposits, again.paid) == ({}, [])
    assert await owed_by_provider(hall) == 25_00


async def test_a_second_payment_for_the_same_order_is_a_task(hall: Hall) -> None:
    request = await hall.ask(25_00)
    first, second = [
        NewDeposit(
            external_id=f"tr_{number}",
            amount_cents=25_00,
            received_on=DUE,
            request_id=request.id,
        )
        for number in range(2)
    ]
    await take(hall, first, second)
    assert hall.paid == [request.id]
    [left] = await hall.left()
    assert (left.left_cents, left.channel, left.payer_name) == (25_00, "provider", "")


async def test_a_payment_for_a_request_of_another_town_stays(hall: Hall) -> None:
    new = NewDeposit(
        external_id="tr_1", amount_cents=25_00, received_on=DUE, request_id=hall.town_id
    )
    assert (await take(hall, new)).shares == []
    assert [each.left_cents for each in await hall.left()] == [25_00]
