"""The SQL of merchants, branches, payout accounts and issuing points."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from msgspec.structs import asdict
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from gutschein.db.unit_of_work import Work
from gutschein.kernel.ids import BranchId, MerchantId, TownId
from gutschein.merchants.models import (
    PAYOUT_ACCOUNT,
    branch,
    issuing_point,
    merchant,
    payout_account,
)
from gutschein.merchants.schemas import Branch, IssuingPoint, Merchant, PayoutAccount
from gutschein.signing.sealing import DataKey
from gutschein.web.address import address_columns, with_address

_MERCHANT = tuple(column for column in merchant.c if column.name != "sealed_contact_email")
_BRANCH = tuple(column for column in branch.c if column.name != "town_id")


async def insert_merchant(work: Work, new: Merchant) -> bool:
    """Insert a merchant alone, unless its id is taken; tell whether it was inserted."""
    row = address_columns(new)
    del row["branches"]
    result = await work.execute(insert(merchant).values(row).on_conflict_do_nothing())
    return result.rowcount == 1


async def insert_branches(work: Work, town_id: TownId, new: Sequence[Branch]) -> bool:
    """Insert branches; tell whether all were inserted and no id was taken."""
    rows = [{"town_id": town_id, **asdict(each)} for each in new]
    result = await work.execute(insert(branch).values(rows).on_conflict_do_nothing())
    return result.rowcount == len(rows)


async def insert_payout_account(
    work: Work, key: DataKey, merchant_id: MerchantId, new: PayoutAccount
) -> bool:
    """Insert a payout account unless one begins at that very instant.

    :param key: of the merchant's town.
    """
    row = {
        "town_id": key.town_id,
        "merchant_id": merchant_id,
        "valid_from": new.valid_from,
        **PAYOUT_ACCOUNT.seal(key, asdict(new), merchant_id, new.valid_from),
    }
    result = await work.execute(insert(payout_account).values(row).on_conflict_do_nothing())
    return result.rowcount == 1


async def list_merchants(
    work: Work, town_id: TownId, merchant_id: MerchantId | None = None
) -> list[Merchant]:
    """Return a town's merchants by name, or the one named, with their branches in the order
    of opening.
    """
    merchants = select(*_MERCHANT).where(merchant.c.town_id == town_id)
    branches = select(*_BRANCH).where(branch.c.town_id == town_id)
    if merchant_id is not None:
        merchants = merchants.where(merchant.c.id == merchant_id)
        branches = branches.where(branch.c.merchant_id == merchant_id)
    branches_of: dict[UUID, list[Branch]] = defaultdict(list)
    for row in await work.execute(branches.order_by(branch.c.opened_at, branch.c.id)):
        branches_of[row.merchant_id].append(Branch(**row._asdict()))
    return [
        Merchant(**with_address(row), branches=branches_of[row["id"]])
        for row in (
            await work.execute(merchants.order_by(merchant.c.name, merchant.c.id))
        ).mappings()
    ]


async def payout_accounts(
    work: Work, key: DataKey, merchant_ids: Collection[UUID]
) -> dict[UUID, list[PayoutAccount]]:
    """Return all payout accounts that merchants of the key's town have had or are to have,
    the oldest first.
    """
    accounts: dict[UUID, list[PayoutAccount]] = defaultdict(list)
    query = select(payout_account).where(
        payout_account.c.town_id == key.town_id, payout_account.c.merchant_id.in_(merchant_ids)
    )
    for row in await work.execute(query.order_by(payout_account.c.valid_from)):
        opened = PAYOUT_ACCOUNT.open(key, row, row.merchant_id, row.valid_from)
        accounts[row.merchant_id].append(PayoutAccount(**opened, valid_from=row.valid_from))
    return accounts


async def sealed_contacts(
    work: Work, town_id: TownId, merchant_ids: Collection[UUID]
) -> dict[UUID, bytes]:
    """Return the sealed e-mail addresses of those of the merchants that have named one."""
    rows = await work.execute(
        select(merchant.c.id, merchant.c.sealed_contact_email).where(
            merchant.c.town_id == town_id,
            merchant.c.id.in_(merchant_ids),
            merchant.c.sealed_contact_email.is_not(None),
        )
    )
    return {row.id: bytes(row.sealed_contact_email) for row in rows}


async def set_contact(work: Work, town_id: TownId, merchant_id: MerchantId, sealed: bytes) -> None:
    await work.execute(
        update(merchant)
        .where(merchant.c.town_id == town_id, merchant.c.id == merchant_id)
        .values(sealed_contact_email=sealed)
    )


async def find_branch(work: Work, town_id: TownId, branch_id: BranchId) -> Branch | None:
    query = select(*_BRANCH).where(branch.c.town_id == town_id, branch.c.id == branch_id)
    row = (await work.execute(query)).mappings().one_or_none()
    return None if row is None else Branch(**row)


async def close_branch(
    work: Work, town_id: TownId, merchant_id: MerchantId, branch_id: BranchId, now: datetime
) -> None:
    """Close a merchant's branch; one that is closed stays closed since when it was."""
    await work.execute(
        update(branch)
        .where(
            branch.c.town_id == town_id,
            branch.c.id == branch_id,
            branch.c.merchant_id == merchant_id,
            branch.c.closed_at.is_(None),
        )
        .values(closed_at=now)
    )


async def insert_issuing_point(work: Work, new: IssuingPoint) -> bool:
    """Insert an issuing point unless its id is taken."""
    result = await work.execute(insert(issuing_point).values(asdict(new)).on_conflict_do_nothing())
    return result.rowcount == 1


async def list_issuing_points(
    work: Work, town_id: TownId, point_id: UUID | None = None
) -> list[IssuingPoint]:
    """Return a town's issuing points by name, or the one named."""
    query = (
        select(issuing_point)
        .where(issuing_point.c.town_id == town_id)
        .order_by(issuing_point.c.name, issuing_point.c.id)
    )
    if point_id is not None:
        query = query.where(issuing_point.c.id == point_id)
    return [IssuingPoint(**row) for row in (await work.execute(query)).mappings()]
