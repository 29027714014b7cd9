"""What was redeemed and taken back in a branch on one day."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, RowMapping

from gutschein.db.access import CLEARING
from gutschein.db.unit_of_work import Work, act
from gutschein.documents import day_csv
from gutschein.kernel.clock import berlin_day
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId, VoucherId
from gutschein.redemption import day_repository as repository
from gutschein.redemption.day_repository import BranchDay
from gutschein.redemption.day_schemas import MOST_ENTRIES, Day, DayEntry, DaySums, NamedSums
from gutschein.redemption.rules import VoucherKey

#: No town has redeemed anything here before.
FIRST_DAY = date(2020, 1, 1)


def day_asked(day: date | None, now: datetime) -> date:
    """Return the day that somebody asks about: today unless they say another.

    :raises Refusal: ``request.invalid`` for a day to come, or from before there were any.
    """
    today = berlin_day(now)
    if day is None:
        return today
    if not FIRST_DAY <= day <= today:
        raise Refusal("request.invalid", reason=f"day: {FIRST_DAY} … {today}")
    return day


class Sums:
    """The sums of a branch's day, from which all else is known to have changed or not.

    Redemptions and reversals are only ever added. As long as there are as many of each, at
    every device and by every cashier, they are the same.
    """

    def __init__(self, of: BranchDay, rows: Sequence[Row[Any]]) -> None:
        self._of = of
        self._rows = rows

    def tag(self, device_id: UUID, now: datetime) -> str:
        """Return the entity tag (RFC 9110, section 8.8.3) of what a device is shown; a weak
        one, as the time of the answer is not in it.
        """
        is_today = self._of.day == berlin_day(now)
        seen = (device_id, self._of, is_today, *map(tuple, self._rows))
        return f'W/"{hashlib.sha256(repr(seen).encode()).hexdigest()[:32]}"'

    @property
    def total(self) -> DaySums:
        return DaySums(**_summed(self._rows))

    @property
    def by_cashier(self) -> list[NamedSums]:
        return _grouped(self._rows, lambda row: (row.cashier_name, row.cashier_id))

    @property
    def by_device(self) -> list[NamedSums]:
        return _grouped(self._rows, lambda row: (row.device_name, row.device_id or row.api_key_id))


async def sums_of(work: Work, of: BranchDay) -> Sums:
    """Sum a branch's day up."""
    return Sums(of, await repository.sums(work, of))


async def day_of(work: Work, of: BranchDay, sums: Sums, device_id: UUID, now: datetime) -> Day:
    """Return a branch's day as one of its devices is shown it.

    The unit of work acts for the clearing from here on.
    """
    name = await repository.branch_name(work, of.shop)
    rows = await repository.entries(work, of, MOST_ENTRIES + 1)
    serials = await _serials(work, rows)
    is_today = of.day == berlin_day(now)
    return Day(
        day=of.day,
        branch_name=name,
        server_time=now,
        entries=[
            DayEntry(
                **{field: row[field] for field in _AS_STORED},
                voucher_serial=serials[_voucher(row)],
                own=row["device_id"] == device_id,
                reversible=is_today and row["kind"] == "redemption" and not row["reversal_id"],
            )
            for row in rows[:MOST_ENTRIES]
        ],
        has_more=len(rows) > MOST_ENTRIES,
        total=sums.total,
        by_cashier=sums.by_cashier,
        by_device=sums.by_device,
    )


async def day_table(work: Work, of: BranchDay) -> bytes:
    """Return all of a branch's day for a spreadsheet, the earliest first.

    The unit of work acts for the clearing from here on.
    """
    rows = await repository.entries(work, of)
    serials = await _serials(work, rows)
    return day_csv.day_csv(
        day_csv.DayEntry(
            kind=row["kind"],
            occurred_at=row["at"],
            entry_id=str(row["id"]),
            issuer_town_name=row["issuing_town_name"],
            programme_name=row["programme_name"],
            voucher_serial=serials[_voucher(row)],
            device_name=row["device_name"] or "",
            cashier_name=row["cashier_name"] or "",
            amount_cents=row["amount_cents"],
        )
        for row in reversed(rows)
    )


_CALCULATED = {"voucher_serial", "own", "reversible"}
_AS_STORED = tuple(name for name in DayEntry.__struct_fields__ if name not in _CALCULATED)


async def _serials(work: Work, rows: Sequence[RowMapping]) -> dict[VoucherKey, int]:
    await act(work, CLEARING)
    return await repository.serials(work, map(_voucher, rows))


def _voucher(row: RowMapping) -> VoucherKey:
    return TownId(row["issuing_town_id"]), VoucherId(row["voucher_id"])


def _grouped(
    rows: Iterable[Row[Any]], by: Callable[[Row[Any]], tuple[str | None, UUID | None]]
) -> list[NamedSums]:
    groups: dict[tuple[str | None, UUID | None], list[Row[Any]]] = defaultdict(list)
    for row in rows:
        groups[by(row)].append(row)
    ordered = sorted(groups, key=lambda group: (group[0] is None, group[0] or "", str(group[1])))
    return [NamedSums(name=group[0], **_summed(groups[group])) for group in ordered]


def _summed(rows: Sequence[Row[Any]]) -> dict[str, int]:
    redeemed, taken_back = (
        [row for row in rows if row.kind == kind] for kind in ("redemption", "reversal")
    )
    redeemed_cents = sum(row.cents for row in redeemed)
    reversed_cents = sum(row.cents for row in taken_back)
    return {
        "redeemed_cents": redeemed_cents,
        "reversed_cents": reversed_cents,
        "net_cents": redeemed_cents - reversed_cents,
        "redemption_count": sum(row.entry_count for row in redeemed),
        "reversal_count": sum(row.entry_count for row in taken_back),
    }
