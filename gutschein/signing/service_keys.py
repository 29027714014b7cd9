"""Keys of the whole installation: for persons, devices and mail, which belong to no town.

They stand sealed in the database and are opened once, when the service starts. Each has
one purpose, and either seals or hashes.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Literal, get_args

from gutschein.db.unit_of_work import Work
from gutschein.kernel.errors import Refusal
from gutschein.signing import repository
from gutschein.signing.key_contexts import service_key_context
from gutschein.signing.sealing import KEY_BYTES, KeyEncryptionKey, seal, unseal

SealingPurpose = Literal["contact", "mail"]
HashingPurpose = Literal["lookup", "pepper"]

PURPOSES: frozenset[str] = frozenset((*get_args(SealingPurpose), *get_args(HashingPurpose)))


class ServiceKeys:
    """The opened keys. Its repr shows none of them."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._keys = dict(keys)

    def seal(self, purpose: SealingPurpose, secret: bytes, context: bytes) -> bytes:
        """Seal personal data or a mail, 28 bytes longer than the secret.

        :param context: where it will stand, by :func:`gutschein.signing.sealing.place`.
        """
        return seal(self._keys[purpose], secret, context)

    def unseal(self, purpose: SealingPurpose, sealed: bytes, context: bytes) -> bytes:
        """Open what :meth:`seal` made.

        :raises BrokenSeal: when it was made for another place or purpose, or altered.
        """
        return unseal(self._keys[purpose], sealed, context)

    def hmac(self, purpose: HashingPurpose, message: bytes) -> bytes:
        """Return HMAC-SHA256 (RFC 2104), 32 bytes: to find a thing again, or as pepper."""
        return hmac.digest(self._keys[purpose], message, "sha256")

    def __repr__(self) -> str:
        return "ServiceKeys(***)"


async def make_service_keys(work: Work, kek: KeyEncryptionKey, now: datetime) -> None:
    """Make the keys that are missing: all at the first start, none later.

    Of several processes that start at once the first one's are kept.
    """
    missing = PURPOSES - {row.purpose for row in await repository.service_keys(work)}
    if missing:
        sealed = {
            purpose: kek.seal(secrets.token_bytes(KEY_BYTES), service_key_context(purpose))
            for purpose in missing
        }
        await repository.insert_service_keys(work, sealed, kek.id, now)


async def load_service_keys(work: Work, kek: KeyEncryptionKey) -> ServiceKeys:
    """Open the keys of the installation.

    :raises Refusal: ``key.sealed``; ``key.missing`` before anything was made.
    """
    keys = {
        row.purpose: kek.unseal(row.sealed_key, service_key_context(row.purpose), row.kek_id)
        for row in await repository.service_keys(work)
    }
    if PURPOSES - keys.keys():
        raise Refusal("key.missing")
    return ServiceKeys(keys)
