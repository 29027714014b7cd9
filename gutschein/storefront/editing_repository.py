"""The SQL of storefronts, their texts and the profiles of branches, as a town changes them."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import asdict
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from gutschein.db.unit_of_work import Work
from gutschein.kernel.ids import BranchId, TownId
from gutschein.storefront.models import branch_profile, storefront, storefront_text
from gutschein.storefront.repository import MICRO, address_of, degrees_of
from gutschein.storefront.schemas import BranchProfile, NewStorefront, Storefront, StorefrontText
from gutschein.web.address import address_columns


async def town_with_slug(work: Work, slug: str) -> TownId | None:
    query = select(storefront.c.id).where(storefront.c.slug == slug)
    found = (await work.execute(query)).scalar_one_or_none()
    return None if found is None else TownId(found)


async def find_storefront(work: Work, town_id: TownId) -> Storefront | None:
    """Return a town's storefront as its own people see it."""
    rows = await work.execute(select(storefront).where(storefront.c.id == town_id))
    row = rows.one_or_none()
    if row is None:
        return None
    kinds = await work.execute(
        select(storefront_text.c.kind)
        .where(storefront_text.c.town_id == town_id)
        .distinct()
        .order_by(storefront_text.c.kind)
    )
    values = row._asdict()
    arms = values.pop("coat_of_arms_svg")
    return Storefront(
        **values | {"town_id": values.pop("id"), "texts": list(kinds.scalars())},
        coat_of_arms_svg=None if arms is None else bytes(arms).decode(),
    )


async def put_storefront(
    work: Work, town_id: TownId, new: NewStorefront, changed_at: datetime
) -> None:
    """Let a town's storefront be *new*."""
    svg = new.coat_of_arms_svg
    values = asdict(new) | {
        "coat_of_arms_svg": None if svg is None else svg.encode(),
        "changed_at": changed_at,
    }
    statement = insert(storefront).values(values | {"id": town_id})
    await work.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))


async def insert_text(work: Work, town_id: TownId, new: StorefrontText) -> bool:
    """Insert a text unless another begins at that very instant."""
    row = asdict(new) | {"town_id": town_id, "body": "\n".join(new.paragraphs)}
    del row["paragraphs"]
    statement = insert(storefront_text).values(row).on_conflict_do_nothing()
    return (await work.execute(statement)).rowcount == 1


async def find_profile(work: Work, town_id: TownId, branch_id: BranchId) -> BranchProfile | None:
    query = select(branch_profile).where(
        branch_profile.c.town_id == town_id, branch_profile.c.branch_id == branch_id
    )
    row = (await work.execute(query)).one_or_none()
    if row is None:
        return None
    return BranchProfile(
        category=row.category,
        address=address_of(row),
        phone=row.phone,
        website=row.website,
        opening_hours=tuple((row.opening_hours or "").splitlines()),
        wheelchair=row.wheelchair,
        latitude=degrees_of(row.latitude_microdegrees),
        longitude=degrees_of(row.longitude_microdegrees),
    )


async def put_profile(work: Work, town_id: TownId, branch_id: BranchId, new: BranchProfile) -> None:
    """Let the profile of a branch be *new*."""
    values = address_columns(new) | {
        "opening_hours": "\n".join(new.opening_hours) or None,
        "latitude_microdegrees": _microdegrees(new.latitude),
        "longitude_microdegrees": _microdegrees(new.longitude),
    }
    del values["latitude"], values["longitude"]
    statement = insert(branch_profile).values(values | {"town_id": town_id, "branch_id": branch_id})
    await work.execute(
        statement.on_conflict_do_update(index_elements=["town_id", "branch_id"], set_=values)
    )


def _microdegrees(degrees: float | None) -> int | None:
    return None if degrees is None else round(degrees * MICRO)
