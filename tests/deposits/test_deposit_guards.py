"""What the database itself refuses, whoever asks: also a clerk who can write SQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest
from bank_messages import Booking, message
from deposit_stage import Hall

from gutschein.deposits.requests import PaymentRequest
from gutschein.kernel.ids import new_id


@asynccontextmanager
async def as_the_service(hall: Hall, url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection with the rights that the service has in the town; nothing of it stays."""
    connection = await asyncpg.connect(url)
    transaction = connection.transaction()
    await transaction.start()
    try:
        towns = "{" + str(hall.town_id) + "}"
        await connection.execute("SELECT set_config('gutschein.towns', $1, true)", towns)
        await connection.execute("SET LOCAL ROLE gutschein_app")
        yield connection
    finally:
        await transaction.rollback()
        await connection.close()


class Clerk:
    """Who writes SQL in the town's books."""

    def __init__(self, hall: Hall, url: str) -> None:
        self.hall, self.url = hall, url

    async def refused(self, match: str, *statements: str) -> None:
        """The last of the statements is refused."""
        async with as_the_service(self.hall, self.url) as connection:
            for statement in statements[:-1]:
                await connection.execute(statement)
            with pytest.raises(asyncpg.PostgresError, match=match):
                await connection.execute(statements[-1])

    async def deposit(self, cents: int, reference: str = "") -> str:
        key = new_id().hex
        await self.hall.hand_in(
            message(
                Booking(cents=cents, text=(reference,), bank_reference=key), id=key, sequence=None
            )
        )
        async with as_the_service(self.hall, self.url) as connection:
            newest = "SELECT id FROM deposit ORDER BY booked_at DESC, external_id LIMIT 1"
            deposit_id = await connection.fetchval(newest)
        return str(deposit_id)

    def assigned(self, deposit_id: object, request: PaymentRequest, cents: int) -> str:
        return (
            "INSERT INTO deposit_assignment (town_id, deposit_id, request_id, amount_cents,"
            f" assigned_by_name, assigned_at) VALUES ('{self.hall.town_id}', '{deposit_id}',"
            f" '{request.id}', {cents}, 'ich', now())"
        )

    def moved(self, debit: object, credit: object, cents: int, event: str) -> str:
        return (
            "INSERT INTO transfer (town_id, id, debit_account_id, credit_account_id,"
            " amount_cents, event, reference_id, booked_at, booked_on) VALUES"
            f" ('{self.hall.town_id}', '{new_id()}', '{debit}', '{credit}', {cents}, '{event}',"
            f" '{credit}', '2026-12-05Z', '2026-12-05')"
        )

    def account(self, kind: str, id_: object) -> str:
        return (
            "INSERT INTO ledger_account (town_id, id, kind, owner_id, guarded, balance_cents,"
            f" opened_at) VALUES ('{self.hall.town_id}', '{id_}', '{kind}', '{id_}', true, 0,"
            " now())"
        )

    def payment(self, id_: object, cents: int, method: str = "deposits") -> str:
        return (
            "INSERT INTO payment (town_id, id, method, amount_cents, reference, booked_at)"
            f" VALUES ('{self.hall.town_id}', '{id_}', '{method}', {cents}, 'ich', now())"
        )

    def ended(self, request: PaymentRequest, state: str) -> str:
        return (
            f"UPDATE payment_request SET state = '{state}', {state}_at = now()"
            f" WHERE id = '{request.id}'"
        )


@pytest.fixture
def clerk(hall: Hall, database_url: str) -> Clerk:
    return Clerk(hall, database_url)


async def test_a_deposit_needs_its_money(clerk: Clerk) -> None:
    new = new_id()
    made = (
        "INSERT INTO deposit (town_id, id, channel, external_id, amount_cents, received_on,"
        " sealed_payer_name, sealed_payer_iban, sealed_remittance, booked_at) VALUES"
        f" ('{clerk.hall.town_id}', '{new}', 'provider', 'x', 2500, '2026-12-05', '', '', '',"
        " now())"
    )
    await clerk.refused("when its money is booked", made)
    account = clerk.account("deposit", new)
    bank = f"(SELECT id FROM ledger_account WHERE town_id = '{clerk.hall.town_id}' AND kind = '%s')"

    def moved(kind: str, cents: int) -> str:
        return clerk.moved("@", new, cents, "deposit").replace("'@'", bank % kind)

    await clerk.refused("when its money is booked", account, moved("payment_provider", 1), made)
    await clerk.refused("when its money is booked", account, moved("trust_bank", 2500), made)
    async with as_the_service(clerk.hall, clerk.url) as connection:
        for statement in (account, moved("payment_provider", 2500), made):
            await connection.execute(statement)


