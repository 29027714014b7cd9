"""Locks on what is no row: a town's ledger, its word with the bank, its keys, a netting, a chain,
a job, who works for a place, an issuing point, the short names of towns, a town's deposits.

PostgreSQL's advisory locks, held until the unit of work ends. Their numbers are made here
alone, so that two purposes never come to share one.
"""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from sqlalchemy import text

from gutschein.db.unit_of_work import Work
from gutschein.kernel.ids import derived_id

Purpose = Literal[
    "ledger", "payouts", "netting", "history", "job", "people", "keys", "desk", "slugs", "deposits"
]

_LOCK = text("SELECT pg_advisory_xact_lock(:key)")
_TRY_LOCK = text("SELECT pg_try_advisory_xact_lock(:key)")
_MAY_WAIT = text("SET LOCAL idle_in_transaction_session_timeout = 0")


def lock_key(subject: UUID, purpose: Purpose) -> int:
    """Return the number that a lock on *subject* goes by: 64 bits, signed, as PostgreSQL's."""
    return int.from_bytes(derived_id(subject, purpose).bytes[8:], signed=True)


async def lock(work: Work, subject: UUID, purpose: Purpose) -> None:
    """Take a lock for this unit of work alone, waiting for whoever holds it."""
    await work.execute(_LOCK, {"key": lock_key(subject, purpose)})


async def try_lock(work: Work, subject: UUID, purpose: Purpose) -> bool:
    """Take a lock for this unit of work alone, or tell that somebody holds it.

    Its holder may be idle for as long as what the lock is about takes elsewhere.
    """
    await work.execute(_MAY_WAIT)
    taken: bool = (await work.execute(_TRY_LOCK, {"key": lock_key(subject, purpose)})).scalar_one()
    return taken
