"""The SQL of what the public sees: towns, their partners, shops and texts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, func, select

from gutschein.db.unit_of_work import Work
from gutschein.kernel.ids import TownId
from gutschein.merchants.models import branch, issuing_point, merchant
from gutschein.storefront.models import branch_profile, storefront, storefront_text
from gutschein.storefront.public_town import Partner, PublicShop, PublicTown, TownCard
from gutschein.storefront.rules import Category
from gutschein.storefront.schemas import StorefrontText
from gutschein.towns.models import acceptance, region, town
from gutschein.web.address import Address

_ADDRESS = ("street", "house_number", "postcode", "post_town")
_OWN = ("slug", "intro", "intro_en", "contact_email", "contact_phone", "is_open", "changed_at")
MICRO = 1_000_000

_HAS_ARMS = storefront.c.coat_of_arms_svg.is_not(None).label("has_arms")


async def find_public_town(
    work: Work, *, slug: str | None = None, town_id: TownId | None = None
) -> PublicTown | None:
    """Return the town of a short name, or the one named, if it has a storefront."""
    texts = (
        select(func.array_agg(storefront_text.c.kind.distinct()))
        .where(storefront_text.c.town_id == storefront.c.id)
        .scalar_subquery()
    )
    query = select(
        town.c.id,
        town.c.region_id,
        town.c.name,
        town.c.brand_colour,
        *(town.c[name] for name in _ADDRESS),
        *(storefront.c[name] for name in _OWN),
        _HAS_ARMS,
        func.coalesce(texts, []).label("texts"),
    ).join(storefront, storefront.c.id == town.c.id)
    chosen = storefront.c.slug == slug if town_id is None else storefront.c.id == town_id
    row = (await work.execute(query.where(chosen))).mappings().one_or_none()
    if row is None:
        return None
    values = dict(row)
    address = Address(**{name: values.pop(name) for name in _ADDRESS})
    return PublicTown(**values | {"address": address, "texts": frozenset(row["texts"])})


async def list_town_cards(work: Work) -> list[TownCard]:
    """Return the towns that have a storefront, by region and name."""
    shops = (
        select(func.count())
        .select_from(branch)
        .where(branch.c.town_id == town.c.id, branch.c.closed_at.is_(None))
        .scalar_subquery()
    )
    query = (
        select(
            town.c.id,
            region.c.name.label("region"),
            town.c.name,
            town.c.brand_colour,
            storefront.c.slug,
            storefront.c.changed_at,
            _HAS_ARMS,
            shops.label("shops"),
        )
        .join(storefront, storefront.c.id == town.c.id)
        .join(region, region.c.id == town.c.region_id)
        .order_by(region.c.name, region.c.id, town.c.name, town.c.id)
    )
    return [TownCard(**row) for row in (await work.execute(query)).mappings()]


async def list_partners(work: Work, town_id: TownId, today: date) -> list[Partner]:
    """Return the other towns whose shops honour the town's vouchers today, by name."""
    query = (
        select(town.c.id, town.c.name, storefront.c.slug)
        .join(acceptance, acceptance.c.accepting_town_id == town.c.id)
        .outerjoin(storefront, storefront.c.id == town.c.id)
        .where(
            acceptance.c.town_id == town_id,
            acceptance.c.valid_from <= today,
            func.coalesce(acceptance.c.valid_until, today) >= today,
        )
        .order_by(town.c.name, town.c.id)
    )
    return [Partner(**row) for row in (await work.execute(query)).mappings()]


async def list_shops(work: Work, town_id: TownId) -> list[PublicShop]:
    """Return the open branches of a town, by the names of merchants and branches."""
    siblings = func.count().over(partition_by=branch.c.merchant_id)
    told = [each for each in branch_profile.c if each.name not in {"town_id", "branch_id"}]
    query = (
        select(
            branch.c.id,
            merchant.c.name,
            branch.c.name.label("branch"),
            siblings.label("siblings"),
            *told,
        )
        .join(
            merchant,
            (merchant.c.town_id == branch.c.town_id) & (merchant.c.id == branch.c.merchant_id),
        )
        .outerjoin(
            branch_profile,
            (branch_profile.c.town_id == branch.c.town_id)
            & (branch_profile.c.branch_id == branch.c.id),
        )
        .where(branch.c.town_id == town_id, branch.c.closed_at.is_(None))
        .order_by(merchant.c.name, merchant.c.id, branch.c.name, branch.c.id)
    )
    return [_shop(row) for row in await work.execute(query)]


async def count_shops(work: Work, town_id: TownId) -> dict[Category | None, int]:
    """Return how many open branches a town has of each category; of ``None``, nobody has told."""
    query = (
        select(branch_profile.c.category, func.count().label("shops"))
        .select_from(branch)
        .outerjoin(
            branch_profile,
            (branch_profile.c.town_id == branch.c.town_id)
            & (branch_profile.c.branch_id == branch.c.id),
        )
        .where(branch.c.town_id == town_id, branch.c.closed_at.is_(None))
        .group_by(branch_profile.c.category)
    )
    return {row.category: row.shops for row in await work.execute(query)}


def _shop(row: Row[Any]) -> PublicShop:
    return PublicShop(
        id=row.id,
        name=row.name,
        branch=row.branch,
        siblings=row.siblings,
        category=row.category,
        address=None if row.street is None else address_of(row),
        phone=row.phone,
        website=row.website,
        opening_hours=tuple((row.opening_hours or "").splitlines()),
        wheelchair=row.wheelchair,
        latitude=degrees_of(row.latitude_microdegrees),
        longitude=degrees_of(row.longitude_microdegrees),
    )


async def list_points(work: Work, town_id: TownId) -> list[str]:
    """Return the names of a town's issuing points."""
    query = select(issuing_point.c.name).where(issuing_point.c.town_id == town_id)
    return list((await work.execute(query.order_by(issuing_point.c.name))).scalars())


async def coat_of_arms(work: Work, slug: str) -> bytes | None:
    query = select(storefront.c.coat_of_arms_svg).where(storefront.c.slug == slug)
    found = (await work.execute(query)).scalar_one_or_none()
    return None if found is None else bytes(found)


async def arms_of(work: Work, town_id: TownId) -> bytes | None:
    """Return the coat of arms of a town, for what is printed in its name."""
    query = select(storefront.c.coat_of_arms_svg).where(storefront.c.id == town_id)
    found = (await work.execute(query)).scalar_one_or_none()
    return None if found is None else bytes(found)


async def list_texts(
    work: Work, town_id: TownId, kind: str, languages: Sequence[str]
) -> list[StorefrontText]:
    """Return all that a town's text of a kind has been and is to be, the oldest first."""
    query = (
        select(storefront_text)
        .where(
            storefront_text.c.town_id == town_id,
            storefront_text.c.kind == kind,
            storefront_text.c.language.in_(languages),
        )
        .order_by(storefront_text.c.begins_at)
    )
    return [
        StorefrontText(
            kind=row.kind,
            language=row.language,
            begins_at=row.begins_at,
            paragraphs=row.body.splitlines(),
        )
        for row in await work.execute(query)
    ]


def address_of(row: Row[Any]) -> Address:
    return Address(
        street=row.street,
        house_number=row.house_number,
        postcode=row.postcode,
        post_town=row.post_town,
    )


def degrees_of(micro: int | None) -> float | None:
    return None if micro is None else micro / MICRO