async def test_no_more_is_assigned_than_came_in_or_is_missing(clerk: Clerk) -> None:
    hall = clerk.hall
    deposit = await clerk.deposit(25_00)
    small, large, other = [await hall.ask(cents) for cents in (10_00, 50_00, 50_00)]
    await clerk.refused("more is assigned to a request", clerk.assigned(deposit, small, 10_01))
    await clerk.refused("more is assigned of a deposit", clerk.assigned(deposit, large, 25_01))
    await clerk.refused(
        "more is assigned of a deposit",
        clerk.assigned(deposit, large, 20_00),
        clerk.assigned(deposit, other, 5_01),
    )
    await clerk.refused("more is assigned", clerk.assigned(new_id(), large, 1))
    await hall.close(large)
    await clerk.refused("while it is open", clerk.assigned(deposit, large, 1))


async def test_nothing_is_paid_without_its_deposits(clerk: Clerk) -> None:
    hall = clerk.hall
    request = await hall.ask(25_00)
    paid = clerk.ended(request, "paid")
    await clerk.refused("paid by the payment of its id", paid)
    await clerk.refused("what was assigned to its request", clerk.payment(request.id, 25_00))
    deposit = await clerk.deposit(25_00)
    account = clerk.account("payment", request.id)
    assigned = clerk.assigned(deposit, request, 25_00)
    moved = clerk.moved(deposit, request.id, 25_00, "assignment")
    payment = clerk.payment(request.id, 25_00)
    await clerk.refused("what was assigned", account, assigned, payment)
    await clerk.refused("what was assigned", account, moved, payment)
    less = clerk.moved(deposit, request.id, 24_00, "assignment")
    await clerk.refused("what was assigned", account, assigned, less, payment)
    async with as_the_service(hall, clerk.url) as connection:
        for statement in (account, assigned, moved, payment, paid):
            await connection.execute(statement)


async def test_no_other_payment_takes_the_id_of_a_request(clerk: Clerk) -> None:
    request = await clerk.hall.ask(25_00)
    taken = clerk.payment(request.id, 25_00, "bank_transfer")
    await clerk.refused("id is that of a payment request", taken)
    await clerk.refused("what was assigned", clerk.payment(new_id(), 25_00))


async def test_a_request_ends_once_and_is_never_changed(clerk: Clerk) -> None:
    hall = clerk.hall
    paid, closed, open_ = [await hall.ask(25_00) for _ in range(3)]
    await clerk.deposit(25_00, paid.reference)
    await hall.close(closed)
    assert (await hall.request(paid)).state == "paid"
    for ended, state in ((paid, "closed"), (closed, "paid")):
        await clerk.refused("ends once", clerk.ended(ended, state))
    reopened = "UPDATE payment_request SET state = 'open', closed_at = NULL"
    await clerk.refused("ends once", f"{reopened} WHERE id = '{closed.id}'")
    cheaper = f"UPDATE payment_request SET amount_cents = 1 WHERE id = '{open_.id}'"
    await clerk.refused("permission denied", cheaper)
    gone = f"DELETE FROM payment_request WHERE id = '{open_.id}'"
    await clerk.refused("permission denied", gone)


@pytest.mark.parametrize("table", ["bank_statement", "bank_entry", "deposit", "deposit_assignment"])
async def test_what_came_in_is_never_changed(clerk: Clerk, table: str) -> None:
    await clerk.refused("permission denied", f"DELETE FROM {table}")
    await clerk.refused("permission denied", f"UPDATE {table} SET town_id = town_id")


async def test_a_banks_credit_is_one_deposit_of_its_amount(clerk: Clerk) -> None:
    """A copy of the deposit of a credit, or of a debit, is refused by the keys."""
    await clerk.deposit(25_00)
    copied = (
        "INSERT INTO deposit SELECT town_id, id, channel, 'again', amount_cents, received_on,"
        " bank_entry_id, is_credit, sealed_payer_name, sealed_payer_iban, sealed_remittance,"
        " booked_at FROM deposit"
    )
    await clerk.refused("pk_deposit|uq_deposit", copied)
