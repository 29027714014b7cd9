"""Seal secrets before they reach the database.

AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce. What a sealed text belongs to is
part of the seal: moved to another row, it does not open.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import cbor2
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId, VoucherId

KEY_BYTES = 32
_NONCE_BYTES = 12


class BrokenSeal(Exception):
    """A sealed text was altered, moved to another place, or sealed under another key."""


def seal(key: bytes, secret: bytes, context: bytes) -> bytes:
    """Seal *secret*: nonce, ciphertext and tag, 28 bytes longer than the secret."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, secret, context)


def unseal(key: bytes, sealed: bytes, context: bytes) -> bytes:
    """Open what :func:`seal` made with the same key and context.

    :raises BrokenSeal: when key or context differ, or the sealed text was altered.
    """
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context)
    except (InvalidTag, ValueError):
        raise BrokenSeal("a sealed text does not open here") from None


def place(table: str, column: str, *row: UUID | str | datetime) -> bytes:
    """Name a place in the database, as the context of what is sealed there.

    :param row: the primary key of the row, without the town where a town's key seals.
    """
    return cbor2.dumps([table, column, *map(_part, row)])


def _part(part: UUID | str | datetime) -> bytes | str:
    if isinstance(part, datetime):
        return part.astimezone(UTC).isoformat(timespec="microseconds")
    return part.bytes if isinstance(part, UUID) else part


class KeyEncryptionKey:
    """The key outside the database, and the ones it has taken the place of.

    It seals keys, never data. Its id is a fingerprint that stands beside everything it
    sealed, so that the service can say which key is missing.

    :param key: seals and opens, 32 bytes.
    :param previous: open what was sealed before, and seal nothing any more.
    """

    def __init__(self, key: bytes, previous: Iterable[bytes] = ()) -> None:
        self.id = _fingerprint(key)
        self._keys = {_fingerprint(each): each for each in previous} | {self.id: key}

    @property
    def ids(self) -> frozenset[str]:
        """The ids of all keys that open something, the current one among them."""
        return frozenset(self._keys)

    def __repr__(self) -> str:
        return f"KeyEncryptionKey({self.id})"

    def seal(self, secret: bytes, context: bytes) -> bytes:
        """Seal under the current key; :attr:`id` belongs beside it."""
        return seal(self._keys[self.id], secret, context)

    def unseal(self, sealed: bytes, context: bytes, kek_id: str) -> bytes:
        """Open a sealed key.

        :raises Refusal: ``key.sealed`` with the id of the key that sealed it.
        """
        key = self._keys.get(kek_id)
        if key is None:
            raise Refusal("key.sealed", kek_id=kek_id)
        try:
            return unseal(key, sealed, context)
        except BrokenSeal as error:
            raise Refusal("key.sealed", kek_id=kek_id) from error


def _fingerprint(key: bytes) -> str:
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key-encryption key has {KEY_BYTES} bytes, this has {len(key)}")
    return hashlib.sha256(b"gutschein key-encryption key" + key).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class CodeKeys:
    """The two keys that keep a town's redemption codes out of its database, and the codes
    that printed vouchers are activated with. Both kinds of code look the same; what is hashed
    or sealed as one is never found or opened as the other. So it is with vouchers' PINs.
    """

    town_id: TownId
    lookup_key: bytes = field(repr=False)
    seal_key: bytes = field(repr=False)

    def hashed(self, code: bytes) -> bytes:
        """Return the keyed hash a code is found by: HMAC-SHA256 (RFC 2104), 32 bytes."""
        return hmac.digest(self.lookup_key, code, "sha256")

    def sealed(self, voucher_id: VoucherId, code: bytes) -> bytes:
        return seal(self.seal_key, code, self._context(voucher_id))

    def unsealed(self, voucher_id: VoucherId, sealed_code: bytes) -> bytes:
        """Open a sealed code.

        :raises BrokenSeal: when it is not this voucher's.
        """
        return unseal(self.seal_key, sealed_code, self._context(voucher_id))

    def activation_hashed(self, code: bytes) -> bytes:
        """Return the keyed hash an activation code is found by, 32 bytes."""
        return hmac.digest(self.lookup_key, b"activation" + code, "sha256")

    def activation_sealed(self, voucher_id: VoucherId, code: bytes) -> bytes:
        return seal(self.seal_key, code, self._context(voucher_id, b"activation"))

    def activation_unsealed(self, voucher_id: VoucherId, sealed_code: bytes) -> bytes:
        """Open a sealed activation code.

        :raises BrokenSeal: when it is not this voucher's.
        """
        return unseal(self.seal_key, sealed_code, self._context(voucher_id, b"activation"))

    def pin_hashed(self, voucher_id: VoucherId, pin: str) -> bytes:
        """Return what a voucher's PIN is checked by, 32 bytes: another for each voucher, and
        worth nothing without the key, which alone keeps a million PINs from being tried.
        """
        return hmac.digest(self.lookup_key, b"pin" + voucher_id.bytes + pin.encode(), "sha256")

    def is_pin(self, voucher_id: VoucherId, pin: str, pin_hash: bytes) -> bool:
        """Tell whether it is the voucher's, in the same time for any."""
        return hmac.compare_digest(self.pin_hashed(voucher_id, pin), pin_hash)

    def pin_sealed(self, voucher_id: VoucherId, pin: str) -> bytes:
        return seal(self.seal_key, pin.encode(), self._context(voucher_id, b"pin"))

    def pin_unsealed(self, voucher_id: VoucherId, sealed_pin: bytes) -> str:
        """Open a sealed PIN, so that a reprint names the same.

        :raises BrokenSeal: when it is not this voucher's.
        """
        return unseal(self.seal_key, sealed_pin, self._context(voucher_id, b"pin")).decode()

    def _context(self, voucher_id: VoucherId, kind: bytes = b"code") -> bytes:
        return kind + self.town_id.bytes + voucher_id.bytes


@dataclass(frozen=True, slots=True)
class DataKey:
    """The key that keeps a town's bank and contact data out of its database."""

    town_id: TownId
    key: bytes = field(repr=False)

    @classmethod
    def new(cls, town_id: TownId) -> DataKey:
        return cls(town_id, secrets.token_bytes(KEY_BYTES))

    def seal(self, secret: str, context: bytes) -> bytes:
        """Seal a text for its place in this town.

        :param context: where it will stand, by :func:`place`.
        """
        return seal(self.key, secret.encode(), self._context(context))

    def unseal(self, sealed: bytes, context: bytes) -> str:
        """Open what :meth:`seal` made.

        :raises BrokenSeal: when it was made for another place or town, or altered.
        """
        return unseal(self.key, sealed, self._context(context)).decode()

    def _context(self, context: bytes) -> bytes:
        return b"data" + self.town_id.bytes + context
