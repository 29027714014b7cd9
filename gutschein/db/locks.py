"""Locks on what is no row: on a town's ledger, on its word with the bank, on a region's netting.

PostgreSQL's advisory locks, held until the unit of work ends. Their numbers are made here
alone, so that two purposes never come to share one.
"""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from sqlalchemy import text

from gutschein.db.unit_of_work import Work
from gutschein.kernel.ids import derived_id

Purpose = Literal["ledger", "payouts", "netting"]

_LOCK = text("SELECT pg_advisory_xact_lock(:key)")


def lock_key(subject: UUID, purpose: Purpose) -> int:
    """Return the number that a lock on *subject* goes by: 64 bits, signed, as PostgreSQL's."""
    return int.from_bytes(derived_id(subject, purpose).bytes[8:], signed=True)


async def lock(work: Work, subject: UUID, purpose: Purpose) -> None:
    """Take a lock for this unit of work alone, waiting for whoever holds it."""
    await work.execute(_LOCK, {"key": lock_key(subject, purpose)})
