"""Roles of persons: granted and revoked, each with a line in the business log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping

from gutschein.db.unit_of_work import Work
from gutschein.history.log import Entry, record
from gutschein.identity import repository
from gutschein.identity.persons import author_of
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import MerchantId, PersonId, RegionId, TownId, new_id
from gutschein.web.rights import OF_MERCHANT, OF_REGION, OF_TOWN, Role
from gutschein.web.words import german

#: What roles are called. Pages say them through ``_()``.
ROLE_NAMES: Mapping[Role, str] = {
    Role.OPERATOR: german("Betreiber"),
    Role.ADMINISTRATOR: german("Verwaltung"),
    Role.APPROVER: german("Freigabe"),
    Role.CLERK: german("Ausgabestelle"),
    Role.AUDITOR: german("Prüfung"),
    Role.OWNER: german("Inhaber"),
    Role.CASHIER: german("Kasse"),
}


@dataclass(frozen=True, slots=True)
class RoleGrant:
    """A role that somebody holds, and for whom they know it.

    :param place: the name of the region, the town, or the merchant with its town.
    """

    id: UUID
    person_id: PersonId
    role: Role
    region_id: RegionId | None
    town_id: TownId | None
    merchant_id: MerchantId | None
    place: str
    granted_at: datetime

    @property
    def chain_id(self) -> RegionId | TownId:
        """Whose log tells of it."""
        chain_id = self.region_id or self.town_id
        if chain_id is None:
            raise AssertionError("the database holds no role without a scope")
        return chain_id

    @property
    def words(self) -> str:
        """The role in plain German, such as ``Freigabe für Zwönitz``."""
        return f"{ROLE_NAMES[self.role]} für {self.place}"


async def grant_role(
    work: Work,
    person_id: PersonId,
    role: Role,
    *,
    region_id: RegionId | None = None,
    town_id: TownId | None = None,
    merchant_id: MerchantId | None = None,
    by: PersonId | None,
    now: datetime,
) -> RoleGrant:
    """Give a person a role; one that they have already stays as it is.

    Whether *by* may do so is for the caller to see to.

    :param work: acting as ``IDENTITY``.
    :param region_id: for an operator's role; *town_id* for a town's; *town_id* and
        *merchant_id* for a merchant's.
    :param by: ``None`` for a command on the service's machine.
    :raises Refusal: ``role.scope``, ``person.unknown``, ``region.unknown``,
        ``town.unknown``, ``merchant.unknown``.
    """
    _check_scope(role, region_id, town_id, merchant_id)
    scope = {"region_id": region_id, "town_id": town_id, "merchant_id": merchant_id}
    name = await repository.lock_person(work, person_id)
    if name is None:
        raise Refusal("person.unknown")
    held = [each for each in await grants_of(work, person_id) if each.role is role]
    same = [each for each in held if _scope(each) == scope]
    if same:
        return same[0]
    if not await repository.exists(
        work, region_id=region_id, town_id=town_id, merchant_id=merchant_id
    ):
        subject = "region" if region_id else "merchant" if merchant_id else "town"
        raise Refusal(f"{subject}.unknown")
    grant_id = new_id()
    row = {"id": grant_id, "person_id": person_id, "role": role.value, **scope}
    await repository.insert_grant(work, {**row, "granted_at": now, "granted_by": by})
    granted = await get_grant(work, grant_id)
    await _log(work, "role.granted", granted, name, by=by, now=now)
    return granted


async def revoke_role(work: Work, grant_id: UUID, *, by: PersonId | None, now: datetime) -> None:
    """Take a role away. It counts no more from the person's next request on.

    :param work: acting as ``IDENTITY``.
    :raises Refusal: ``role.unknown`` when nobody holds it, or no more.
    """
    revoked = await get_grant(work, grant_id)
    if not await repository.end_grant(work, grant_id, by, now):
        raise Refusal("role.unknown")
    name = await repository.lock_person(work, revoked.person_id)
    await _log(work, "role.revoked", revoked, name or "", by=by, now=now)


async def grants_of(work: Work, person_id: PersonId) -> list[RoleGrant]:
    """Return the roles that a person holds now, the oldest first."""
    return [_grant(row) for row in await repository.grants_of_person(work, person_id)]


async def get_grant(work: Work, grant_id: UUID) -> RoleGrant:
    """Return a role that somebody holds now.

    :raises Refusal: ``role.unknown``.
    """
    row = await repository.find_grant(work, grant_id)
    if row is None:
        raise Refusal("role.unknown")
    return _grant(row)


def _grant(row: RowMapping) -> RoleGrant:
    return RoleGrant(**{**row, "role": Role(row["role"])})


def _check_scope(
    role: Role,
    region_id: RegionId | None,
    town_id: TownId | None,
    merchant_id: MerchantId | None,
) -> None:
    given = (region_id is not None, town_id is not None, merchant_id is not None)
    fitting = {
        (True, False, False): OF_REGION,
        (False, True, False): OF_TOWN,
        (False, True, True): OF_MERCHANT,
    }
    if role not in fitting.get(given, frozenset()):
        raise Refusal("role.scope")


def _scope(grant: RoleGrant) -> dict[str, UUID | None]:
    return {
        "region_id": grant.region_id,
        "town_id": grant.town_id,
        "merchant_id": grant.merchant_id,
    }


async def _log(
    work: Work, action: str, grant: RoleGrant, name: str, *, by: PersonId | None, now: datetime
) -> None:
    entry = Entry(
        action=action,
        author=await author_of(work, by),
        subject=name,
        before=grant.words if action == "role.revoked" else None,
        after=grant.words if action == "role.granted" else None,
        at=now,
    )
    await record(work, grant.chain_id, entry)
