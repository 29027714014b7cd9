"""The towns' keys: made, renewed and opened for use.

A town signs with one key at a time, for a year at most; a key goes on verifying until the
last voucher signed with it has lapsed. Private keys stand sealed in the database and are
opened for the length of one unit of work.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Row, insert, select

from gutschein.db.locks import lock
from gutschein.db.unit_of_work import Work
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId
from gutschein.signing import repository
from gutschein.signing.key_contexts import code_key_context, signing_key_context
from gutschein.signing.key_trust import is_trusted
from gutschein.signing.keyset import KID_BYTES, PublicKey
from gutschein.signing.models import code_key
from gutschein.signing.sealing import KEY_BYTES, CodeKeys, DataKey, KeyEncryptionKey

#: How long a key signs, and how much longer than that it verifies: vouchers usually run to
#: the end of the third year after the sale (paragraphs 195, 199 BGB), but a programme may
#: give them up to thirty years.
SIGNING_TIME = timedelta(days=365)
VERIFYING_TIME = timedelta(days=366 * 31)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key, opened."""

    kid: bytes
    private_key: Ed25519PrivateKey = field(repr=False)


async def create_town_keys(
    work: Work, data_key: DataKey, kek: KeyEncryptionKey, now: datetime
) -> None:
    """Give a new town its keys: to sign, to look codes up, to seal them, to seal its data.

    :param data_key: of the town, which has sealed the town's own row already.
    """
    town_id = data_key.town_id
    keys = {purpose: secrets.token_bytes(KEY_BYTES) for purpose in ("lookup", "seal")}
    for purpose, key in (keys | {"data": data_key.key}).items():
        await work.execute(
            insert(code_key).values(
                town_id=town_id,
                purpose=purpose,
                sealed_key=kek.seal(key, code_key_context(town_id, purpose)),
                kek_id=kek.id,
                created_at=now,
            )
        )
    await renew_signing_key(work, town_id, kek, now)


async def renew_signing_key(
    work: Work, town_id: TownId, kek: KeyEncryptionKey, now: datetime
) -> PublicKey:
    """Make a new signing key; the ones before it sign no more and go on verifying.

    Where the region has a master key, the ones before go on signing until the new key is
    endorsed, so that the town can issue vouchers all the while. Of two renewals at the same
    moment one is after the other, and ends its key too.
    """
    await lock(work, town_id, "keys")
    before = await repository.signing_keys(work, town_id=town_id)
    replaced = [row.kid for row in before if row.master_public_key is None]
    await repository.end_signing(work, town_id, replaced, now)
    not_before = now.replace(microsecond=0)
    private_key = Ed25519PrivateKey.generate()
    public = private_key.public_key().public_bytes_raw()
    kid = hashlib.sha256(public).digest()[:KID_BYTES]
    not_after = not_before + SIGNING_TIME + VERIFYING_TIME
    await repository.insert_signing_key(
        work,
        {
            "town_id": town_id,
            "kid": kid,
            "public_key": public,
            "sealed_private_key": kek.seal(
                private_key.private_bytes_raw(), signing_key_context(town_id, kid)
            ),
            "kek_id": kek.id,
            "not_before": not_before,
            "sign_until": not_before + SIGNING_TIME,
            "not_after": not_after,
            "created_at": now,
        },
    )
    return PublicKey(kid, public, not_before, not_after, town_id)


async def signing_key_for(
    work: Work, town_id: TownId, kek: KeyEncryptionKey, *, now: datetime, needed_until: datetime
) -> SigningKey:
    """Open the key to sign with now, one that verifies at least until *needed_until*.

    :raises Refusal: ``key.none``, ``key.not_endorsed``, ``key.sealed``.
    """
    usable = [
        row
        for row in await repository.signing_keys(work, town_id=town_id)
        if row.not_before <= now < row.sign_until
        and needed_until <= row.not_after
        and row.revoked_at is None
    ]
    if not usable:
        raise Refusal("key.none")
    trusted = [row for row in usable if is_trusted(row)]
    if not trusted:
        raise Refusal("key.not_endorsed")
    return _opened(max(trusted, key=lambda row: (row.not_before, row.sign_until)), kek)


async def signing_keys(
    work: Work, town_id: TownId, kek: KeyEncryptionKey, kids: Collection[bytes]
) -> dict[bytes, SigningKey]:
    """Open the keys that vouchers to be printed again were signed with, by ``kid``.

    :raises Refusal: ``key.revoked``, ``key.not_endorsed``, ``key.sealed``.
    """
    rows = [r for r in await repository.signing_keys(work, town_id=town_id) if r.kid in kids]
    for row in rows:
        if row.revoked_at is not None:
            raise Refusal("key.revoked", kid=row.kid.hex())
        if not is_trusted(row):
            raise Refusal("key.not_endorsed")
    return {row.kid: _opened(row, kek) for row in rows}


async def code_keys(
    work: Work, town_ids: Sequence[TownId], kek: KeyEncryptionKey
) -> dict[TownId, CodeKeys]:
    """Open the code keys of those of the towns that have them.

    :raises Refusal: ``key.sealed``.
    """
    rows = await work.execute(
        select(code_key).where(
            code_key.c.town_id.in_(town_ids), code_key.c.purpose.in_(("lookup", "seal"))
        )
    )
    opened = {(row.town_id, row.purpose): _opened_code_key(row, kek) for row in rows}
    return {
        town_id: CodeKeys(town_id, opened[town_id, "lookup"], opened[town_id, "seal"])
        for town_id in town_ids
        if {(town_id, "lookup"), (town_id, "seal")} <= opened.keys()
    }


async def code_keys_of(work: Work, town_id: TownId, kek: KeyEncryptionKey) -> CodeKeys:
    """Open the code keys of one town.

    :raises Refusal: ``key.none``, ``key.sealed``.
    """
    opened = await code_keys(work, [town_id], kek)
    if town_id not in opened:
        raise Refusal("key.none")
    return opened[town_id]


def _opened(row: Row[tuple[object, ...]], kek: KeyEncryptionKey) -> SigningKey:
    raw = kek.unseal(row.sealed_private_key, signing_key_context(row.town_id, row.kid), row.kek_id)
    return SigningKey(row.kid, Ed25519PrivateKey.from_private_bytes(raw))


def _opened_code_key(row: Row[tuple[object, ...]], kek: KeyEncryptionKey) -> bytes:
    return kek.unseal(row.sealed_key, code_key_context(row.town_id, row.purpose), row.kek_id)
