"""What ``gutschein operator`` does: let the first person of a region in, or somebody back in."""

from __future__ import annotations

import asyncio
from datetime import datetime
from uuid import UUID

import click

from gutschein.db.access import IDENTITY, Access
from gutschein.db.engine import create_engine
from gutschein.db.unit_of_work import Database
from gutschein.identity.links import link_path, make_link
from gutschein.identity.persons import create_person, find_by_email, get_person
from gutschein.identity.roles import grant_role
from gutschein.identity.rules import INVITATION, normal_email
from gutschein.installation import Installation, opened
from gutschein.kernel.clock import BERLIN, utc_now
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import RegionId
from gutschein.people.recovery import link_by_command
from gutschein.people.rules import RECOVERY
from gutschein.signing.service_keys import load_service_keys
from gutschein.towns.schemas import NewRegion
from gutschein.towns.service import create_region
from gutschein.web.rights import Role


async def invite_operator(
    installation: Installation, region: RegionId | str, *, name: str, email: str, now: datetime
) -> list[str]:
    """Give somebody the operator's role, with a link where they have no password yet.

    :param region: its id, or the name of one to be made.
    :returns: what to tell whoever runs the command; the link is in it and nowhere else.
    :raises Refusal: ``email.invalid``, ``region.unknown``.
    """
    email = normal_email(email)
    database = Database(create_engine(installation.database_url, pool_size=1))
    try:
        if isinstance(region, str):
            async with database.acting(Access.operator(())).unit_of_work() as work:
                region = RegionId((await create_region(work, NewRegion(name=region), now))[0].id)
        async with database.acting(IDENTITY).unit_of_work() as work:
            keys = await load_service_keys(work, installation.kek)
            person_id = await find_by_email(work, keys, email)
            if person_id is None:
                person_id = await create_person(
                    work, keys, name=name, email=email, password=None, now=now
                )
            grant = await grant_role(
                work, person_id, Role.OPERATOR, region_id=region, by=None, now=now
            )
            person = await get_person(work, person_id)
            lines = [f"{person.name} is operator of {grant.place} ({region})."]
            if person.has_password:
                return [*lines, "They sign in with the password they have."]
            ends_at = now + INVITATION
            token = await make_link(
                work, person_id, "invitation", by=None, ends_at=ends_at, now=now
            )
    finally:
        await database.close()
    until = ends_at.astimezone(BERLIN)
    return [
        *lines,
        f"Send them this link. It opens their account once, until {until:%d.%m.%Y %H:%M}:",
        installation.settings.public_url + link_path("invitation", token),
    ]


@click.command("invite")
@click.option("--region", "region_id", type=click.UUID, help="The region's id.")
@click.option("--new-region", help="The name of a region to be made.")
@click.option("--name", required=True, help="The person's name.")
@click.option("--email", required=True, help="The person's e-mail address.")
def _invite(region_id: UUID | None, new_region: str | None, name: str, email: str) -> None:
    """Let somebody operate a region; show their link, which opens an account once."""
    region = new_region if region_id is None else RegionId(region_id)
    if region is None or (region_id and new_region):
        raise click.UsageError("Name a region with --region, or a new one with --new-region.")
    with opened() as installation:
        told = invite_operator(installation, region, name=name, email=email, now=utc_now())
        for line in asyncio.run(told):
            click.echo(line)


async def recover(installation: Installation, *, email: str, now: datetime) -> list[str]:
    """Let somebody back in whom no two persons of a town can help.

    :returns: what to tell whoever runs the command; the link is in it and nowhere else.
    :raises Refusal: ``email.invalid``, ``person.unknown``, ``recovery.by_town``.
    """
    database = Database(create_engine(installation.database_url, pool_size=1))
    try:
        async with database.acting(IDENTITY).unit_of_work() as work:
            keys = await load_service_keys(work, installation.kek)
            person_id = await find_by_email(work, keys, email)
            if person_id is None:
                raise Refusal("person.unknown")
            name = (await get_person(work, person_id)).name
            token = await link_by_command(work, person_id, now)
    finally:
        await database.close()
    until = (now + RECOVERY).astimezone(BERLIN)
    return [
        f"Give {name} this link. It lets them in once, until {until:%d.%m.%Y %H:%M}, and ends "
        "their password, app, passkeys and sessions:",
        installation.settings.public_url + link_path("recovery", token),
    ]


@click.command("recover")
@click.option("--email", required=True, help="The person's e-mail address.")
def _recover(email: str) -> None:
    """Show a link that lets somebody back in who lost all that they sign in with."""
    with opened() as installation:
        for line in asyncio.run(recover(installation, email=email, now=utc_now())):
            click.echo(line)


#: What ``gutschein operator`` knows.
COMMANDS = (_invite, _recover)
