"""The SQL of regions, towns, VAT rates and acceptances."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from msgspec.structs import asdict
from sqlalchemy import RowMapping, select, update
from sqlalchemy.dialects.postgresql import insert

from gutschein.db.unit_of_work import Work
from gutschein.kernel.ids import RegionId, TownId
from gutschein.signing.sealing import DataKey
from gutschein.towns.models import TRUST_ACCOUNT, acceptance, region, town, town_vat_rate
from gutschein.towns.schemas import Acceptance, Region, Town, TownSummary, VatRate
from gutschein.web.address import address_columns, with_address

_SUMMARY = tuple(column for column in town.c if not column.name.startswith("sealed_"))


async def insert_region(work: Work, new: Region) -> bool:
    """Insert a region unless its id is taken; tell whether it was inserted."""
    result = await work.execute(insert(region).values(asdict(new)).on_conflict_do_nothing())
    return result.rowcount == 1


async def find_region(work: Work, region_id: RegionId) -> Region | None:
    columns = [region.c[name] for name in Region.__struct_fields__]
    rows = await work.execute(select(*columns).where(region.c.id == region_id))
    row = rows.mappings().one_or_none()
    return None if row is None else Region(**row)


async def list_regions(
    work: Work, region_ids: Collection[RegionId], town_ids: Collection[TownId]
) -> list[Region]:
    """Return these regions and those of these towns, by name."""
    of_towns = select(town.c.region_id).where(town.c.id.in_(town_ids))
    columns = [region.c[name] for name in Region.__struct_fields__]
    rows = await work.execute(
        select(*columns)
        .where(region.c.id.in_(region_ids) | region.c.id.in_(of_towns))
        .order_by(region.c.name, region.c.id)
    )
    return [Region(**row) for row in rows.mappings()]


async def town_ids(work: Work, region_id: RegionId | None = None) -> frozenset[TownId]:
    """Return the towns of a region, or of all."""
    query = select(town.c.id)
    if region_id is not None:
        query = query.where(town.c.region_id == region_id)
    return frozenset(TownId(row.id) for row in await work.execute(query))


async def town_names(work: Work, region_id: RegionId | None = None) -> dict[TownId, str]:
    """Return the names of the towns of a region, or of all, in their order."""
    query = select(town.c.id, town.c.name).order_by(town.c.name, town.c.id)
    if region_id is not None:
        query = query.where(town.c.region_id == region_id)
    return {TownId(row.id): row.name for row in await work.execute(query)}


async def insert_town(work: Work, new: Town, key: DataKey) -> bool:
    """Insert a town unless its id, or its AGS in the region, is taken."""
    row = address_columns(new)
    account = {name: row.pop(name) for name in TRUST_ACCOUNT.names}
    row |= TRUST_ACCOUNT.seal(key, account)
    return (await work.execute(insert(town).values(row).on_conflict_do_nothing())).rowcount == 1


async def find_town(work: Work, town_id: TownId) -> TownSummary | None:
    rows = await work.execute(select(*_SUMMARY).where(town.c.id == town_id))
    row = rows.mappings().one_or_none()
    return None if row is None else _town(row)


async def trust_account(work: Work, key: DataKey) -> dict[str, str]:
    """Return the IBAN and the account holder of the key's town, opened."""
    rows = await work.execute(select(town).where(town.c.id == key.town_id))
    return TRUST_ACCOUNT.open(key, rows.one())


async def list_towns(
    work: Work, town_ids: Collection[TownId], region_id: RegionId | None = None
) -> list[TownSummary]:
    """Return those of the towns that are in the region, or all of them, by name."""
    query = select(*_SUMMARY).where(town.c.id.in_(town_ids)).order_by(town.c.name, town.c.id)
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


def _town(row: RowMapping) -> TownSummary:
    return TownSummary(**with_address(row))
