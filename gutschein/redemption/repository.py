"""The SQL of redemptions and reversals."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import TextClause, func, select, text
from sqlalchemy.dialects.postgresql import insert as insert_or_skip

from gutschein.db.unit_of_work import Work
from gutschein.kernel.clock import berlin_day
from gutschein.kernel.ids import ProgrammeId, RedemptionId, ReversalId, TownId, VoucherId
from gutschein.redemption.models import redemption, reversal
from gutschein.redemption.rules import Branch, Redemption, Reversal, Shop
from gutschein.vouchers.rules import Standing, VoucherState

VoucherKey = tuple[TownId, VoucherId]

_SHOP = text(
    """
    SELECT m.id AS merchant_id, b.id AS branch_id, b.closed_at
    FROM town t
    LEFT JOIN merchant m ON m.town_id = t.id AND m.id = :merchant_id
    LEFT JOIN branch b ON b.town_id = m.town_id AND b.merchant_id = m.id AND b.id = :branch_id
    WHERE t.id = :town_id
    """
)

_ACCEPTED = text(
    """
    SELECT town_id FROM acceptance
    WHERE town_id = ANY(CAST(:issuers AS uuid[])) AND accepting_town_id = :town_id
      AND valid_from <= :day AND (valid_until IS NULL OR valid_until >= :day)
    """
)

_BY_CODE = """
    SELECT v.town_id, v.id, v.code_hash
    FROM voucher v
    JOIN unnest(CAST(:town_ids AS uuid[]), CAST(:hashes AS bytea[])) AS k(town_id, code_hash)
        USING (town_id, code_hash)
    ORDER BY v.town_id, v.id
"""
_FIND_BY_CODE = text(_BY_CODE)
_LOCK_BY_CODE = text(_BY_CODE + "FOR NO KEY UPDATE OF v")

_LIVING = text(
    """
    WITH RECURSIVE heir (id, age) AS (
        SELECT CAST(:id AS uuid), 0
        UNION ALL
        SELECT v.id, heir.age + 1
        FROM heir JOIN voucher v ON v.town_id = :town_id AND v.replaces_id = heir.id
    )
    SELECT id FROM heir ORDER BY age DESC LIMIT 1
    """
)
_LOCK_ONE = text("SELECT FROM voucher WHERE town_id = :town_id AND id = :id FOR NO KEY UPDATE")

_STANDINGS = text(
    """
    SELECT v.town_id, v.id, v.state, v.valid_until, v.programme_id, v.face_value_cents,
           a.balance_cents - a.held_cents AS balance_cents, p.partial_redemption,
           p.merchant_fee_basis_points, p.name AS programme_name, t.name AS town_name
    FROM voucher v
    JOIN unnest(CAST(:town_ids AS uuid[]), CAST(:ids AS uuid[])) AS k(town_id, id)
        USING (town_id, id)
    JOIN ledger_account a ON a.town_id = v.town_id AND a.id = v.id
    JOIN programme p ON p.town_id = v.town_id AND p.id = v.programme_id
    JOIN town t ON t.id = v.town_id
    """
)


@dataclass(frozen=True, slots=True)
class VoucherView:
    """A voucher as a till needs it, with the terms it was sold under."""

    town_id: TownId
    id: VoucherId
    town_name: str
    programme_id: ProgrammeId
    programme_name: str
    fee_basis_points: int
    face_value_cents: int
    standing: Standing

    def after(self, amount_cents: int) -> VoucherView:
        """Return the voucher as it is when this amount has been redeemed."""
        left_cents = self.standing.balance_cents - amount_cents
        return replace(self, standing=replace(self.standing, balance_cents=left_cents))


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


async def accepted_issuers(
    work: Work, issuers: Collection[TownId], town_id: TownId, day: date
) -> set[TownId]:
    """Return those of *issuers* whose vouchers are honoured in *town_id* on *day*."""
    rows = await work.execute(_ACCEPTED, {"issuers": list(issuers), "town_id": town_id, "day": day})
    return {TownId(row.town_id) for row in rows}


CodeKey = tuple[TownId, bytes]


async def find_by_code(work: Work, codes: Iterable[CodeKey]) -> dict[CodeKey, VoucherKey]:
    """Find vouchers by their towns and the keyed hashes of their codes."""
    return await _by_code(work, _FIND_BY_CODE, codes)


async def lock_by_code(work: Work, codes: Iterable[CodeKey]) -> dict[CodeKey, VoucherKey]:
    """Find vouchers by code and lock them, in the order of their keys.

    Whatever changes a voucher locks it first, so what is read of it afterwards stays.
    """
    return await _by_code(work, _LOCK_BY_CODE, codes)


async def _by_code(
    work: Work, query: TextClause, codes: Iterable[CodeKey]
) -> dict[CodeKey, VoucherKey]:
    wanted = list(codes)
    rows = await work.execute(
        query,
        {"town_ids": [town_id for town_id, _ in wanted], "hashes": [code for _, code in wanted]},
    )
    return {
        (row.town_id, bytes(row.code_hash)): (TownId(row.town_id), VoucherId(row.id))
        for row in rows
    }


async def views(work: Work, keys: Collection[VoucherKey]) -> dict[VoucherKey, VoucherView]:
    """Return vouchers with their terms and what is free on their accounts."""
    rows = await work.execute(
        _STANDINGS,
        {"town_ids": [town_id for town_id, _ in keys], "ids": [id_ for _, id_ in keys]},
    )
    return {
        (TownId(row.town_id), VoucherId(row.id)): VoucherView(
            town_id=TownId(row.town_id),
            id=VoucherId(row.id),
            town_name=row.town_name,
            programme_id=ProgrammeId(row.programme_id),
            programme_name=row.programme_name,
            fee_basis_points=row.merchant_fee_basis_points,
            face_value_cents=row.face_value_cents,
            standing=Standing(
                VoucherState(row.state), row.valid_until, row.balance_cents, row.partial_redemption
            ),
        )
        for row in rows
    }


async def lock_living(work: Work, key: VoucherKey) -> VoucherKey:
    """Follow a voucher's replacements to the one that is alive, and lock that."""
    town_id, voucher_id = key
    locked: VoucherId | None = None
    while True:
        keys = {"town_id": town_id, "id": voucher_id}
        voucher_id = VoucherId((await work.execute(_LIVING, keys)).scalar_one())
        if voucher_id == locked:
            return town_id, voucher_id
        # It may be replaced while this waits for the lock: look again from there.
        locked = voucher_id
        await work.execute(_LOCK_ONE, {"town_id": town_id, "id": locked})


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
        )
        for row in rows
    }


