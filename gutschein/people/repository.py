"""The SQL of places and of the people who work there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text, update

from gutschein.db.unit_of_work import Work
from gutschein.identity.models import passkey
from gutschein.kernel.ids import MerchantId, PersonId, RegionId, TownId

# The tables of towns and merchants stand above this package: named here and not imported.
_REGION = text("SELECT name FROM region WHERE id = :region_id")
_TOWN = text("SELECT name, brand_colour, region_id FROM town WHERE id = :town_id")
_MERCHANT = text("SELECT name FROM merchant WHERE town_id = :town_id AND id = :merchant_id")
_MERCHANTS = text(
    """
    SELECT m.id, m.name, count(DISTINCT g.person_id) AS people_count
    FROM merchant m
    LEFT JOIN role_grant g
        ON g.town_id = m.town_id AND g.merchant_id = m.id AND g.revoked_at IS NULL
    WHERE m.town_id = :town_id
    GROUP BY m.id, m.name
    ORDER BY m.name, m.id
    """
)
_BEGINNERS = text(
    """
    SELECT t.id, t.name FROM town t
    WHERE t.region_id = :region_id AND 2 > (
        SELECT count(DISTINCT g.role) FROM role_grant g
        WHERE g.town_id = t.id AND g.role IN ('administrator', 'approver')
    )
    ORDER BY t.name, t.id
    """
)
_EVER = text("SELECT DISTINCT role FROM role_grant WHERE town_id = :town_id")

#: Conditions on a row ``g`` of ``role_grant`` that lead along its indexes.
_IN = {
    "region_id": "g.region_id = :region_id",
    "town_id": "g.town_id = :town_id AND g.merchant_id IS NULL",
    "merchant_id": "g.town_id = :town_id AND g.merchant_id = :merchant_id",
}
_HAS_FACTOR = """
    (p.sealed_totp IS NOT NULL OR EXISTS (
        SELECT FROM passkey k WHERE k.person_id = p.id AND k.removed_at IS NULL
    ))
"""
_PEOPLE = """
    SELECT g.id, g.person_id, g.role, g.granted_at, p.name,
           {has_factor} AS has_second_factor,
           (SELECT max(s.begun_at) FROM session s
            WHERE s.person_id = p.id AND (s.second_factor OR NOT {has_factor})
           ) AS signed_in_at
    FROM role_grant g
    JOIN person p ON p.id = g.person_id
    WHERE g.revoked_at IS NULL AND p.disabled_at IS NULL AND {place}
    ORDER BY p.name, p.id, g.granted_at, g.id
"""


async def region_name(work: Work, region_id: RegionId) -> str | None:
    return (await work.execute(_REGION, {"region_id": region_id})).scalar_one_or_none()


async def find_town(work: Work, town_id: TownId | None) -> Row[Any] | None:
    return (await work.execute(_TOWN, {"town_id": town_id})).one_or_none()


async def merchant_name(work: Work, town_id: TownId, merchant_id: MerchantId) -> str | None:
    ids = {"town_id": town_id, "merchant_id": merchant_id}
    return (await work.execute(_MERCHANT, ids)).scalar_one_or_none()


async def merchants_with_people(work: Work, town_id: TownId) -> Sequence[Row[Any]]:
    """Return a town's merchants by name, and in ``people_count`` how many work there."""
    return (await work.execute(_MERCHANTS, {"town_id": town_id})).all()


async def beginning_towns(work: Work, region_id: RegionId) -> Sequence[Row[Any]]:
    """Return the towns of a region that have never had both an administrator and an approver."""
    return (await work.execute(_BEGINNERS, {"region_id": region_id})).all()


async def roles_ever(work: Work, town_id: TownId) -> list[str]:
    """Return the roles of a town that somebody holds or has held."""
    return list((await work.execute(_EVER, {"town_id": town_id})).scalars())


async def grants_at(work: Work, scope: Mapping[str, UUID | None]) -> Sequence[Row[Any]]:
    """Return the roles that are held for a region, a town or a merchant, by person."""
    kind = next(name for name in ("merchant_id", "town_id", "region_id") if scope[name])
    query = text(_PEOPLE.format(has_factor=_HAS_FACTOR, place=_IN[kind]))
    given = {name: value for name, value in scope.items() if value is not None}
    return (await work.execute(query, given)).all()


async def remove_passkeys(work: Work, person_id: PersonId, now: datetime) -> None:
    await work.execute(
        update(passkey)
        .where(passkey.c.person_id == person_id, passkey.c.removed_at.is_(None))
        .values(removed_at=now)
    )
