"""The database takes no row that belongs into time which is sealed already."""

from __future__ import annotations

import logging
from collections.abc import Awaitable
from datetime import timedelta

import asyncpg
import pytest
from api_fixtures import Clock, code_of, served
from rows_by_hand import NOW, Ledger

from gutschein.db.unit_of_work import Database
from gutschein.history.jobs import seal
from gutschein.history.rules import LAG
from gutschein.web.outage import CLOCK_BEHIND

SEALED_UP_TO = NOW - LAG
INSTANT = timedelta(microseconds=1)


@pytest.fixture
async def guarded(fresh_database: Database, ledger: Ledger) -> Ledger:
    """Two towns whose history is sealed, one of them further than the other; triggers are on."""
    await seal(fresh_database, NOW)
    await ledger.insert(
        "history_block",
        chain_id=ledger.other_town_id,
        kind="transfer",
        number=2,
        sealed_up_to=NOW,
        row_count=0,
        row_digests=b"",
        previous_hash=bytes(32),
        hash=bytes(32),
        sealed_at=NOW + LAG,
    )
    # Foreign keys stay off: those who post here have no accounts.
    await ledger.connection.execute("ALTER TABLE transfer ENABLE ALWAYS TRIGGER refuse_sealed_time")
    await ledger.connection.execute(
        "ALTER TABLE log_entry ENABLE ALWAYS TRIGGER refuse_sealed_time"
    )
    return ledger


async def refused(writing: Awaitable[object]) -> None:
    with pytest.raises(asyncpg.PostgresError, match="is behind the history") as error:
        await writing
    assert error.value.sqlstate == CLOCK_BEHIND


async def test_a_row_is_taken_after_the_last_block_of_its_chain_and_not_before(
    guarded: Ledger,
) -> None:
    for write in (guarded.log, guarded.transfer):
        await refused(write(SEALED_UP_TO))
        await write(SEALED_UP_TO + INSTANT)
    await refused(guarded.log(SEALED_UP_TO, guarded.region_id))
    other = guarded.other_town_id
    await refused(guarded.transfer(SEALED_UP_TO + INSTANT, town_id=other))
    await guarded.log(SEALED_UP_TO + INSTANT, other)  # each kind has a chain of its own


async def test_one_row_of_a_statement_is_enough(guarded: Ledger) -> None:
    columns = "town_id, debit_account_id, credit_account_id, amount_cents, event, reference_id"
    here = guarded.town_id
    await guarded.transfer(NOW, town_id=here)
    copied = (
        f"INSERT INTO transfer ({columns}, id, booked_at, booked_on)"
        f" SELECT {columns}, gen_random_uuid(), at, (at AT TIME ZONE 'Europe/Berlin')::date"
        " FROM transfer, unnest($1::timestamptz[]) AS at"
    )
    await refused(guarded.connection.execute(copied, [NOW, SEALED_UP_TO, NOW]))
    assert await guarded.connection.execute(copied, [NOW, NOW]) == "INSERT 0 2"


async def test_what_is_not_sealed_yet_takes_everything(ledger: Ledger) -> None:
    await ledger.connection.execute("ALTER TABLE transfer ENABLE ALWAYS TRIGGER refuse_sealed_time")
    await ledger.transfer(NOW - timedelta(days=400))


async def test_the_service_is_busy_until_its_clock_is_right(
    fresh_database_url: str,
    fresh_database: Database,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with served(fresh_database_url, clock) as api:
        town = await api.new_town()
        await seal(fresh_database, clock.now)
        right = clock.now
        clock.now -= timedelta(hours=2)
        payment = {"method": "bank_transfer", "amount_cents": 2_500, "reference": "x"}
        with caplog.at_level(logging.ERROR):
            answer = await api.post(f"/api/v1/towns/{town['id']}/payments", payment)
        assert (answer.status_code, code_of(answer)) == (503, "service.busy")
        assert "the clock, at 2026-12-05 07:00:00+00, is behind the history" in caplog.text
        clock.now = right
        await api.new_payment(town)