async def sale_size(work: Work, part: Redemption) -> int:
    """Return how many redemptions were booked as the sale that *part* belongs to."""
    rows = await work.execute(
        select(func.count()).where(
            redemption.c.town_id == part.shop.town_id,
            redemption.c.merchant_id == part.shop.merchant_id,
            redemption.c.redeemed_at == part.redeemed_at,
            redemption.c.sale_id == part.sale_id,
        )
    )
    return rows.scalar_one()


async def insert_redemptions(work: Work, redemptions: Sequence[Redemption]) -> int:
    """Insert redemptions whose ids are new and return how many that were."""
    rows = await work.execute(
        insert_or_skip(redemption)
        .values(
            [
                {
                    "town_id": each.shop.town_id,
                    "id": each.id,
                    "sale_id": each.sale_id,
                    "merchant_id": each.shop.merchant_id,
                    "branch_id": each.shop.branch_id,
                    "issuing_town_id": each.issuing_town_id,
                    "voucher_id": each.voucher_id,
                    "programme_id": each.programme_id,
                    "fee_basis_points": each.fee_basis_points,
                    "amount_cents": each.amount_cents,
                    "balance_after_cents": each.balance_after_cents,
                    "redeemed_at": each.redeemed_at,
                    "redeemed_on": berlin_day(each.redeemed_at),
                }
                for each in redemptions
            ]
        )
        .on_conflict_do_nothing(index_elements=["town_id", "id"])
        .returning(redemption.c.id)
    )
    return len(rows.all())


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
        )
        .on_conflict_do_nothing(index_elements=["town_id", "id"])
        .returning(reversal.c.id)
    )
    return rows.first() is not None
