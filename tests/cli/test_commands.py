"""The command line: what an operator types, and what it says when something is wrong."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from api_fixtures import Clock, served
from click.testing import CliRunner, Result

from gutschein.cli import main
from gutschein.db.engine import create_engine
from gutschein.db.unit_of_work import Database
from gutschein.history.jobs import seal
from gutschein.installation import Installation
from gutschein.kernel.clock import berlin_day, utc_now
from gutschein.kernel.ids import TownId
from gutschein.secrets import Secrets
from gutschein.settings import Settings
from gutschein.settle_command import SettleOrder
from gutschein.settle_command import run as run_settlement
from tests.web.furniture import furnish

Command = Callable[..., Result]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, fresh_database_url: str) -> Command:
    """Run commands on a database of one's own."""
    monkeypatch.setenv("DATABASE_URL", fresh_database_url)
    monkeypatch.setenv("GUTSCHEIN_KEY_ENCRYPTION_KEY", bytes(32).hex())
    return lambda *arguments: CliRunner().invoke(main, arguments, catch_exceptions=False)


@pytest.fixture
def names(fresh_database_url: str) -> dict[str, str]:
    """A region in which something of everything has happened; its ids by name."""

    async def make() -> dict[str, str]:
        clock = Clock()
        async with served(fresh_database_url, clock) as api:
            furnished = await furnish(api, clock)
        database = Database(create_engine(fresh_database_url))
        await seal(database, utc_now())  # or an audit would miss it, once December has come
        await database.close()
        return furnished

    return asyncio.run(make())


def execute(url: str, *statements: str) -> None:
    async def run() -> None:
        connection = await asyncpg.connect(url)
        for statement in statements:
            await connection.execute(statement)
        await connection.close()

    asyncio.run(run())


def test_an_audit_that_agrees_ends_with_0(command: Command, names: dict[str, str]) -> None:
    text = command("audit")
    assert text.exit_code == 0
    assert "Geheimstadt" in text.stdout
    assert "covered to the cent" in text.stdout
    report: dict[str, Any] = json.loads(command("audit", "--json").stdout_bytes)
    assert report["ok"] is True
    assert {town["town_id"] for town in report["towns"]} >= {names["town_id"]}


def test_an_audit_that_finds_something_ends_with_1_and_names_it(
    command: Command, names: dict[str, str], fresh_database_url: str
) -> None:
    execute(
        fresh_database_url,
        f"UPDATE ledger_account SET balance_cents = balance_cents + 1"
        f" WHERE id = '{names['voucher_id']}'",
    )
    found = command("audit", "--town", names["town_id"])
    assert found.exit_code == 1
    assert names["voucher_id"] in found.stdout


def test_an_audit_of_what_is_not_there_ends_with_2(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUTSCHEIN_PORTT", "8000")
    result = command("audit")
    assert result.exit_code == 2
    assert "GUTSCHEIN_PORTT" in result.stderr


def test_a_database_that_does_not_answer_is_said_in_a_sentence(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:9/nothing")
    result = command("audit")
    assert result.exit_code == 2
    assert "the database cannot be used" in result.stderr


def test_the_month_is_settled_from_the_command_line(
    command: Command, names: dict[str, str], tmp_path: Path
) -> None:
    # The partner has closed nothing yet; what was furnished lies after today.
    town_id = names["accepting_town_id"]
    today = berlin_day(utc_now())
    period = ("--from", f"{today:%Y-%m}-01", "--to", f"{today}")
    done = command("settle", "--town", town_id, *period, "--out", str(tmp_path))
    assert done.exit_code == 0, done.output
    assert "waits for its approval" in done.stdout
    again = command("settle", "--town", town_id, *period, "--out", str(tmp_path))
    assert again.exit_code == 1
    assert "settlement.closed" in again.stderr
    assert command("audit").exit_code == 0


def test_a_settlement_leaves_its_papers(
    names: dict[str, str], tmp_path: Path, fresh_database_url: str
) -> None:
    """10 euros were redeemed in December at a fee of 3 %, without VAT."""
    settings = Settings(data_dir=tmp_path, database_url=fresh_database_url)
    secrets = Secrets(key_encryption_key=bytes(32))
    order = SettleOrder(
        TownId(UUID(names["accepting_town_id"])),
        date(2026, 12, 1),
        date(2026, 12, 31),
        folder=tmp_path / "papers",
    )
    now = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)
    lines = asyncio.run(run_settlement(Installation(settings, secrets), order, now))
    assert any("9,70 € paid out, 0,00 € carried forward" in line for line in lines)
    assert lines[-1].endswith("waits for its approval.")
    written = sorted(path.suffix for path in (tmp_path / "papers").iterdir())
    assert written == [".csv", ".pdf"]


@pytest.mark.usefixtures("names")
def test_the_nightly_chores_close_the_tails_once(command: Command) -> None:
    first = command("daily")
    assert first.exit_code == 0
    assert "Geheimstadt: 0 vouchers lapsed, 6 balances brought up to date" in first.stdout
    again = command("daily")
    assert "Geheimstadt: 0 vouchers lapsed, 0 balances brought up to date" in again.stdout
    assert command("audit").exit_code == 0


def test_a_schema_that_is_behind_is_said_with_the_command_to_run(
    command: Command, fresh_database_url: str
) -> None:
    execute(fresh_database_url, "UPDATE alembic_version SET version_num = '0001'")
    result = command("audit")
    assert result.exit_code == 2
    assert "gutschein migrate" in result.stderr


def test_migrate_says_when_there_is_nothing_to_do(command: Command) -> None:
    result = command("migrate")
    assert result.exit_code == 0
    assert result.stdout == "The schema is up to date.\n"


def test_the_job_says_when_no_service_answers(command: Command) -> None:
    result = command("demo", "--headless", "--json", "--url", "http://127.0.0.1:9")
    assert result.exit_code == 2
    assert "no service answers" in result.stderr
    assert result.stdout == ""


def test_there_is_no_till_without_a_service(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUTSCHEIN_PORT", "9")
    result = command("demo", "--till")
    assert result.exit_code == 2
    assert "no service answers" in result.stderr
    assert result.stdout == ""
