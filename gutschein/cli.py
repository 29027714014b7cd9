"""The command ``gutschein``."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from uuid import UUID

import click
from sqlalchemy.exc import DBAPIError

import gutschein
from gutschein import daily_command, key_command, master_key_command, people_command, settle_command
from gutschein.audit import audited
from gutschein.auditor.audit import AuditImpossible
from gutschein.auditor.heads import NoHeads, read_heads
from gutschein.auditor.report import EXIT_IMPOSSIBLE, exit_code, render_json, render_text
from gutschein.db.embedded_errors import EmbeddedError
from gutschein.db.migrate import SchemaMismatch
from gutschein.db.migrate import migrate as migrate_database
from gutschein.demo.client import Unexpected
from gutschein.demo.command import codes as demo_codes
from gutschein.demo.command import demo as run_demo
from gutschein.demo.command import headless as run_headless
from gutschein.demo.command import pay_order as demo_pay
from gutschein.demo.command import smoke as run_smoke
from gutschein.demo.command import till as demo_till
from gutschein.installation import opened
from gutschein.kernel.clock import utc_now
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId
from gutschein.serving import serve as run_service
from gutschein.settings import Settings, SettingsError
from gutschein.signing.endorsement_files import FileError
from gutschein.signing.key_check import KekMismatch
from gutschein.signing.master_key import MasterKeyError

#: What says in its own words what to do.
_TOLD = (
    SettingsError,
    SchemaMismatch,
    KekMismatch,
    FileError,
    MasterKeyError,
    EmbeddedError,
    AuditImpossible,
    NoHeads,
    Unexpected,
)


@contextmanager
def _plain_errors(exit_code: int = 1) -> Iterator[None]:
    """Say in a sentence what an operator can mend; anything else keeps its traceback."""
    try:
        yield
    except _TOLD as error:
        click.echo(f"gutschein: {error}", err=True)
        sys.exit(exit_code)
    except BrokenPipeError:
        raise  # whoever read our words has stopped reading; click ends quietly
    except (DBAPIError, OSError) as error:
        click.echo(f"gutschein: the database cannot be used: {error}", err=True)
        sys.exit(exit_code)
    except Refusal as refusal:
        click.echo(f"gutschein: {refusal.message()} ({refusal.code})", err=True)
        sys.exit(exit_code)


@click.group()
@click.version_option(gutschein.__version__)
def main() -> None:
    """Clearing for regions of German city vouchers."""


@main.command()
def serve() -> None:
    """Run the service."""
    with _plain_errors():
        run_service()


@main.command()
def migrate() -> None:
    """Bring the database's schema to where this version needs it."""
    with _plain_errors():
        settings = Settings.load(os.environ)
        if settings.database_owner_url is None:
            with opened():  # the embedded database migrates itself
                pass
        else:
            asyncio.run(migrate_database(settings.database_owner_url))
    click.echo("The schema is up to date.")


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Write JSON instead of text.")
@click.option("--town", "town_ids", multiple=True, type=click.UUID, help="Only this town.")
@click.option(
    "--heads",
    "mails",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A saved mail with heads of the history, which it must still go through.",
)
def audit(as_json: bool, town_ids: tuple[UUID, ...], mails: tuple[Path, ...]) -> None:  # noqa: FBT001 - as click calls it
    """Recompute all books. Exit code 0: all agrees, 1: findings, 2: could not be run."""
    with _plain_errors(EXIT_IMPOSSIBLE), opened(unsealing=False) as installation:
        url, kek = installation.database_url, installation.kek
        heads = [head for mail in mails for head in read_heads(mail.read_bytes())]
        report = asyncio.run(audited(url, list(town_ids), kek, utc_now(), heads))
    if as_json:
        sys.stdout.buffer.write(render_json(report))
    else:
        click.echo(render_text(report), nl=False)
    sys.exit(exit_code(report))


@main.command()
@click.option("--town", "town_id", required=True, type=click.UUID, help="The town's id.")
@click.option("--from", "begin", required=True, type=click.DateTime(["%Y-%m-%d"]))
@click.option("--to", "end", required=True, type=click.DateTime(["%Y-%m-%d"]))
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path())
def settle(town_id: UUID, begin: datetime, end: datetime, out: Path) -> None:
    """Close a period of a town and write its statements."""
    order = settle_command.SettleOrder(TownId(town_id), begin.date(), end.date(), out)
    with _plain_errors(), opened() as installation:
        for line in asyncio.run(settle_command.run(installation, order, utc_now())):
            click.echo(line)


@main.command()
def daily() -> None:
    """Let due vouchers lapse, bring balances up to date, seal the history; for a timer at night."""
    with _plain_errors(), opened() as installation:
        for line in asyncio.run(daily_command.run(installation, utc_now)):
            click.echo(line)


class _PlainGroup(click.Group):
    """Commands of a module of their own, which say in a sentence what went wrong."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command that was named."""
        with _plain_errors():
            return super().invoke(ctx)


main.add_command(
    _PlainGroup(
        "keys",
        commands=[*key_command.COMMANDS, *master_key_command.COMMANDS],
        help="Keys of the towns, and the key that seals them.",
    )
)
main.add_command(
    _PlainGroup("operator", commands=people_command.COMMANDS, help="Operators of the regions.")
)


@main.command()
@click.option("--headless", is_flag=True, help="Run the whole job against a running service.")
@click.option("--json", "as_json", is_flag=True, help="End with one JSON object (headless).")
@click.option("--url", help="Where the service runs; as in the settings unless given.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Where files go.")
@click.option("--codes", is_flag=True, help="Show what the people's authenticators show now.")
@click.option("--till", is_flag=True, help="Show where a browser becomes the shop's till.")
@click.option("--pay", metavar="URL", help="Let the bank pay the order whose page this is.")
def demo(
    *,
    headless: bool,
    as_json: bool,
    url: str | None,
    out: Path | None,
    codes: bool,
    till: bool,
    pay: str | None,
) -> None:
    """Fill the Erzgebirge region with examples and serve it."""
    with _plain_errors(2):
        if codes:
            sys.exit(demo_codes())
        if till:
            sys.exit(demo_till())
        if pay:
            sys.exit(demo_pay(pay))
        sys.exit(run_headless(url, out, as_json=as_json) if headless else run_demo())


@main.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Where files go.")
def smoke(out: Path | None) -> None:
    """Run the whole job once on a service and a database of its own, then drop both."""
    with _plain_errors(2):
        sys.exit(run_smoke(out))
