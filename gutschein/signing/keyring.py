"""The towns' keys: made, rotated and opened for use.

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
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Row, insert, select, text, update

from gutschein.db.unit_of_work import Work
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId
from gutschein.signing.keyset import KID_BYTES, KeySet, PublicKey
from gutschein.signing.models import code_key, signing_key
from gutschein.signing.sealing import KEY_BYTES, CodeKeys, KeyEncryptionKey

#: How long a key signs, and how much longer than that it verifies: vouchers usually run to
#: the end of the third year after the sale (paragraphs 195, 199 BGB), but a programme may
#: give them up to thirty years.
SIGNING_TIME = timedelta(days=365)
VERIFYING_TIME = timedelta(days=366 * 31)

#: Up to when a key that is replaced signs: at once, but its window is never empty.
_NO_LONGER = text("greatest(CAST(:now AS timestamptz), not_before + interval '1 second')")

_WINDOW = ("kid", "town_id", "not_before", "sign_until", "not_after")


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key, opened."""

    kid: bytes
    private_key: Ed25519PrivateKey = field(repr=False)


async def create_town_keys(
    work: Work, town_id: TownId, kek: KeyEncryptionKey, now: datetime
) -> None:
    """Give a new town its keys: one to sign, one to look codes up, one to seal them."""
    for purpose in ("lookup", "seal"):
        await work.execute(
            insert(code_key).values(
                town_id=town_id,
                purpose=purpose,
                sealed_key=kek.seal(
                    secrets.token_bytes(KEY_BYTES), _code_key_context(town_id, purpose)
                ),
                kek_id=kek.id,
                created_at=now,
            )
        )
    await rotate_signing_key(work, town_id, kek, now)


async def rotate_signing_key(
    work: Work, town_id: TownId, kek: KeyEncryptionKey, now: datetime
) -> PublicKey:
    """Make a new signing key; the ones before it sign no more and go on verifying."""
    not_before = now.replace(microsecond=0)
    await work.execute(
        update(signing_key)
        .where(signing_key.c.town_id == town_id, signing_key.c.sign_until > now)
        .values(sign_until=_NO_LONGER.bindparams(now=now))
    )
    private_key = Ed25519PrivateKey.generate()
    public = private_key.public_key().public_bytes_raw()
    kid = hashlib.sha256(public).digest()[:KID_BYTES]
    await work.execute(
        insert(signing_key).values(
            town_id=town_id,
            kid=kid,
            public_key=public,
            sealed_private_key=kek.seal(
                private_key.private_bytes_raw(), _signing_key_context(town_id, kid)
            ),
            kek_id=kek.id,
            not_before=not_before,
            sign_until=not_before + SIGNING_TIME,
            not_after=not_before + SIGNING_TIME + VERIFYING_TIME,
            created_at=now,
        )
    )
    return PublicKey(kid, public, not_before, not_before + SIGNING_TIME + VERIFYING_TIME, town_id)


async def signing_key_for(
    work: Work, town_id: TownId, kek: KeyEncryptionKey, *, now: datetime, needed_until: datetime
) -> SigningKey:
    """Open the key to sign with now, one that verifies at least until *needed_until*.

    :raises Refusal: ``key.none``, ``key.sealed``.
    """
    row = (
        await work.execute(
            select(signing_key)
            .where(
                signing_key.c.town_id == town_id,
                signing_key.c.not_before <= now,
                signing_key.c.sign_until > now,
                signing_key.c.not_after >= needed_until,
            )
            .order_by(signing_key.c.not_before.desc(), signing_key.c.sign_until.desc())
            .limit(1)
        )
    ).one_or_none()
    if row is None:
        raise Refusal("key.none")
    return _opened(row, kek)


async def signing_keys(
    work: Work, town_id: TownId, kek: KeyEncryptionKey, kids: Collection[bytes]
) -> dict[bytes, SigningKey]:
    """Open the keys that vouchers to be printed again were signed with, by ``kid``.

    :raises Refusal: ``key.sealed``.
    """
    rows = await work.execute(
        select(signing_key).where(signing_key.c.town_id == town_id, signing_key.c.kid.in_(kids))
    )
    return {row.kid: _opened(row, kek) for row in rows}


async def code_keys(
    work: Work, town_ids: Sequence[TownId], kek: KeyEncryptionKey
) -> dict[TownId, CodeKeys]:
    """Open the code keys of those of the towns that have them.

    :raises Refusal: ``key.sealed``.
    """
    rows = await work.execute(select(code_key).where(code_key.c.town_id.in_(town_ids)))
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


async def published_keys(work: Work, *, kid: bytes | None = None) -> KeySet:
    """Return the public keys of all towns, or those that go by *kid*."""
    query = select(signing_key).order_by(
        signing_key.c.town_id, signing_key.c.not_before, signing_key.c.kid
    )
    if kid is not None:
        query = query.where(signing_key.c.kid == kid)
    return KeySet(
        PublicKey(row.kid, row.public_key, row.not_before, row.not_after, TownId(row.town_id))
        for row in await work.execute(query)
    )


async def key_windows(work: Work) -> Sequence[Row[Any]]:
    """Return ``kid``, ``town_id`` and the window of all signing keys, by town and age."""
    columns = (signing_key.c[name] for name in _WINDOW)
    order = (signing_key.c.town_id, signing_key.c.not_before)
    return (await work.execute(select(*columns).order_by(*order))).all()


def _opened(row: Row[tuple[object, ...]], kek: KeyEncryptionKey) -> SigningKey:
    raw = kek.unseal(row.sealed_private_key, _signing_key_context(row.town_id, row.kid), row.kek_id)
    return SigningKey(row.kid, Ed25519PrivateKey.from_private_bytes(raw))


def _opened_code_key(row: Row[tuple[object, ...]], kek: KeyEncryptionKey) -> bytes:
    return kek.unseal(row.sealed_key, _code_key_context(row.town_id, row.purpose), row.kek_id)


def _signing_key_context(town_id: TownId, kid: bytes) -> bytes:
    return b"signing" + town_id.bytes + kid


def _code_key_context(town_id: TownId, purpose: str) -> bytes:
    return purpose.encode() + town_id.bytes
