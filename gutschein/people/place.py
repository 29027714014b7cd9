"""Where people work: a region, a town or a merchant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from gutschein.db.unit_of_work import Work
from gutschein.identity.roles import ROLE_NAMES, RoleGrant
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import MerchantId, RegionId, TownId
from gutschein.people import repository
from gutschein.web.rights import Role


@dataclass(frozen=True, slots=True)
class Town:
    """The town whose name and colour a page carries."""

    name: str
    brand_colour: str
    region_id: RegionId


@dataclass(frozen=True, slots=True)
class Place:
    """A region, a town or a merchant, for which a role is held.

    :param name: as people know it, a merchant without its town.
    :param town: of a town or a merchant.
    """

    region_id: RegionId | None
    town_id: TownId | None
    merchant_id: MerchantId | None
    name: str
    town: Town | None

    @property
    def id(self) -> UUID:
        found = self.merchant_id or self.town_id or self.region_id
        if found is None:
            raise AssertionError("no place without an id")
        return found

    @property
    def chain_id(self) -> RegionId | TownId:
        """Whose business log tells of its people."""
        found = self.region_id or self.town_id
        if found is None:
            raise AssertionError("no place without a log")
        return found

    @property
    def scope(self) -> dict[str, Any]:
        """What a role there is held for."""
        return {
            "region_id": self.region_id,
            "town_id": self.town_id,
            "merchant_id": self.merchant_id,
        }

    @property
    def full_name(self) -> str:
        """The name that tells it from places of the same name elsewhere."""
        if self.merchant_id is None or self.town is None:
            return self.name
        return f"{self.name}, {self.town.name}"

    def is_managed_by(self, grant: RoleGrant) -> bool:
        """Tell whether a role lets its holder invite people here."""
        if self.town_id is None:
            return grant.role is Role.OPERATOR and grant.region_id == self.region_id
        if grant.role is Role.OPERATOR:
            return self.town is not None and grant.region_id == self.town.region_id
        if grant.role is Role.OWNER:
            return grant.merchant_id == self.merchant_id and grant.town_id == self.town_id
        return grant.role is Role.ADMINISTRATOR and grant.town_id == self.town_id

    def words(self, roles: list[Role]) -> str:
        """Roles here in plain German, such as ``Verwaltung, Freigabe für Zwönitz``."""
        return f"{', '.join(ROLE_NAMES[role] for role in roles)} für {self.full_name}"


async def get_place(
    work: Work,
    *,
    region_id: RegionId | None = None,
    town_id: TownId | None = None,
    merchant_id: MerchantId | None = None,
    within: RegionId | None = None,
) -> Place:
    """Return a region, a town, or a merchant of a town.

    :param work: acting as ``IDENTITY``.
    :param within: the region that the town must belong to.
    :raises Refusal: ``region.unknown``, ``town.unknown``, ``merchant.unknown``.
    """
    if region_id is not None:
        name = await repository.region_name(work, region_id)
        if name is None:
            raise Refusal("region.unknown")
        return Place(region_id, None, None, name, None)
    town = await repository.find_town(work, town_id)
    if town_id is None or town is None or within not in {None, town.region_id}:
        raise Refusal("town.unknown")
    its_town = Town(town.name, town.brand_colour, RegionId(town.region_id))
    if merchant_id is None:
        return Place(None, town_id, None, town.name, its_town)
    merchant_name = await repository.merchant_name(work, town_id, merchant_id)
    if merchant_name is None:
        raise Refusal("merchant.unknown")
    return Place(None, town_id, merchant_id, merchant_name, its_town)
