"""Seal secrets before they reach the database.

AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce. What a sealed text belongs to is
part of the seal: moved to another row, it does not open.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId, VoucherId

KEY_BYTES = 32
_NONCE_BYTES = 12


def seal(key: bytes, secret: bytes, context: bytes) -> bytes:
    """Seal *secret*: nonce, ciphertext and tag, 28 bytes longer than the secret."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, secret, context)


def unseal(key: bytes, sealed: bytes, context: bytes) -> bytes:
    """Open what :func:`seal` made with the same key and context.

    :raises InvalidTag: when key or context differ, or the sealed text was altered.
    """
    return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context)


class KeyEncryptionKey:
    """The one key outside the database. It seals keys, never data.

    Its id is a fingerprint that stands beside everything it sealed, so that the service
    can say which key is missing.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"a key-encryption key has {KEY_BYTES} bytes, this has {len(key)}")
        self._key = key
        self.id = hashlib.sha256(b"gutschein key-encryption key" + key).hexdigest()[:16]

    def seal(self, secret: bytes, context: bytes) -> bytes:
        return seal(self._key, secret, context)

    def unseal(self, sealed: bytes, context: bytes, kek_id: str) -> bytes:
        """Open a sealed key.

        :raises Refusal: ``key.sealed`` with the id of the key that sealed it.
        """
        if kek_id != self.id:
            raise Refusal("key.sealed", kek_id=kek_id)
        try:
            return unseal(self._key, sealed, context)
        except InvalidTag as error:
            raise Refusal("key.sealed", kek_id=kek_id) from error


@dataclass(frozen=True, slots=True)
class CodeKeys:
    """The two keys that keep a town's redemption codes out of its database."""

    town_id: TownId
    lookup_key: bytes = field(repr=False)
    seal_key: bytes = field(repr=False)

    def hashed(self, code: bytes) -> bytes:
        """Return the keyed hash a code is found by: HMAC-SHA256 (RFC 2104), 32 bytes."""
        return hmac.digest(self.lookup_key, code, "sha256")

    def sealed(self, voucher_id: VoucherId, code: bytes) -> bytes:
        return seal(self.seal_key, code, self._context(voucher_id))

    def unsealed(self, voucher_id: VoucherId, sealed_code: bytes) -> bytes:
        return unseal(self.seal_key, sealed_code, self._context(voucher_id))

    def _context(self, voucher_id: VoucherId) -> bytes:
        return b"code" + self.town_id.bytes + voucher_id.bytes
