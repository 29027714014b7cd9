"""The SQL of persons, their roles and their one-time links."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, RowMapping, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert

from gutschein.db.unit_of_work import Work
from gutschein.identity.models import one_time_link, person, role_grant
from gutschein.kernel.ids import MerchantId, PersonId, RegionId, TownId

#: Roles that are held now, with the name of whom they are held for. The tables of towns and
#: merchants stand above this package, so they are named here and not imported.
_GRANTS = """
    SELECT g.id, g.person_id, g.role, g.region_id, g.town_id, g.merchant_id, g.granted_at,
           coalesce(r.name, m.name || ', ' || t.name, t.name) AS place
    FROM role_grant g
    LEFT JOIN region r ON r.id = g.region_id
    LEFT JOIN town t ON t.id = g.town_id
    LEFT JOIN merchant m ON (m.town_id, m.id) = (g.town_id, g.merchant_id)
    WHERE g.revoked_at IS NULL
"""
_GRANTS_OF_PERSON = text(f"{_GRANTS} AND g.person_id = :person_id ORDER BY g.granted_at, g.id")
_ONE_GRANT = text(f"{_GRANTS} AND g.id = :grant_id")
_PLACES = {
    "region": text("SELECT name FROM region WHERE id = :region_id"),
    "town": text("SELECT name FROM town WHERE id = :town_id"),
    "merchant": text("SELECT name FROM merchant WHERE town_id = :town_id AND id = :merchant_id"),
}


async def insert_person(work: Work, row: dict[str, Any]) -> bool:
    """Insert a person unless the e-mail address is taken; tell whether it was inserted."""
    statement = insert(person).values(row).on_conflict_do_nothing(index_elements=["email_hash"])
    return (await work.execute(statement)).rowcount == 1


async def find_person(work: Work, person_id: PersonId) -> Row[Any] | None:
    return (await work.execute(select(person).where(person.c.id == person_id))).one_or_none()


async def find_by_email(work: Work, email_hash: bytes) -> Row[Any] | None:
    return (
        await work.execute(select(person).where(person.c.email_hash == email_hash))
    ).one_or_none()


async def lock_person(work: Work, person_id: PersonId) -> str | None:
    """Make other changes of a person wait for this one; return the person's name."""
    query = select(person.c.name).where(person.c.id == person_id)
    return (await work.execute(query.with_for_update(key_share=True))).scalar_one_or_none()


async def lock_password(work: Work, person_id: PersonId) -> str | None:
    """Make changes of a person's password wait; return its hash, if they may sign in."""
    query = select(person.c.password_hash).where(
        person.c.id == person_id, person.c.disabled_at.is_(None)
    )
    return (await work.execute(query.with_for_update(key_share=True))).scalar_one_or_none()


async def change_person(work: Work, person_id: PersonId, **values: Any) -> None:
    await work.execute(update(person).where(person.c.id == person_id).values(values))


async def use_totp_step(work: Work, person_id: PersonId, step: int) -> bool:
    """Note the time step of a one-time code; tell whether it is later than all before.

    The row's lock lets one of two requests go first, and the other sees what it wrote.
    """
    result = await work.execute(
        update(person)
        .where(
            person.c.id == person_id,
            or_(person.c.totp_used_step.is_(None), person.c.totp_used_step < step),
        )
        .values(totp_used_step=step)
    )
    return result.rowcount == 1


async def insert_grant(work: Work, row: dict[str, Any]) -> None:
    await work.execute(insert(role_grant).values(row))


async def end_grant(work: Work, grant_id: UUID, by: PersonId | None, now: datetime) -> bool:
    """Revoke a role; tell whether it was held."""
    result = await work.execute(
        update(role_grant)
        .where(role_grant.c.id == grant_id, role_grant.c.revoked_at.is_(None))
        .values(revoked_at=now, revoked_by=by)
    )
    return result.rowcount == 1


async def grants_of_person(work: Work, person_id: PersonId) -> Sequence[RowMapping]:
    """Return the roles that a person holds now, the oldest first."""
    return (await work.execute(_GRANTS_OF_PERSON, {"person_id": person_id})).mappings().all()


async def find_grant(work: Work, grant_id: UUID) -> RowMapping | None:
    """Return a role that is held now."""
    return (await work.execute(_ONE_GRANT, {"grant_id": grant_id})).mappings().one_or_none()


async def exists(
    work: Work,
    *,
    region_id: RegionId | None,
    town_id: TownId | None,
    merchant_id: MerchantId | None,
) -> bool:
    """Tell whether a region, a town or a merchant of a town exists."""
    kind = "region" if region_id else "merchant" if merchant_id else "town"
    ids = {"region_id": region_id, "town_id": town_id, "merchant_id": merchant_id}
    return (await work.execute(_PLACES[kind], ids)).one_or_none() is not None


async def insert_link(work: Work, row: dict[str, Any]) -> None:
    await work.execute(insert(one_time_link).values(row))


async def find_link(work: Work, token_hash: bytes, purpose: str, now: datetime) -> Row[Any] | None:
    """Return a link that can be used now."""
    query = select(one_time_link).where(
        one_time_link.c.token_hash == token_hash,
        one_time_link.c.purpose == purpose,
        one_time_link.c.used_at.is_(None),
        one_time_link.c.ends_at > now,
    )
    return (await work.execute(query)).one_or_none()


async def use_link(work: Work, link_id: UUID, now: datetime) -> bool:
    """Use a link up; tell whether it was unused."""
    result = await work.execute(
        update(one_time_link)
        .where(one_time_link.c.id == link_id, one_time_link.c.used_at.is_(None))
        .values(used_at=now)
    )
    return result.rowcount == 1


async def end_links(work: Work, person_id: PersonId, now: datetime) -> None:
    """Use up all links of a person."""
    await work.execute(
        update(one_time_link)
        .where(one_time_link.c.person_id == person_id, one_time_link.c.used_at.is_(None))
        .values(used_at=now)
    )
