"""What ``gutschein keys`` does with a region's master key.

``master`` and ``sign`` are for a machine without a network: they need no database and no
settings. Two files travel between that machine and the service's.
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from uuid import UUID

import click

from gutschein.db.access import Access
from gutschein.db.unit_of_work import Database
from gutschein.history.log import Entry, record
from gutschein.kernel.author import SERVICE
from gutschein.kernel.clock import utc_now
from gutschein.kernel.ids import RegionId
from gutschein.key_command import on_database
from gutschein.signing.endorsement_files import (
    Endorsements,
    FileError,
    KeyRequest,
    endorse_all,
    read,
    written,
)
from gutschein.signing.endorsing import (
    accept_endorsements,
    request_endorsements,
    trust_master_key,
)
from gutschein.signing.keyset import PUBLIC_BYTES
from gutschein.signing.master_key import is_sealed, make_master_key, read_master_key
from gutschein.towns.repository import town_ids


async def requested(
    database: Database, region_id: RegionId, now: datetime, *, all_keys: bool
) -> KeyRequest:
    """Return what the master key of a region is asked to endorse.

    :raises Refusal: ``region.unknown``.
    """
    async with (await _operating(database, region_id)).reading() as work:
        return await request_endorsements(work, region_id, now, all_keys=all_keys)


async def accepted(database: Database, endorsements: Endorsements, now: datetime) -> int:
    """Store endorsements and return how many.

    :raises Refusal: see :func:`accept_endorsements`.
    """
    async with (await _operating(database, endorsements.region_id)).unit_of_work() as work:
        keys = await accept_endorsements(work, endorsements, now)
        for key in keys:
            subject = f"Signaturschlüssel {key.kid.hex()}"
            after = "vom Hauptschlüssel bestätigt"
            await record(
                work, key.town_id, Entry("key.endorsed", SERVICE, subject, after=after, at=now)
            )
    return len(keys)


async def trusted(
    database: Database,
    region_id: RegionId,
    public: bytes,
    endorsements: Endorsements | None,
    now: datetime,
    *,
    replace: bool,
) -> None:
    """Let a master key vouch for a region's keys.

    :raises Refusal: see :func:`trust_master_key`.
    """
    async with (await _operating(database, region_id)).unit_of_work() as work:
        changed = await trust_master_key(
            work, region_id, public, now, endorsements=endorsements, replace=replace
        )
        if changed:
            subject = "Hauptschlüssel des Verbunds"
            await record(
                work,
                region_id,
                Entry("master_key.trusted", SERVICE, subject, after=public.hex(), at=now),
            )


async def _operating(database: Database, region_id: RegionId) -> Database:
    async with database.reading() as work:
        return database.acting(Access.operator(await town_ids(work, region_id)))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}") from error


def _write_new(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Write a file that is not there yet, so that no key is ever written over."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError as error:
        raise FileError(f"{path} is there already; name a new file") from error
    except OSError as error:
        raise FileError(f"{path} cannot be written: {error.strerror}") from error


def _as_public(_: click.Context, __: click.Parameter, text: str) -> bytes:
    try:
        public = bytes.fromhex(text)
    except ValueError:
        public = b""
    if len(public) != PUBLIC_BYTES:
        raise click.BadParameter("64 hexadecimal digits, as »gutschein keys master« prints them")
    return public


def _passphrase(file: Path | None, *, new: bool = False) -> str:
    if file is not None:
        return _read(file).decode("utf-8", "replace").rstrip("\r\n")
    answer: str = click.prompt(
        "Passphrase of the master key", hide_input=True, confirmation_prompt=new, err=True
    )
    return answer


def _printable(text: str) -> str:
    """A name from a file that somebody else wrote, without what would steer the terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


