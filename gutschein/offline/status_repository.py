"""The SQL of a town's status list: which vouchers are in it, and which have no tag yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import select, text

from gutschein.db.unit_of_work import Work
from gutschein.kernel.ids import TownId, VoucherId
from gutschein.towns.models import town

# What would pass as genuine without a net, and is not simply there to be spent. The token of
# a voucher from stock may last longer than the voucher.
_LISTED = text(
    """
    SELECT v.status_tag
    FROM voucher v
    JOIN ledger_account a ON a.town_id = v.town_id AND a.id = v.id
    JOIN programme p ON p.town_id = v.town_id AND p.id = v.programme_id
    LEFT JOIN stock_order s ON s.town_id = v.town_id AND s.id = v.stock_order_id
    WHERE v.town_id = :town_id
      AND greatest(v.valid_until, s.token_valid_until) >= :today
      AND (v.state <> 'active' OR v.valid_until < :today OR NOT p.partial_redemption
           OR v.pin_hash IS NOT NULL OR a.balance_cents - a.held_cents <= 0)
    """
)

_UNTAGGED = text(
    """
    SELECT id, sealed_code FROM voucher
    WHERE town_id = :town_id AND status_tag IS NULL
    ORDER BY id LIMIT :limit
    """
)

_TAG = text(
    """
    UPDATE voucher v SET status_tag = k.status_tag
    FROM unnest(CAST(:ids AS uuid[]), CAST(:tags AS bytea[])) AS k(id, status_tag)
    WHERE v.town_id = :town_id AND v.id = k.id
    """
)


async def listed_tags(work: Work, town_id: TownId, today: date) -> list[bytes | None]:
    """Return the tags of a town's list, ``None`` for a voucher that has none yet."""
    rows = await work.execute(_LISTED, {"town_id": town_id, "today": today})
    return [row[0] for row in rows]


async def all_towns(work: Work) -> Sequence[TownId]:
    """Return the ids of all towns."""
    return [TownId(row.id) for row in await work.execute(select(town.c.id).order_by(town.c.id))]


async def untagged(work: Work, town_id: TownId, limit: int) -> dict[VoucherId, bytes]:
    """Return the sealed codes of some vouchers without a tag."""
    rows = await work.execute(_UNTAGGED, {"town_id": town_id, "limit": limit})
    return {VoucherId(row.id): row.sealed_code for row in rows}


async def set_tags(work: Work, town_id: TownId, tags: Mapping[VoucherId, bytes]) -> None:
    """Give vouchers their tags."""
    await work.execute(_TAG, {"town_id": town_id, "ids": list(tags), "tags": list(tags.values())})
