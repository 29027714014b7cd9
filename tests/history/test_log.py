"""The business log: written with the change it tells of, read by those it is for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from api_fixtures import Api, Clock, code_of
from rows_by_hand import NOW, Ledger
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from gutschein.db.access import AUDITOR, CLEARING, IDENTITY, JOBS, NOTHING, Access
from gutschein.db.unit_of_work import Database
from gutschein.history.log import Entry, record
from gutschein.kernel.author import SERVICE, Author
from gutschein.kernel.ids import RegionId, TownId, new_id

JANA = Author(new_id(), "Jana Beispiel")


def line(action: str = "fee.changed", **changes: Any) -> Entry:
    words = {"subject": "Gebühr", "before": "3 %", "after": "2 %", "reason": "Beschluss 17/26"}
    return Entry(action, JANA, **words | changes, at=NOW)


async def write(database: Database, chain_id: TownId | RegionId, entry: Entry) -> None:
    async with database.unit_of_work() as work:
        await record(work, chain_id, entry)


async def test_a_line_says_who_did_what_and_why(fresh_database: Database, ledger: Ledger) -> None:
    own = fresh_database.acting(Access.town(ledger.town_id))
    await write(own, ledger.town_id, line())
    await write(own, ledger.town_id, Entry("town.audited", SERVICE, "Bücher", at=NOW))
    async with own.reading() as work:
        rows = (await work.execute(text("SELECT * FROM log_entry ORDER BY id"))).all()
    assert [(row.action, row.author_id, row.author_name, row.happened_at) for row in rows] == [
        ("fee.changed", JANA.id, "Jana Beispiel", NOW),
        ("town.audited", None, "Gutschein", NOW),
    ]
    assert (rows[0].before, rows[0].after, rows[0].reason) == ("3 %", "2 %", "Beschluss 17/26")
    assert (rows[1].before, rows[1].after, rows[1].reason) == (None, None, None)


async def test_a_change_that_is_not_made_leaves_no_line(
    fresh_database: Database, ledger: Ledger
) -> None:
    own = fresh_database.acting(Access.town(ledger.town_id))
    async with own.unit_of_work() as work:
        await record(work, ledger.town_id, line())
        await work.rollback()
    assert await ledger.connection.fetchval("SELECT count(*) FROM log_entry") == 0


async def test_an_action_is_a_subject_and_a_verb(fresh_database: Database, ledger: Ledger) -> None:
    own = fresh_database.acting(Access.town(ledger.town_id))
    with pytest.raises(IntegrityError, match="ck_log_entry_action"):
        await write(own, ledger.town_id, line("Gebühr geändert"))


async def test_each_sees_the_chains_that_are_its_own(
    fresh_database: Database, ledger: Ledger
) -> None:
    region_id = RegionId(ledger.region_id)
    for chain_id in (ledger.town_id, ledger.other_town_id, region_id):
        await ledger.log(NOW, chain_id)
    everything = {ledger.town_id, ledger.other_town_id, region_id}
    sees = {
        Access.town(ledger.town_id): {ledger.town_id},
        Access.operator([ledger.town_id]): {ledger.town_id, region_id},
        NOTHING: set(),
        IDENTITY: set(),
        JOBS: everything,
        AUDITOR: everything,
    }
    for access, chains in sees.items():
        async with fresh_database.acting(access).reading() as work:
            seen = await work.scalars(text("SELECT chain_id FROM log_entry"))
            assert set(seen) == chains, access.role


async def test_nobody_writes_into_the_log_of_another_town(
    fresh_database: Database, ledger: Ledger
) -> None:
    own = fresh_database.acting(Access.town(ledger.town_id))
    with pytest.raises(DBAPIError, match="row-level security"):
        await write(own, ledger.other_town_id, line())
    for access in (JOBS, AUDITOR, CLEARING):
        with pytest.raises(DBAPIError, match="permission denied"):
            await write(fresh_database.acting(access), ledger.town_id, line())
    for access in (IDENTITY, Access.operator([])):  # what they change, a town reads
        await write(fresh_database.acting(access), ledger.town_id, line())
        await write(fresh_database.acting(access), RegionId(ledger.region_id), line())


async def test_a_written_line_stays(fresh_database: Database, ledger: Ledger) -> None:
    await ledger.log(NOW)
    for access in (Access.town(ledger.town_id), IDENTITY, Access.operator([ledger.town_id]), JOBS):
        for statement in ("UPDATE log_entry SET reason = 'so'", "DELETE FROM log_entry"):
            with pytest.raises(DBAPIError, match="permission denied"):
                async with fresh_database.acting(access).unit_of_work() as work:
                    await work.execute(text(statement))


async def test_a_town_reads_its_log_page_by_page_the_newest_first(
    api: Api, database: Database, clock: Clock
) -> None:
    town = await api.new_town()
    before = (await api.get(f"/api/v1/towns/{town['id']}/log?limit=200")).json()["entries"]
    for number in range(5):
        at = clock.now + timedelta(minutes=number)
        entry = Entry("fee.changed", JANA, f"Gebühr {number}", at=at)
        await write(database, TownId(town["id"]), entry)

    page = (await api.get(f"/api/v1/towns/{town['id']}/log?limit=2")).json()
    assert [entry["subject"] for entry in page["entries"]] == ["Gebühr 4", "Gebühr 3"]
    assert page["entries"][0] == {
        "id": page["entries"][0]["id"],
        "happened_at": "2026-12-05T09:04:00Z",
        "action": "fee.changed",
        "author_id": str(JANA.id),
        "author_name": "Jana Beispiel",
        "subject": "Gebühr 4",
        "before": None,
        "after": None,
        "reason": None,
    }
    older = f"/api/v1/towns/{town['id']}/log?before={page['next_before']}&limit={3 + len(before)}"
    rest = (await api.get(older)).json()
    subjects = [entry["subject"] for entry in rest["entries"]]
    assert subjects[:3] == ["Gebühr 2", "Gebühr 1", "Gebühr 0"]
    assert rest["next_before"] is None


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "before=gestern"])
async def test_a_page_of_the_log_that_cannot_be_is_refused(api: Api, query: str) -> None:
    town = await api.new_town()
    response = await api.get(f"/api/v1/towns/{town['id']}/log?{query}")
    assert code_of(response) == "request.invalid"


async def test_a_region_has_a_log_of_its_own(api: Api, database: Database) -> None:
    region = await api.new_region()
    await write(database, RegionId(region["id"]), line("operator.invited"))
    entries = (await api.get(f"/api/v1/regions/{region['id']}/log")).json()["entries"]
    assert entries[0]["action"] == "operator.invited"
