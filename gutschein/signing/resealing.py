"""Seal keys anew when the key-encryption key changes, while the service runs.

Only the seal changes and never the key in it, so whoever has a key open goes on with it.
"""

from __future__ import annotations

from gutschein.db.unit_of_work import Work
from gutschein.signing import repository
from gutschein.signing.models import SEALED_KEYS
from gutschein.signing.sealing import KeyEncryptionKey

#: How many keys one unit of work seals: some milliseconds, so that nobody waits for it.
UNIT = 100


async def reseal_some(work: Work, kek: KeyEncryptionKey, limit: int = UNIT) -> int:
    """Seal some keys under the current key-encryption key that another one has sealed.

    To be called in a unit of work of its own, again and again, until nothing is left. It may
    be stopped at any time and run twice at once.

    :param work: as :data:`gutschein.db.access.JOBS`.
    :returns: how many; 0 when none is left.
    :raises Refusal: ``key.sealed`` when a key does not open.
    """
    for sealed in SEALED_KEYS:
        rows = await repository.lock_sealed_otherwise(work, sealed, kek.id, limit)
        for row in rows:
            context = sealed.context(row)
            key = kek.unseal(getattr(row, sealed.column), context, row.kek_id)
            await repository.replace_sealed(work, sealed, row, kek.seal(key, context), kek.id)
        if rows:
            return len(rows)
    return 0


async def left_to_reseal(work: Work, kek: KeyEncryptionKey) -> int:
    """Return how many keys another key-encryption key than the current one has sealed."""
    counts = await repository.kek_ids(work)
    return sum(count for kek_id, count in counts.items() if kek_id != kek.id)
