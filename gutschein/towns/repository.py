"""The SQL of regions, towns, VAT rates and acceptances."""

from __future__ import annotations

from datetime import date

from msgspec.structs import asdict
from sqlalchemy import RowMapping, select, update
from sqlalchemy.dialects.postgresql import insert

from gutschein.db.unit_of_work import Work
from gutschein.kernel.ids import RegionId, TownId
from gutschein.towns.models import acceptance, region, town, town_vat_rate
from gutschein.towns.schemas import Acceptance, Region, Town, VatRate
from gutschein.web.address import address_columns, with_address


async def insert_region(work: Work, new: Region) -> bool:
    """Insert a region unless its id is taken; tell whether it was inserted."""
    result = await work.execute(insert(region).values(asdict(new)).on_conflict_do_nothing())
    return result.rowcount == 1


async def find_region(work: Work, region_id: RegionId) -> Region | None:
    rows = await work.execute(select(region).where(region.c.id == region_id))
    row = rows.mappings().one_or_none()
    return None if row is None else Region(**row)


async def list_regions(work: Work) -> list[Region]:
    rows = await work.execute(select(region).order_by(region.c.name, region.c.id))
    return [Region(**row) for row in rows.mappings()]


async def insert_town(work: Work, new: Town) -> bool:
    """Insert a town unless its id, or its AGS in the region, is taken."""
    statement = insert(town).values(address_columns(new)).on_conflict_do_nothing()
    return (await work.execute(statement)).rowcount == 1


async def find_town(work: Work, town_id: TownId) -> Town | None:
    rows = await work.execute(select(town).where(town.c.id == town_id))
    row = rows.mappings().one_or_none()
    return None if row is None else _town(row)


async def list_towns(work: Work, region_id: RegionId | None) -> list[Town]:
    """Return the towns of a region, or of all, by name."""
    query = select(town).order_by(town.c.name, town.c.id)
    if region_id is not None:
        query = query.where(town.c.region_id == region_id)
    return [_town(row) for row in (await work.execute(query)).mappings()]


async def lock_town(work: Work, town_id: TownId) -> bool:
    """Make other changes of the town's agreements wait for this one; tell whether it exists.

    Postings and sales, whose foreign keys only ask for the town's key, do not wait.
    """
    query = select(town.c.id).where(town.c.id == town_id).with_for_update(key_share=True)
    return (await work.execute(query)).one_or_none() is not None


async def insert_vat_rate(work: Work, town_id: TownId, rate: VatRate) -> bool:
    """Insert a VAT rate unless one begins on that day already."""
    values = {"town_id": town_id, **asdict(rate)}
    statement = insert(town_vat_rate).values(values).on_conflict_do_nothing()
    return (await work.execute(statement)).rowcount == 1


async def list_vat_rates(work: Work, town_id: TownId) -> list[VatRate]:
    """Return the town's VAT rates, the oldest first."""
    query = (
        select(town_vat_rate.c.valid_from, town_vat_rate.c.basis_points)
        .where(town_vat_rate.c.town_id == town_id)
        .order_by(town_vat_rate.c.valid_from)
    )
    return [VatRate(**row) for row in (await work.execute(query)).mappings()]


async def vat_basis_points_on(work: Work, town_id: TownId, day: date) -> int:
    """Return the VAT rate on the town's fees on *day*; 0 before its first rate begins."""
    query = (
        select(town_vat_rate.c.basis_points)
        .where(town_vat_rate.c.town_id == town_id, town_vat_rate.c.valid_from <= day)
        .order_by(town_vat_rate.c.valid_from.desc())
        .limit(1)
    )
    return (await work.execute(query)).scalar_one_or_none() or 0


async def insert_acceptance(work: Work, new: Acceptance) -> None:
    await work.execute(insert(acceptance).values(asdict(new)))


async def list_acceptances(
    work: Work, town_id: TownId, accepting_town_id: TownId | None = None
) -> list[Acceptance]:
    """Return who honours the town's vouchers, the oldest agreement first."""
    query = (
        select(acceptance)
        .where(acceptance.c.town_id == town_id)
        .order_by(acceptance.c.valid_from, acceptance.c.accepting_town_id)
    )
    if accepting_town_id is not None:
        query = query.where(acceptance.c.accepting_town_id == accepting_town_id)
    return [Acceptance(**row) for row in (await work.execute(query)).mappings()]


async def set_last_day(work: Work, ended: Acceptance, valid_until: date) -> None:
    """Give an agreement its last day."""
    await work.execute(
        update(acceptance)
        .where(
            acceptance.c.town_id == ended.town_id,
            acceptance.c.accepting_town_id == ended.accepting_town_id,
            acceptance.c.valid_from == ended.valid_from,
        )
        .values(valid_until=valid_until)
    )


def _town(row: RowMapping) -> Town:
    return Town(**with_address(row))
