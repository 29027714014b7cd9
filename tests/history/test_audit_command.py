"""`gutschein audit` names every row of the history that is not what it was."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID, uuid4

import asyncpg
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from api_fixtures import Clock, served
from click.testing import CliRunner, Result

from gutschein.cli import main
from gutschein.db.access import JOBS, Access
from gutschein.db.engine import create_engine
from gutschein.db.unit_of_work import Database
from gutschein.history import block_repository
from gutschein.history.heads import heads_mail
from gutschein.history.log import Entry, record
from gutschein.kernel.author import Author
from gutschein.kernel.clock import berlin_day, utc_now
from gutschein.kernel.ids import TownId, new_id
from tests.conftest import plain_url

Command = Callable[..., Result]

NEW_LINE = uuid4()


class Town(NamedTuple):
    """A town whose history is sealed, in a database to be copied."""

    database: str
    id: TownId
    line: UUID
    payment: UUID
    heads: bytes


class Mailbox(NamedTuple):
    """Takes every mail there is."""

    mails: list[bytes]
    port: int

    async def handle_DATA(self, server: object, session: object, envelope: Envelope) -> str:  # noqa: ARG002, N802 - aiosmtpd's name
        self.mails.append(envelope.original_content or b"")
        return "250 OK"


async def _make(server_url: str, template: str, database: str) -> Town:
    server = await asyncpg.connect(server_url)
    await server.execute(f"CREATE DATABASE {database} TEMPLATE {template}")
    await server.close()
    url = plain_url(server_url, database)
    clock = Clock()
    clock.now = utc_now() - timedelta(hours=3)
    async with served(url, clock) as api:
        town = await api.new_town()
        await api.new_payment(town)
    town_id = TownId(UUID(town["id"]))
    opened = Database(create_engine(url))
    async with opened.acting(Access.town(town_id)).unit_of_work() as work:
        author = Author(new_id(), "Jana Beispiel")
        entry = Entry("role.granted", author, "Prüferin für Otto Beispiel", at=clock.now)
        await record(work, town_id, entry)
    await opened.close()
    connection = await asyncpg.connect(url)
    line = await connection.fetchval(
        "SELECT id FROM log_entry WHERE subject = 'Prüferin für Otto Beispiel'"
    )
    payment = await connection.fetchval("SELECT id FROM transfer")
    await connection.close()
    return Town(database, town_id, line, payment, b"")


async def _heads(url: str) -> bytes:
    database = Database(create_engine(url), JOBS)
    async with database.reading() as work:
        mail = heads_mail(
            await block_repository.heads(work), "a@example.org", berlin_day(utc_now())
        )
    await database.close()
    return mail.text.encode()


@pytest.fixture(scope="module")
def town(server_url: str, template: str) -> Iterator[Town]:
    made = asyncio.run(_make(server_url, template, f"history_{uuid4().hex}"))
    url = plain_url(server_url, made.database)
    with pytest.MonkeyPatch.context() as environment:
        _use(environment, url)
        nightly = CliRunner().invoke(main, ["daily"], catch_exceptions=False)
    assert nightly.exit_code == 0, nightly.output
    yield made._replace(heads=asyncio.run(_heads(url)))
    asyncio.run(_execute(server_url, f"DROP DATABASE {made.database} WITH (FORCE)"))


@pytest.fixture
def url(server_url: str, town: Town) -> Iterator[str]:
    """A copy of the town's database, to be broken."""
    name = f"broken_{uuid4().hex}"
    asyncio.run(_execute(server_url, f"CREATE DATABASE {name} TEMPLATE {town.database}"))
    yield plain_url(server_url, name)
    asyncio.run(_execute(server_url, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, url: str) -> Command:
    _use(monkeypatch, url)
    return lambda *arguments: CliRunner().invoke(main, arguments, catch_exceptions=False)


def _use(environment: pytest.MonkeyPatch, url: str) -> None:
    environment.setenv("DATABASE_URL", url)
    environment.setenv("GUTSCHEIN_KEY_ENCRYPTION_KEY", bytes(32).hex())


async def _execute(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    for statement in statements:
        await connection.execute(statement)
    await connection.close()


def break_it(url: str, *statements: str) -> None:
    """Do what somebody can who owns the database: switch the guards off, and on again."""
    off, on = "SET session_replication_role = replica", "SET session_replication_role = origin"
    asyncio.run(_execute(url, off, *statements, on))


def test_a_sealed_history_that_nobody_touched_agrees(command: Command) -> None:
    audit = command("audit")
    assert audit.exit_code == 0, audit.output
    assert "A64" in audit.stdout
    assert "A65" in audit.stdout


class Break(NamedTuple):
    """SQL past all guards, and what the audit must say: check, whose row, in which words."""

    sql: str
    check: str
    row: str
    words: str


BREAKS = {
    "a log line changed": Break(
        "UPDATE log_entry SET author_name = 'Otto Beispiel' WHERE id = '{line}'",
        "A64",
        "line",
        "was changed after it was sealed",
    ),
    "a log line deleted": Break(
        "DELETE FROM log_entry WHERE id = '{line}'", "A64", "line", "is gone"
    ),
    "a log line inserted": Break(
        "INSERT INTO log_entry SELECT chain_id, '{new}', happened_at, 'fee.changed', author_id,"
        " author_name, 'Gebühr', '3 %', '0 %', reason FROM log_entry WHERE id = '{line}'",
        "A64",
        "new",
        "was slipped in after that time was sealed",
    ),
    "a transfer rewritten": Break(
        "UPDATE transfer SET booked_at = booked_at - interval '1 second' WHERE id = '{payment}'",
        "A65",
        "payment",
        "was changed after it was sealed",
    ),
}


@pytest.mark.parametrize("broken", BREAKS.values(), ids=BREAKS.keys())
def test_a_broken_history_is_found_with_its_row_and_nothing_else_is(
    command: Command, town: Town, url: str, broken: Break
) -> None:
    ids = {"line": town.line, "payment": town.payment, "new": NEW_LINE}
    break_it(url, broken.sql.format_map(ids))
    report = command("audit", "--json")
    assert report.exit_code == 1
    (finding,) = json.loads(report.stdout_bytes)["findings"]
    assert (finding["check"], finding["row_id"]) == (broken.check, str(ids[broken.row]))
    assert finding["town_id"] == str(town.id)
    words = command("audit").stdout
    assert f"{broken.check}  Zwönitz: " in words
    assert broken.words in words
    assert f"row {ids[broken.row]};" in words


def test_a_history_written_anew_agrees_with_itself_and_not_with_a_saved_mail(
    command: Command, town: Town, url: str, tmp_path: Path
) -> None:
    mail = tmp_path / "pruefwerte.eml"
    mail.write_bytes(town.heads)
    assert command("audit", "--heads", str(mail)).exit_code == 0
    break_it(
        url,
        f"UPDATE log_entry SET author_name = 'Otto Beispiel' WHERE id = '{town.line}'",
        "DELETE FROM history_block WHERE kind = 'log'",
    )
    assert command("daily").exit_code == 0  # seals it, as if nothing had been
    assert command("audit").exit_code == 0
    audit = command("audit", "--heads", str(mail))
    assert audit.exit_code == 1
    assert "heads  Zwönitz: The log history of Zwönitz was written anew" in audit.stdout


def test_a_mail_without_heads_lets_no_audit_pass(command: Command, tmp_path: Path) -> None:
    other = tmp_path / "other.eml"
    other.write_bytes(b"Subject: Guten Tag\r\n\r\nNichts.\r\n")
    audit = command("audit", "--heads", str(other))
    assert audit.exit_code == 2
    assert "no heads of a history" in audit.stderr


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A mail server on a port of this machine, beside the command that is run."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    mailbox = Mailbox([], port)
    server = Controller(mailbox, hostname="127.0.0.1", port=port, server_hostname="mail.test")
    server.start()
    yield mailbox
    server.stop()


def test_the_nightly_mail_is_what_the_audit_reads(
    command: Command, monkeypatch: pytest.MonkeyPatch, mailbox: Mailbox, tmp_path: Path
) -> None:
    monkeypatch.setenv("GUTSCHEIN_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("GUTSCHEIN_SMTP_PORT", str(mailbox.port))
    monkeypatch.setenv("GUTSCHEIN_SMTP_SECURITY", "none")
    monkeypatch.setenv("GUTSCHEIN_SMTP_SENDER", "Stadtgutschein <gutschein@example.org>")
    monkeypatch.setenv("GUTSCHEIN_HISTORY_HEAD_TO", "kaemmerei@example.org")
    first = command("daily")
    assert first.exit_code == 0, first.output
    assert "Mail: 1 sent, 0 put off, 0 given up" in first.stdout
    assert "Mail: 0 sent" in command("daily").stdout  # one a day is enough
    (mail,) = mailbox.mails
    kept = tmp_path / "pruefwerte.eml"
    kept.write_bytes(mail)
    audit = command("audit", "--heads", str(kept))
    assert audit.exit_code == 0, audit.output
    assert "The history still goes through the heads that were sent out" in audit.stdout
