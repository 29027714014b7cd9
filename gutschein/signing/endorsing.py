"""Let a region's master key vouch for its towns' keys: request, accept, trust.

The master key itself is never here. What it has signed comes back as a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from gutschein.db.unit_of_work import Work
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import RegionId, TownId
from gutschein.signing import repository
from gutschein.signing.endorsement import endorses
from gutschein.signing.endorsement_files import Endorsements, KeyRequest, RequestedKey
from gutschein.signing.key_trust import is_endorsed, is_trusted, public_key_of
from gutschein.signing.keyset import PublicKey


async def request_endorsements(
    work: Work, region_id: RegionId, now: datetime, *, all_keys: bool
) -> KeyRequest:
    """Return what the master key of a region is asked to endorse.

    :param all_keys: also what the present master key has endorsed, for one that follows it.
    :raises Refusal: ``region.unknown``.
    """
    master = await _master_of(work, region_id)
    rows = await _verifying(work, region_id, now)
    return KeyRequest(
        region_id=region_id,
        keys=[
            RequestedKey.of(public_key_of(row), row.town_name)
            for row in rows
            if all_keys or master is None or not is_endorsed(row, master)
        ],
    )


async def accept_endorsements(
    work: Work, endorsements: Endorsements, now: datetime
) -> list[PublicKey]:
    """Store what the region's master key has endorsed; return those keys.

    The newest key of a town that is endorsed signs from now on, and the ones before it no
    more.

    :raises Refusal: ``region.unknown``, ``key.no_master``, ``key.unknown``,
        ``key.endorsement``. Nothing is stored then.
    """
    master = await _master_of(work, endorsements.region_id)
    if master is None:
        raise Refusal("key.no_master")
    rows = await repository.signing_keys(work, region_id=endorsements.region_id)
    known = {(row.town_id, row.kid.hex()): row for row in rows}
    accepted: list[PublicKey] = []
    for each in endorsements.endorsements:
        row = known.get((each.town_id, each.kid))
        if row is None:
            raise Refusal("key.unknown", kid=each.kid)
        key = public_key_of(row)
        if not endorses(each.endorsement, key, master):
            raise Refusal("key.endorsement", kid=each.kid)
        await repository.keep_endorsement(work, key.town_id, key.kid, each.endorsement, now)
        accepted.append(key)
    for town_id in {key.town_id for key in accepted}:
        await _let_the_newest_sign(work, town_id, now)
    return accepted


async def trust_master_key(
    work: Work,
    region_id: RegionId,
    public: bytes,
    now: datetime,
    *,
    endorsements: Endorsements | None = None,
    replace: bool = False,
) -> bool:
    """Let a master key vouch for a region's keys from now on; tell whether that is new.

    Every key in use must be endorsed by it in the same step, because what is not is
    refused from then on.

    :param public: 32 bytes.
    :param replace: whether it may take the place of another master key.
    :raises Refusal: ``region.unknown``, ``key.master_set``, ``key.endorse_first``, and
        those of :func:`accept_endorsements`.
    """
    present = await _master_of(work, region_id)
    if present not in {None, public} and not replace:
        raise Refusal("key.master_set")
    await repository.set_master(work, region_id, public)
    if endorsements is not None:
        await accept_endorsements(work, endorsements, now)
    rows = await _verifying(work, region_id, now)
    refused = sum(not is_endorsed(row, public) for row in rows)
    if refused:
        raise Refusal("key.endorse_first", count=refused)
    return present != public


async def _master_of(work: Work, region_id: RegionId) -> bytes | None:
    row = await repository.master_of(work, region_id)
    if row is None:
        raise Refusal("region.unknown")
    master: bytes | None = row.master_public_key
    return master


async def _verifying(work: Work, region_id: RegionId, now: datetime) -> Sequence[Row[Any]]:
    rows = await repository.signing_keys(work, region_id=region_id)
    return [row for row in rows if row.revoked_at is None and now < row.not_after]


async def _let_the_newest_sign(work: Work, town_id: TownId, now: datetime) -> None:
    signing = [
        row
        for row in await repository.signing_keys(work, town_id=town_id)
        if row.not_before <= now < row.sign_until and row.revoked_at is None and is_trusted(row)
    ]
    if signing:
        newest = max(signing, key=lambda row: (row.not_before, row.sign_until))
        older = [row.kid for row in signing if row.kid != newest.kid]
        await repository.end_signing(work, town_id, older, now)
