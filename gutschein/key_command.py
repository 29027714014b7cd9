"""What ``gutschein keys`` does with the keys in the database."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import click
from sqlalchemy import Row

from gutschein.db.access import JOBS, Access
from gutschein.db.engine import create_engine
from gutschein.db.unit_of_work import Database
from gutschein.history.log import Entry, record
from gutschein.installation import opened
from gutschein.kernel.author import SERVICE
from gutschein.kernel.clock import berlin_day, format_day, utc_now
from gutschein.kernel.ids import TownId
from gutschein.signing import repository
from gutschein.signing.key_trust import is_trusted
from gutschein.signing.keyring import renew_signing_key
from gutschein.signing.resealing import left_to_reseal, reseal_some
from gutschein.signing.revocation import revoke_signing_key
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.towns.service import get_town
from gutschein.vouchers.reissue import reissue_some

Say = Callable[[str], None]
_T = TypeVar("_T")


async def listed(database: Database) -> list[str]:
    """Return a line for each signing key of each town."""
    async with database.acting(JOBS).reading() as work:
        return [_described(row) for row in await repository.signing_keys(work)]


async def renewed(database: Database, kek: KeyEncryptionKey, town_id: TownId, now: datetime) -> str:
    """Make a new signing key for a town and return what to tell.

    :raises Refusal: ``town.unknown``.
    """
    async with database.acting(Access.town(town_id)).unit_of_work() as work:
        town = await get_town(work, town_id)
        key = await renew_signing_key(work, town_id, kek, now)
        endorsed = await repository.signing_keys(work, town_id=town_id, kid=key.kid)
        entry = Entry(
            "key.renewed",
            SERVICE,
            f"Signaturschlüssel von {town.name}",
            after=key.kid.hex(),
            at=now,
        )
        await record(work, town_id, entry)
    if is_trusted(endorsed[0]):
        return f"New vouchers are signed with key {key.kid.hex()} from now on."
    return (
        f"New vouchers are signed with key {key.kid.hex()} as soon as the region's master key"
        " has endorsed it: gutschein keys request"
    )


async def resealed(database: Database, kek: KeyEncryptionKey, say: Say) -> None:
    """Seal every key anew that a previous key-encryption key has sealed, some at a time."""
    jobs = database.acting(JOBS)
    async with jobs.reading() as work:
        left = await left_to_reseal(work, kek)
    while left:
        say(f"{left} keys are still sealed under another key-encryption key.")
        async with jobs.unit_of_work() as work:
            await reseal_some(work, kek)
        async with jobs.reading() as work:
            left = await left_to_reseal(work, kek)
    say(f"All keys are sealed under the key-encryption key {kek.id}.")


async def revoked(
    database: Database, town_id: TownId, kid: bytes, reason: str, now: datetime
) -> list[str]:
    """Revoke a signing key of a town and return what to do next.

    :raises Refusal: ``town.unknown``, ``key.unknown``.
    """
    async with database.acting(Access.town(town_id)).unit_of_work() as work:
        town = await get_town(work, town_id)
        changed = await revoke_signing_key(work, town_id, kid, reason, now)
        if changed:
            subject = f"Signaturschlüssel {kid.hex()} von {town.name}"
            after = "zurückgezogen"
            await record(
                work,
                town_id,
                Entry("key.revoked", SERVICE, subject, after=after, reason=reason, at=now),
            )
    told = "is revoked: its QR codes are refused" if changed else "had been revoked before"
    return [
        f"The key {kid.hex()} of {town.name} {told}.",
        f"Next: gutschein keys renew --town {town_id},",
        f"then: gutschein keys reissue --town {town_id} --kid {kid.hex()}",
    ]


async def reissued(
    database: Database,
    kek: KeyEncryptionKey,
    town_id: TownId,
    kid: bytes,
    *,
    now: datetime,
    say: Say,
) -> None:
    """Give the vouchers of a revoked key the town's present one, some at a time.

    :raises Refusal: ``town.unknown``, ``key.unknown``, ``key.not_revoked``, ``key.none``,
        ``key.not_endorsed``.
    """
    total = 0
    while True:
        async with database.acting(Access.town(town_id)).unit_of_work() as work:
            town = await get_town(work, town_id)
            moved, new = await reissue_some(work, town_id, kid, kek, now)
            if not moved:
                break
            entry = Entry(
                "key.reissued",
                SERVICE,
                f"{moved} Gutscheine von {town.name}",
                before=f"Schlüssel {kid.hex()}",
                after=f"Schlüssel {new.hex()}",
                at=now,
            )
            await record(work, town_id, entry)
        total += moved
        say(f"{total} vouchers are signed with key {new.hex()}.")
    say(f"No voucher needs the key {kid.hex()} any more; print those that were moved again.")


def _described(row: Row[Any]) -> str:
    words = [
        f"{row.kid.hex()}  {row.town_name} ({row.town_id}): signs from {_day(row.not_before)}"
        f" until {_day(row.sign_until)}, verifies until {_day(row.not_after)}"
    ]
    if row.revoked_at is not None:
        words.append(f"revoked on {_day(row.revoked_at)}: {row.revoked_reason}")
    elif row.master_public_key is not None:
        words.append(
            f"endorsed on {_day(row.endorsed_at)}" if is_trusted(row) else "not endorsed: not used"
        )
    return ", ".join([*words, f"sealed under {row.kek_id}"])


def _day(instant: datetime) -> str:
    return format_day(berlin_day(instant))


def on_database(command: Callable[[Database, KeyEncryptionKey], Awaitable[_T]]) -> _T:
    """Run a command on the database of this installation."""

    async def run(url: str, kek: KeyEncryptionKey) -> _T:
        database = Database(create_engine(url, pool_size=1))
        try:
            return await command(database, kek)
        finally:
            await database.close()

    with opened() as installation:
        return asyncio.run(run(installation.database_url, installation.kek))


def _as_kid(_: click.Context, __: click.Parameter, text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise click.BadParameter("eight hexadecimal digits, as in the list") from None


_TOWN = click.option("--town", "town_id", required=True, type=click.UUID, help="The town's id.")
_KID = click.option("--kid", required=True, callback=_as_kid, help="The key's id, as in the list.")


@click.command("list")
def list_command() -> None:
    """Show which keys there are, how long they sign and verify, and what is said of them."""
    for line in on_database(lambda database, _: listed(database)):
        click.echo(line)


@click.command("renew")
@_TOWN
def renew_command(town_id: UUID) -> None:
    """Give a town a new signing key; the old ones go on verifying."""
    click.echo(
        on_database(lambda database, kek: renewed(database, kek, TownId(town_id), utc_now()))
    )


@click.command("rotate")
def rotate_command() -> None:
    """Seal all keys under the present key-encryption key, while the service runs."""
    on_database(lambda database, kek: resealed(database, kek, click.echo))


@click.command("revoke")
@_TOWN
@_KID
@click.option("--reason", required=True, help="Why; it is kept.")
def revoke_command(town_id: UUID, kid: bytes, reason: str) -> None:
    """Take back a signing key that has leaked: its QR codes are refused at once."""
    lines = on_database(
        lambda database, _: revoked(database, TownId(town_id), kid, reason, utc_now())
    )
    for line in lines:
        click.echo(line)


@click.command("reissue")
@_TOWN
@_KID
def reissue_command(town_id: UUID, kid: bytes) -> None:
    """Sign the vouchers of a revoked key with the present one, to be printed again."""
    on_database(
        lambda database, kek: reissued(
            database, kek, TownId(town_id), kid, now=utc_now(), say=click.echo
        )
    )


COMMANDS = (list_command, renew_command, rotate_command, revoke_command, reissue_command)
