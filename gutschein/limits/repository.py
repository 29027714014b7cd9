"""The SQL of counters. Each of these is one statement, decided by PostgreSQL alone.

The statement that counts does not wait for the disk (``synchronous_commit``); the table is
not logged, so there is nothing to wait for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, text

from gutschein.db.metadata import Instant
from gutschein.db.unit_of_work import Work
from gutschein.limits.rules import Limit

#: Keys are locked in their own order, so two callers never each hold what the other wants.
_COUNT = text(
    """
    WITH tried AS (
        SELECT t.*
        FROM unnest(
            CAST(:keys AS bytea[]), CAST(:intervals AS interval[]), CAST(:windows AS interval[])
        ) AS t (key, one_try, whole)
        CROSS JOIN set_config('synchronous_commit', 'off', true)
    ), counted AS (
        INSERT INTO rate_limit AS r (key, used_until)
        SELECT key, :now + one_try FROM tried ORDER BY key
        ON CONFLICT (key) DO UPDATE
        SET used_until = least(
            greatest(r.used_until, :now) + (excluded.used_until - :now),
            :now + (SELECT 2 * whole - one_try FROM tried WHERE tried.key = excluded.key)
        )
        WHERE :beyond OR greatest(r.used_until, :now) + (excluded.used_until - :now)
            <= :now + (SELECT whole FROM tried WHERE tried.key = excluded.key)
        RETURNING key, used_until
    )
    SELECT key, c.key IS NOT NULL AS counted, coalesce(c.used_until, r.used_until) AS used_until
    FROM tried LEFT JOIN counted c USING (key) LEFT JOIN rate_limit r USING (key)
    """
).bindparams(bindparam("now", type_=Instant))

_READ = text(
    "SELECT key, false AS counted, used_until FROM rate_limit"
    " WHERE key = ANY(CAST(:keys AS bytea[]))"
)

_PURGE = text("DELETE FROM rate_limit WHERE used_until < :now")


@dataclass(frozen=True, slots=True)
class Counter:
    """One counter after a statement.

    :param counted: whether this try was counted.
    :param used_until: the instant up to which tries are used; ``None`` when another caller
        made the counter at the same moment.
    """

    key: bytes
    counted: bool
    used_until: datetime | None


async def count(
    work: Work, tried: Mapping[bytes, Limit], now: datetime, *, beyond: bool = False
) -> list[Counter]:
    """Count one try for each key whose limit has room for it.

    :param beyond: count where there is no room too, up to twice the limit.
    """
    return _counters(
        await work.execute(
            _COUNT,
            {
                "now": now,
                "keys": list(tried),
                "intervals": [limit.interval for limit in tried.values()],
                "windows": [limit.window for limit in tried.values()],
                "beyond": beyond,
            },
        )
    )


async def read(work: Work, keys: Iterable[bytes]) -> list[Counter]:
    """Return the counters that exist among *keys*."""
    return _counters(await work.execute(_READ, {"keys": list(keys)}))


async def purge(work: Work, now: datetime) -> int:
    """Delete counters that say no more than none would; return how many that were."""
    return (await work.execute(_PURGE, {"now": now})).rowcount


def _counters(rows: Iterable[Row[Any]]) -> list[Counter]:
    return [Counter(bytes(row.key), row.counted, row.used_until) for row in rows]
