"""The SQL of redemptions and reversals."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from msgspec.structs import asdict
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert as insert_or_skip

from gutschein.db.unit_of_work import Work
from gutschein.kernel.clock import berlin_day
from gutschein.kernel.ids import ProgrammeId, RedemptionId, ReversalId, TownId, VoucherId
from gutschein.redemption.models import redemption, reversal
from gutschein.redemption.rules import Branch, By, Redemption, Reversal, Shop

_SHOP = text(
    """
    SELECT m.id AS merchant_id, b.id AS branch_id, b.closed_at
    FROM town t
    LEFT JOIN merchant m ON m.town_id = t.id AND m.id = :merchant_id
    LEFT JOIN branch b ON b.town_id = m.town_id AND b.merchant_id = m.id AND b.id = :branch_id
    WHERE t.id = :town_id
    """
)


async def towns_around(work: Work, town_id: TownId | None) -> Sequence[TownId]:
    """Return all towns of the region that *town_id* belongs to; without it, all there are."""
    rows = await work.execute(
        text(
            "SELECT id FROM town WHERE CAST(:town_id AS uuid) IS NULL"
            " OR region_id = (SELECT region_id FROM town WHERE id = :town_id) ORDER BY id"
        ),
        {"town_id": town_id},
    )
    return [TownId(row.id) for row in rows]


async def find_branch(work: Work, shop: Shop) -> Branch | None:
    """Look a branch up; ``None`` when there is not even the town."""
    rows = await work.execute(
        _SHOP,
        {"town_id": shop.town_id, "merchant_id": shop.merchant_id, "branch_id": shop.branch_id},
    )
    row = rows.one_or_none()
    return None if row is None else Branch(*row)


async def shop_name(work: Work, shop: Shop) -> str:
    """Return what people call a shop that exists: merchant and branch."""
    rows = await work.execute(
        text(
            "SELECT m.name || ', ' || b.name FROM merchant m"
            " JOIN branch b ON b.town_id = m.town_id AND b.merchant_id = m.id"
            " WHERE m.town_id = :town_id AND m.id = :merchant_id AND b.id = :branch_id"
        ),
        {"town_id": shop.town_id, "merchant_id": shop.merchant_id, "branch_id": shop.branch_id},
    )
    return str(rows.scalar_one())


async def stored_redemptions(
    work: Work, town_id: TownId, ids: Collection[RedemptionId]
) -> dict[RedemptionId, Redemption]:
    """Return the redemptions that took place among *ids*."""
    rows = await work.execute(
        select(redemption).where(redemption.c.town_id == town_id, redemption.c.id.in_(ids))
    )
    return {
        RedemptionId(row.id): Redemption(
            id=RedemptionId(row.id),
            sale_id=row.sale_id,
            shop=Shop(row.town_id, row.merchant_id, row.branch_id),
            issuing_town_id=TownId(row.issuing_town_id),
            voucher_id=VoucherId(row.voucher_id),
            programme_id=ProgrammeId(row.programme_id),
            fee_basis_points=row.fee_basis_points,
            amount_cents=row.amount_cents,
            balance_after_cents=row.balance_after_cents,
            redeemed_at=row.redeemed_at,
            by=By(row.device_id, row.cashier_id, row.api_key_id),
        )
        for row in rows
    }


async def find_reversal(
    work: Work, town_id: TownId, redemption_id: RedemptionId
) -> Reversal | None:
    """Return the reversal that took a redemption back."""
    query = select(reversal).where(
        reversal.c.town_id == town_id, reversal.c.redemption_id == redemption_id
    )
    row = (await work.execute(query)).one_or_none()
    if row is None:
        return None
    return Reversal(
        id=ReversalId(row.id),
        redemption_id=RedemptionId(row.redemption_id),
        shop=Shop(row.town_id, row.merchant_id, row.branch_id),
        credited_voucher_id=VoucherId(row.credited_voucher_id),
        amount_cents=row.amount_cents,
        balance_after_cents=row.balance_after_cents,
        reversed_at=row.reversed_at,
        by=By(row.device_id, row.cashier_id, row.api_key_id),
    )


async def insert_reversal(work: Work, reversed_: Reversal) -> bool:
    """Insert a reversal, unless its id stands for another one; tell whether it was inserted."""
    rows = await work.execute(
        insert_or_skip(reversal)
        .values(
            town_id=reversed_.shop.town_id,
            id=reversed_.id,
            redemption_id=reversed_.redemption_id,
            merchant_id=reversed_.shop.merchant_id,
            branch_id=reversed_.shop.branch_id,
            credited_voucher_id=reversed_.credited_voucher_id,
            amount_cents=reversed_.amount_cents,
            balance_after_cents=reversed_.balance_after_cents,
            reversed_at=reversed_.reversed_at,
            reversed_on=berlin_day(reversed_.reversed_at),
            **asdict(reversed_.by),
        )
        .on_conflict_do_nothing(index_elements=["town_id", "id"])
        .returning(reversal.c.id)
    )
    return rows.first() is not None
