"""The audit as a whole: clean books, the cover of a town, and where an audit cannot be run."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
from desk import NOW, Desk
from envelopes import opens
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from gutschein.auditor.audit import AuditImpossible, audit
from gutschein.auditor.checks import CHECKS
from gutschein.auditor.checks.guards import APPEND_ONLY
from gutschein.auditor.findings import Held, Owed
from gutschein.db.access import AUDITOR
from gutschein.db.engine import asyncpg_url, create_engine
from gutschein.db.unit_of_work import Database

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
async def auditor(books_url: str) -> AsyncIterator[Database]:
    """The clean books, as the service hands them to the auditor."""
    database = Database(create_engine(books_url, role="gutschein_auditor", pool_size=1), AUDITOR)
    yield database
    await database.close()


@pytest.mark.asyncio(loop_scope="function")
async def test_clean_books_pass_every_check_under_the_auditors_rights(auditor: Database) -> None:
    async with auditor.reading() as connection:
        report = await audit(connection, now=NOW, opener=opens)
    assert report.ok
    assert report.findings == []
    assert [run.number for run in report.checks] == [check.number for check in CHECKS]
    assert all(run.examined and not run.found for run in report.checks)


@pytest.mark.asyncio(loop_scope="function")
async def test_the_auditors_role_cannot_write(auditor: Database) -> None:
    statements = {
        "UPDATE voucher SET state = 'active'",
        "DELETE FROM transfer",
        "INSERT INTO region VALUES (gen_random_uuid(), 'x', now())",
        "TRUNCATE payout_file",
    }
    for statement in sorted(statements):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with auditor.unit_of_work() as work:  # even outside a read-only transaction
                await work.execute(text(statement))


async def test_every_table_that_refuses_changes_is_on_the_auditors_list(desk: Desk) -> None:
    async with desk.breaking() as connection:
        guarded = await connection.scalars(
            text("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'append_only'")
        )
    assert set(guarded) == set(APPEND_ONLY)


async def test_what_a_town_owes_and_holds_adds_up_to_the_cent(desk: Desk) -> None:
    async with desk.breaking() as connection:
        towns = {town.name: town for town in (await audit(connection, now=NOW, opener=opens)).towns}
    assert list(towns) == ["Marienberg", "Schneeberg", "Zwönitz"]
    zwoenitz = towns["Zwönitz"]
    # Eleven batch vouchers of 50, 25, 10, 60 and 20 €; 15 € lapsed on the old one.
    assert zwoenitz.issued_cents == 3 * 50_00 + 4 * 25_00 + 3 * 10_00 + 60_00 + 20_00
    assert zwoenitz.expired_cents == 15_00
    assert zwoenitz.reversed_cents == 5_00 + 40_00 + 12_50 + 5_00 + 7_00
    assert zwoenitz.owed == Owed(
        open_vouchers_cents=zwoenitz.issued_cents
        + zwoenitz.reversed_cents
        - zwoenitz.redeemed_cents
        - zwoenitz.expired_cents,
        unissued_payments_cents=50_00,
        # unsettled 3 and 7 €, a payout that came back, the café's debt, the bicycle shop's rest
        merchants_cents=3_00 + 7_00 + 37_48 - 38_57 + 4_82,
        payouts_in_transit_cents=0,
        other_towns_cents=5_00,
        # 3 % of 55, 40, 20 and 12.50 €, 2.5 % of 10 €; then of 25, -40, 8.50 and -7.50 €
        fees_cents=1_65 + 1_20 + 60 + 38 + 25 + 75 - 1_20 + 26 - 23,
        vat_cents=31 + 23 + 11 + 7 + 5 + 14 - 23 + 5 - 4,
        lapsed_cents=15_00,
    )
    assert zwoenitz.held.payment_provider_cents == 60_00
    assert zwoenitz.held.cash_cents == 100_00
    assert zwoenitz.held.subsidy_cents == 30_00
    assert zwoenitz.difference_cents == 0
    # Over the desk came 65 € in cash, of which 50 € went to the bank, and 25 € by card.
    assert towns["Marienberg"].held == Held(
        trust_bank_cents=50_00 + 50_00, payment_provider_cents=25_00, cash_cents=15_00
    )


async def test_money_that_left_the_trust_account_is_missed_in_the_cover(desk: Desk) -> None:
    theft = (
        "UPDATE balance_snapshot SET balance_cents = balance_cents + 2000 "
        "WHERE account_id = {z trust_bank} AND taken_at > '2026-02-20'"
    )
    async with desk.breaking(theft) as connection:
        towns = {town.name: town for town in (await audit(connection, now=NOW, opener=opens)).towns}
    assert towns["Zwönitz"].difference_cents == -20_00
    assert towns["Schneeberg"].difference_cents == 0


async def test_an_audit_of_some_towns_reports_theirs_and_what_belongs_to_none(desk: Desk) -> None:
    wrongs = (
        "UPDATE ledger_account SET balance_cents = balance_cents + 1 WHERE id = {v b}",
        "UPDATE ledger_account SET balance_cents = balance_cents + 1 WHERE id = {v s1}",
        "ALTER TABLE transfer DISABLE TRIGGER append_only",
    )
    schneeberg = UUID(desk.ids["s"])
    async with desk.breaking(*wrongs) as connection:
        report = await audit(connection, now=NOW, opener=opens, towns=[schneeberg])
    assert {finding.town_id for finding in report.findings} == {schneeberg, None}
    assert {finding.check for finding in report.findings} == {"A01", "A04", "A57", "A59"}
    assert [town.name for town in report.towns] == ["Schneeberg"]
    assert next(run.examined for run in report.checks if run.number == "A15") == 4


@pytest.mark.parametrize(("town", "reads_it"), [("s", True), ("nobody", False)])
async def test_the_history_of_a_region_is_audited_with_its_towns(
    desk: Desk, town: str, *, reads_it: bool
) -> None:
    changed = "UPDATE log_entry SET reason = 'so' WHERE id = {l town}"
    towns = [UUID(desk.ids[town])] if town in desk.ids else [uuid4()]
    async with desk.breaking(changed, resealed=False) as connection:
        report = await audit(connection, now=NOW, opener=opens, towns=towns)
    assert ("A64" in {finding.check for finding in report.findings}) is reads_it


async def test_findings_beyond_the_first_ones_are_counted(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gutschein.auditor.check.MOST_FINDINGS", 2)
    everything = "UPDATE ledger_account SET balance_cents = balance_cents + 1 WHERE guarded"
    wrong_files = "UPDATE payout_file SET sealed_content = ''"
    async with desk.breaking(everything, wrong_files) as connection:
        report = await audit(connection, now=NOW, opener=opens)
    found = {run.number: run.found for run in report.checks}
    assert found["A01"] == 23 + 13 + 5  # vouchers, payments and deposits
    assert found["A51"] == 2
    assert len([finding for finding in report.findings if finding.check == "A01"]) == 2


async def test_an_audit_needs_one_view_of_the_database(books_url: str) -> None:
    engine = create_async_engine(asyncpg_url(books_url), isolation_level="READ COMMITTED")
    async with engine.connect() as connection:
        with pytest.raises(AuditImpossible, match="read committed"):
            await audit(connection, now=NOW, opener=opens)
    await engine.dispose()


async def test_an_audit_sees_nothing_that_commits_while_it_runs(
    books_url: str, ids: dict[str, str]
) -> None:
    """A balance that is wrong from the first check on must stay right for an audit before it."""
    engine = create_async_engine(
        asyncpg_url(books_url),
        isolation_level="REPEATABLE READ",
        connect_args={"server_settings": {"session_replication_role": "replica"}},
    )
    change = "UPDATE ledger_account SET balance_cents = balance_cents {} 1 WHERE id = '{}'"
    async with engine.connect() as auditing, engine.connect() as writing:
        await auditing.execute(text("SELECT count(*) FROM ledger_account"))
        await writing.execute(text(change.format("+", ids["v b"])))
        await writing.commit()
        try:
            report = await audit(auditing, now=NOW, opener=opens)
        finally:
            await writing.execute(text(change.format("-", ids["v b"])))
            await writing.commit()
    assert report.ok
    await engine.dispose()
