"""Clear away what devices have left behind and nobody needs any more."""

from __future__ import annotations

from datetime import datetime, timedelta

from gutschein.db.unit_of_work import Work
from gutschein.devices import device_repository, pairing_repository

#: So long an unused pairing code can still be looked at.
_CODES_KEPT = timedelta(days=1)


async def purge(work: Work, now: datetime) -> int:
    """Delete nonces of requests that are too old to be taken again, and pairing codes that
    nobody used; return how many rows. Every few minutes will do.

    :param work: acting as ``JOBS``.
    """
    nonces = await device_repository.purge_nonces(work, now)
    return nonces + await pairing_repository.purge_codes(work, now - _CODES_KEPT)
