"""Take a signing key back that has leaked, or may have."""

from __future__ import annotations

from datetime import datetime

from gutschein.db.unit_of_work import Work
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId
from gutschein.signing import repository


async def revoke_signing_key(
    work: Work, town_id: TownId, kid: bytes, reason: str, now: datetime
) -> bool:
    """Revoke a key: its tokens are refused from now on, and it never signs again.

    Codes typed by hand are not touched: they are random, stand here only hashed and sealed,
    and whoever has the signing key learns none of them.

    :returns: ``False`` when it had been revoked before; nothing is changed then.
    :raises Refusal: ``key.unknown``.
    """
    if await repository.revoke(work, town_id, kid, reason, now):
        return True
    await require_revoked(work, town_id, kid)
    return False


async def require_revoked(work: Work, town_id: TownId, kid: bytes) -> None:
    """Check that a key of the town is revoked.

    :raises Refusal: ``key.unknown``, ``key.not_revoked``.
    """
    rows = await repository.signing_keys(work, town_id=town_id, kid=kid)
    if not rows:
        raise Refusal("key.unknown", kid=kid.hex())
    if rows[0].revoked_at is None:
        raise Refusal("key.not_revoked", kid=kid.hex())
