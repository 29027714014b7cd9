"""A stage of its own, whose database breaks where it is told to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from api_fixtures import Clock, served
from stage import Stage, new_stage

from tests.conftest import _execute

#: Amounts that this database will not have: never, and not at first.
BROKEN_CENTS, DEADLOCKED_CENTS = 6_66, 7_77

_BREAK = (
    f"""
    CREATE FUNCTION tests_break() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.amount_cents = {BROKEN_CENTS} THEN
            RAISE EXCEPTION 'broken' USING ERRCODE = 'data_exception';
        END IF;
        IF NEW.amount_cents = {DEADLOCKED_CENTS}
           AND nextval('tests_deadlocks') <= 2 THEN
            RAISE EXCEPTION 'deadlocked' USING ERRCODE = 'deadlock_detected';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE SEQUENCE tests_deadlocks",
    "GRANT USAGE ON SEQUENCE tests_deadlocks TO gutschein_clearing",
)


@asynccontextmanager
async def breaking_on(table: str, database_url: str) -> AsyncIterator[Stage]:
    """Serve a database of one's own that will not have some rows of *table*."""
    clock = Clock()
    async with served(database_url, clock) as api:
        app = api.client._transport.app  # type: ignore[attr-defined]
        stage = await new_stage(api, app, clock, database_url)
        trigger = (
            f"CREATE TRIGGER tests_break BEFORE INSERT ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION tests_break()"
        )
        await _execute(database_url, *_BREAK, trigger)
        yield stage
