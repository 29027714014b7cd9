"""Which of the towns' keys are to be trusted, and which are made known to tills.

Where a region has a master key, a town's key counts once that has endorsed it: whoever can
write to the database still cannot make tills believe in a key of their own.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from gutschein.db.unit_of_work import Work
from gutschein.kernel.ids import RegionId, TownId
from gutschein.signing import repository
from gutschein.signing.endorsement import endorses
from gutschein.signing.keyset import KeySet, PublicKey


async def published_keys(work: Work) -> KeySet:
    """Return the public keys of all towns that tills may trust, and the regions' master keys."""
    rows = await repository.signing_keys(work)
    return KeySet(
        (public_key_of(row) for row in rows if row.revoked_at is None and is_trusted(row)),
        await repository.masters(work),
    )


async def verifying_keys(work: Work, kid: bytes) -> KeySet:
    """Return the keys that go by *kid*, revoked ones among them, to check a token with."""
    rows = await repository.signing_keys(work, kid=kid)
    return KeySet(public_key_of(row) for row in rows if is_trusted(row))


def public_key_of(row: Row[Any]) -> PublicKey:
    """Return the public side of a stored key."""
    return PublicKey(
        kid=row.kid,
        public=row.public_key,
        not_before=row.not_before,
        not_after=row.not_after,
        town_id=TownId(row.town_id),
        region_id=None if row.master_public_key is None else RegionId(row.region_id),
        endorsement=None if row.master_public_key is None else row.endorsement,
        revoked_at=row.revoked_at,
    )


def is_trusted(row: Row[Any]) -> bool:
    """Tell whether the region's master key endorses a stored key, where there is one."""
    return row.master_public_key is None or is_endorsed(row, row.master_public_key)


def is_endorsed(row: Row[Any], master_public: bytes) -> bool:
    """Tell whether this master key endorses a stored key."""
    return row.endorsement is not None and endorses(
        row.endorsement, public_key_of(row), master_public
    )