_FILE = click.Path(path_type=Path, dir_okay=False)
_REGION = click.option("--region", "region_id", required=True, type=click.UUID, help="Its id.")
_OUT = click.option("--out", required=True, type=_FILE, help="The file to write; a new one.")
_PASSPHRASE_FILE = click.option(
    "--passphrase-file", type=_FILE, help="Holds the passphrase; asked for unless given."
)


@click.command("master")
@_OUT
@_PASSPHRASE_FILE
@click.option("--no-passphrase", is_flag=True, help="Leave the file unsealed.")
def master_command(out: Path, passphrase_file: Path | None, no_passphrase: bool) -> None:  # noqa: FBT001 - as click calls it
    """Make a master key for a region, on a machine without a network."""
    passphrase = None if no_passphrase else _passphrase(passphrase_file, new=True)
    pem, public = make_master_key(passphrase)
    _write_new(out, pem, 0o600)
    click.echo(f"Public key: {public.hex()}")
    click.echo(f"Keep {out} offline, and a copy of it in another place.", err=True)


@click.command("sign")
@click.option("--master-key", "key_file", required=True, type=_FILE, help="The private key.")
@click.argument("request_file", metavar="REQUEST", type=_FILE)
@_OUT
@_PASSPHRASE_FILE
@click.option("--yes", is_flag=True, help="Do not ask.")
def sign_command(
    key_file: Path,
    request_file: Path,
    out: Path,
    passphrase_file: Path | None,
    yes: bool,  # noqa: FBT001 - as click calls it
) -> None:
    """Endorse the keys of a request, on the machine of the master key."""
    request = read(_read(request_file), KeyRequest)
    click.echo(f"Region {request.region_id}: {len(request.keys)} keys")
    for each in request.keys:
        click.echo(
            f"  {each.kid}  {_printable(each.town)} ({each.town_id}),"
            f" from {each.not_before:%d.%m.%Y} until {each.not_after:%d.%m.%Y}"
        )
        click.echo(f"            {each.public_key}")
    if not yes:
        click.confirm("Does the master key endorse these keys?", abort=True)
    pem = _read(key_file)
    master_key = read_master_key(pem, _passphrase(passphrase_file) if is_sealed(pem) else None)
    _write_new(out, written(endorse_all(request, master_key)))


@click.command("request")
@_REGION
@_OUT
@click.option("--all", "all_keys", is_flag=True, help="Those that are endorsed already too.")
def request_command(region_id: UUID, out: Path, all_keys: bool) -> None:  # noqa: FBT001 - as click calls it
    """Write down which keys the region's master key is to endorse."""
    request = on_database(
        lambda database, _: requested(database, RegionId(region_id), utc_now(), all_keys=all_keys)
    )
    _write_new(out, written(request))
    click.echo(f"{len(request.keys)} keys are to be endorsed.")


@click.command("accept")
@click.argument("file", type=_FILE)
def accept_command(file: Path) -> None:
    """Store what the region's master key has endorsed."""
    endorsements = read(_read(file), Endorsements)
    count = on_database(lambda database, _: accepted(database, endorsements, utc_now()))
    click.echo(f"{count} keys are endorsed and may sign vouchers.")


@click.command("trust")
@_REGION
@click.option("--public-key", "public", required=True, callback=_as_public, help="In hex.")
@click.option("--endorsements", "file", type=_FILE, help="Of the keys that are in use.")
@click.option("--replace", is_flag=True, help="In the place of another master key.")
def trust_command(region_id: UUID, public: bytes, file: Path | None, replace: bool) -> None:  # noqa: FBT001 - as click calls it
    """Let a master key vouch for a region: from now on only what it endorses counts."""
    endorsements = None if file is None else read(_read(file), Endorsements)
    on_database(
        lambda database, _: trusted(
            database, RegionId(region_id), public, endorsements, utc_now(), replace=replace
        )
    )
    click.echo("Only keys that this master key endorses sign vouchers of the region now.")


COMMANDS = (master_command, request_command, sign_command, accept_command, trust_command)
