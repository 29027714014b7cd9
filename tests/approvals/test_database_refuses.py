"""What the database itself refuses of requests, whatever the code above it says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from colleagues import Office
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from gutschein.approvals.models import approval_request
from gutschein.db.access import CLEARING, IDENTITY, JOBS, NOTHING, Access
from gutschein.db.engine import create_engine
from gutschein.db.unit_of_work import Work
from gutschein.kernel.ids import TownId

RENEWAL = {"kind": "key_renewal"}
DECISION = ("decision", "decided_by", "decided_by_name", "decided_at")


@pytest.fixture
async def request_id(office: Office) -> str:
    return str((await office.asked(office.adam, RENEWAL))["id"])


async def write(office: Office, request_id: str, **values: Any) -> None:
    """Change a request as the service's own role, past all of its code."""
    columns = ", ".join(f"{name} = :{name}" for name in values)
    statement = text(f"UPDATE approval_request SET {columns} WHERE id = :id")
    async with office.database.acting(office.access).unit_of_work() as work:
        await work.execute(statement, {"id": request_id, **values})


async def decide(office: Office, request_id: str, **values: Any) -> None:
    decision = {
        "decision": "approved",
        "decided_by": office.bea.id,
        "decided_by_name": office.bea.name,
        "decided_at": office.clock.now,
    }
    await write(office, request_id, **decision | values)


@asynccontextmanager
async def as_owner(office: Office) -> AsyncIterator[Work]:
    """Act as the owner of the tables, who holds every right."""
    engine = create_engine(office.database_url, role=None, pool_size=1)
    try:
        async with engine.begin() as work:
            # Row-level security holds for the owner too, who may name any town.
            towns = {"towns": f"{{{office.town.id}}}"}
            await work.execute(text("SELECT set_config('gutschein.towns', :towns, true)"), towns)
            yield work
    finally:
        await engine.dispose()


async def test_an_approval_needs_another_person(office: Office, request_id: str) -> None:
    for decision in ("approved", "rejected"):
        with pytest.raises(DBAPIError, match="ck_approval_request_two_persons"):
            await decide(office, request_id, decision=decision, decided_by=office.adam.id)
    with pytest.raises(DBAPIError, match="ck_approval_request_decider"):
        await decide(office, request_id, decided_by=None, decided_by_name=None)
    with pytest.raises(DBAPIError, match="ck_approval_request_retracted"):
        await decide(office, request_id, decision="retracted")
    await decide(office, request_id)


async def test_an_approval_comes_in_time(office: Office, request_id: str) -> None:
    late = office.clock.now + timedelta(days=7)
    with pytest.raises(DBAPIError, match="ck_approval_request_in_time"):
        await decide(office, request_id, decided_at=late)
    with pytest.raises(DBAPIError, match="ck_approval_request_in_time"):
        await decide(office, request_id, decision="expired", decided_by=None, decided_by_name=None)
    await decide(office, request_id, decided_at=late - timedelta(microseconds=1))


async def test_a_decision_is_the_last(office: Office, request_id: str) -> None:
    await decide(office, request_id, decision="rejected")
    with pytest.raises(DBAPIError, match="what is decided is never changed"):
        await decide(office, request_id)
    with pytest.raises(DBAPIError, match="what is decided is never changed"):
        await write(office, request_id, **dict.fromkeys(DECISION))


ALTERED = {
    "summary": "'Alles harmlos'",
    "reason": "'Anders'",
    "sealed_terms": r"'\x00'",
    "kind": "'unblock'",
    "subject_id": "gen_random_uuid()",
    "person_id": "gen_random_uuid()",
    "requested_by": "gen_random_uuid()",
    "requested_by_name": "'Jemand'",
    "requested_at": "requested_at - interval '1 day'",
    "ends_at": "ends_at + interval '1 day'",
}


async def test_what_was_asked_for_never_changes(office: Office, request_id: str) -> None:
    for column, value in ALTERED.items():
        change = text(f"UPDATE approval_request SET {column} = {value} WHERE id = :id")
        with pytest.raises(DBAPIError, match="permission denied"):
            async with office.database.acting(office.access).unit_of_work() as work:
                await work.execute(change, {"id": request_id})
        with pytest.raises(DBAPIError, match="what was asked for is never changed"):
            async with as_owner(office) as work:
                await work.execute(change, {"id": request_id})


def test_every_column_is_watched() -> None:
    """A column that is added needs its place in the trigger, or among the decision's."""
    others = {"town_id", "id", *DECISION, "decision_reason", "open_subject_id"}
    assert {column.name for column in approval_request.c} == ALTERED.keys() | others


@pytest.mark.usefixtures("request_id")
async def test_requests_are_never_deleted(office: Office) -> None:
    for statement in ("DELETE FROM approval_request", "TRUNCATE approval_request"):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with office.database.acting(office.access).unit_of_work() as work:
                await work.execute(text(statement))
        with pytest.raises(DBAPIError, match="never changed or deleted"):
            async with as_owner(office) as work:
                await work.execute(text(statement))


async def test_a_request_does_not_begin_decided(office: Office, request_id: str) -> None:
    copied = (
        "town_id, kind, sealed_terms, summary, reason, requested_by, requested_by_name,"
        " requested_at, ends_at"
    )
    with pytest.raises(DBAPIError, match="a request begins undecided"):
        async with office.database.acting(office.access).unit_of_work() as work:
            await work.execute(
                text(
                    f"INSERT INTO approval_request (id, subject_id, {copied}, decision,"
                    " decided_by, decided_by_name, decided_at)"
                    f" SELECT gen_random_uuid(), gen_random_uuid(), {copied}, 'approved',"
                    " :decided_by, 'Bea', requested_at FROM approval_request WHERE id = :id"
                ),
                {"id": request_id, "decided_by": office.bea.id},
            )


async def test_of_one_thing_one_request_is_open(office: Office, request_id: str) -> None:
    copied = (
        "town_id, kind, subject_id, sealed_terms, summary, reason, requested_by,"
        " requested_by_name, requested_at, ends_at"
    )
    again = text(
        f"INSERT INTO approval_request (id, {copied})"
        f" SELECT gen_random_uuid(), {copied} FROM approval_request WHERE id = :id"
    )
    with pytest.raises(DBAPIError, match="uq_approval_request_town_id_kind_open_subject_id"):
        async with office.database.acting(office.access).unit_of_work() as work:
            await work.execute(again, {"id": request_id})
    await decide(office, request_id)
    async with office.database.acting(office.access).unit_of_work() as work:
        await work.execute(again, {"id": request_id})


async def test_other_towns_and_the_region_see_no_request(office: Office, request_id: str) -> None:
    count = text("SELECT count(*) FROM approval_request WHERE id = :id")
    elsewhere = Access.town(TownId(UUID(await office.neighbour())))
    for access in (NOTHING, elsewhere):
        async with office.database.acting(access).reading() as work:
            assert (await work.execute(count, {"id": request_id})).scalar_one() == 0
    for access in (CLEARING, IDENTITY, JOBS, Access.operator([office.town_id])):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with office.database.acting(access).reading() as work:
                await work.execute(count, {"id": request_id})
