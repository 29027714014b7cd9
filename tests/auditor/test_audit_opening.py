"""What the auditor sees of sealed data depends on the key it is handed."""

from __future__ import annotations

from datetime import UTC, datetime

import asyncpg
import pytest
from desk import NOW, Desk
from found import found

from gutschein.audit import audited
from gutschein.auditor.audit import audit
from gutschein.auditor.check import Opening
from gutschein.auditor.checks import CHECKS
from gutschein.auditor.findings import AuditReport
from gutschein.auditor.report import EXIT_FINDINGS, EXIT_IMPOSSIBLE, exit_code, render_text
from gutschein.db.access import Access
from gutschein.db.engine import create_engine
from gutschein.db.unit_of_work import Database
from gutschein.kernel.ids import RegionId, TownId, new_id
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.towns.schemas import NewRegion, NewTown
from gutschein.towns.service import create_region, create_town
from gutschein.web.address import Address

KEK = KeyEncryptionKey(b"k" * 32)
OTHER_KEK = KeyEncryptionKey(b"o" * 32)

OF_SEALED_DATA = {check.number for check in CHECKS if isinstance(check.finds, Opening)}


def not_run(report: AuditReport) -> set[str]:
    return {run.number for run in report.checks if not run.ran}


@pytest.fixture
async def towns(fresh_database_url: str) -> list[TownId]:
    """Two towns, made as the service makes them, in a database of their own."""
    towns, now = [TownId(new_id()), TownId(new_id())], datetime(2026, 3, 31, 8, 0, tzinfo=UTC)
    database = Database(create_engine(fresh_database_url, pool_size=1), Access.operator(towns))
    async with database.unit_of_work() as work:
        region, _ = await create_region(work, NewRegion(name="Erzgebirge"), now)
        for place, town_id in enumerate(towns):
            town = NewTown(
                name="Zwönitz",
                ags=f"1452171{place}",
                trust_iban="DE02120300000000202051",
                trust_account_holder="Stadt Zwönitz",
                address=Address(
                    street="Markt", house_number="3", postcode="08297", post_town="Zwönitz"
                ),
            )
            await create_town(work, RegionId(region.id), town_id, town, kek=KEK, now=now)
    await database.close()
    return towns


@pytest.mark.asyncio(loop_scope="module")
async def test_without_an_opener_sealed_data_are_not_checked_and_the_report_says_so(
    desk: Desk,
) -> None:
    altered = "UPDATE town SET sealed_trust_iban = '\\x00'"
    async with desk.breaking(altered) as connection:
        report = await audit(connection, now=NOW)
    assert {"A44", "A51", "A67"} == OF_SEALED_DATA == not_run(report)
    assert (report.findings, report.ok, exit_code(report)) == ([], False, EXIT_IMPOSSIBLE)
    text = render_text(report)
    assert "A44, A51, A67 could not be run" in text
    assert f"The other {len(CHECKS) - 3} checks agree." in text
    assert "A51             0  not run" in text


@pytest.mark.asyncio(loop_scope="module")
async def test_findings_count_for_more_than_checks_that_were_not_run(desk: Desk) -> None:
    async with desk.breaking("DELETE FROM payout WHERE statement_id = {z2 kino}") as connection:
        report = await audit(connection, now=NOW)
    assert exit_code(report) == EXIT_FINDINGS
    assert "All" not in render_text(report).splitlines()[-1]


async def test_the_services_own_key_opens_what_the_service_sealed(
    fresh_database_url: str, towns: list[TownId]
) -> None:
    report = await audited(fresh_database_url, [], KEK, NOW)
    assert (report.ok, not_run(report)) == (True, set())
    assert {town.town_id for town in report.towns} == {*towns}


async def test_another_key_opens_nothing_and_accuses_nobody(
    fresh_database_url: str, towns: list[TownId]
) -> None:
    report = await audited(fresh_database_url, towns[:1], OTHER_KEK, NOW)
    assert (report.findings, report.ok, not_run(report)) == ([], False, OF_SEALED_DATA)


@pytest.mark.parametrize("change", ["sealed_key = sealed_key || '\\x00'", "kek_id = 'unknown'"])
async def test_a_town_whose_key_was_altered_is_found(
    fresh_database_url: str, towns: list[TownId], change: str
) -> None:
    owner = await asyncpg.connect(fresh_database_url)
    await owner.execute(f"UPDATE code_key SET {change} WHERE town_id = $1", towns[0])
    await owner.close()
    for audited_towns, expected in ([], {("A67 town", "z")}), (towns[1:], set()):
        report = await audited(fresh_database_url, audited_towns, KEK, NOW)
        assert found(report, {"z": str(towns[0])}) == expected
        assert not not_run(report)
