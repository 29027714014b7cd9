"""Public keys of towns, and the two forms in which they are published.

A COSE_KeySet (RFC 9052 section 7) for tills that speak CBOR anyway, and a JWK Set
(RFC 7517 with the OKP keys of RFC 8037) for everybody else. Both say the same.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import Any
from uuid import UUID

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gutschein.kernel.ids import TownId

KID_BYTES = 4
PUBLIC_BYTES = 32

# COSE key parameters, RFC 9052 section 7.1 and RFC 9053 section 7.2
_KTY, _KID, _ALG, _KEY_OPS, _CRV, _X = 1, 2, 3, 4, -1, -2
_OKP, _EDDSA, _VERIFY, _ED25519 = 1, -8, 2, 6
# our own, in the range RFC 9052 section 11.2 leaves to private use
_NBF, _EXP, _TOWN = -70002, -70003, -70004


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A town's public key and the window in which its tokens are accepted.

    :param kid: 4 bytes, a hint at the key and no proof of anything.
    :param public: the 32 bytes of RFC 8032.
    :param not_before: the first instant of the window.
    :param not_after: the first instant after it. Both aware and in whole seconds, because
        they are published as NumericDate.
    :raises ValueError: when a length or the window is wrong.
    """

    kid: bytes
    public: bytes
    not_before: datetime
    not_after: datetime
    town_id: TownId

    def __post_init__(self) -> None:
        if not _are_bytes(self.kid, KID_BYTES) or not _are_bytes(self.public, PUBLIC_BYTES):
            raise ValueError("a kid has 4 bytes and a public key 32")
        for instant in (self.not_before, self.not_after):
            if instant.tzinfo is None or instant.microsecond:
                raise ValueError(f"not an instant in whole seconds: {instant}")
        if self.not_before >= self.not_after:
            raise ValueError("a key's window ends after it begins")

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Tell whether *signature* is this key's over *message* (Ed25519, RFC 8032)."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True


class KeySet:
    """The keys a till knows, found by ``kid``. Never changed; a new set replaces it."""

    def __init__(self, keys: Iterable[PublicKey]) -> None:
        self._by_kid: dict[bytes, tuple[PublicKey, ...]] = {}
        for key in keys:
            self._by_kid[key.kid] = (*self.find(key.kid), key)

    def find(self, kid: bytes) -> tuple[PublicKey, ...]:
        """Return the keys named *kid*: none, one, or, when two towns drew the same four
        bytes, all of them to be tried (RFC 9052 section 3.1 does not promise more).
        """
        return self._by_kid.get(kid, ())

    def __iter__(self) -> Iterator[PublicKey]:
        return chain.from_iterable(self._by_kid.values())

    def __len__(self) -> int:
        return sum(map(len, self._by_kid.values()))


def to_cose_key_set(keys: KeySet) -> bytes:
    """Write a COSE_KeySet: a CBOR array of COSE_Key maps, deterministically encoded."""
    return cbor2.dumps(
        [
            {  # in the order of the encoded labels
                _KTY: _OKP,
                _KID: key.kid,
                _ALG: _EDDSA,
                _KEY_OPS: [_VERIFY],
                _CRV: _ED25519,
                _X: key.public,
                _NBF: int(key.not_before.timestamp()),
                _EXP: int(key.not_after.timestamp()),
                _TOWN: key.town_id.bytes,
            }
            for key in keys
        ]
    )


def from_cose_key_set(encoded: bytes) -> KeySet:
    """Read a COSE_KeySet. A key that is malformed or of another kind is passed over and
    the others are read, as RFC 9052 section 7 demands.

    :raises ValueError: when it is no CBOR array.
    """
    try:
        entries = cbor2.loads(encoded)
    except cbor2.CBORDecodeError as error:
        raise ValueError(f"not a COSE_KeySet: {error}") from error
    return _key_set(entries, _from_cose_key)


def to_jwk_set(keys: KeySet) -> dict[str, list[dict[str, str | int]]]:
    """Write a JWK Set, ready for JSON.

    ``kid`` is in lower-case hexadecimal, as in a dump of the token; ``x`` is base64url
    (RFC 8037). The window is in ``nbf`` and ``exp`` (NumericDate) and the town's id in
    ``town``: members of ours, which RFC 7517 section 4 lets others ignore.
    """
    return {
        "keys": [
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "alg": "EdDSA",
                "use": "sig",
                "kid": key.kid.hex(),
                "x": base64.urlsafe_b64encode(key.public).decode("ascii").rstrip("="),
                "nbf": int(key.not_before.timestamp()),
                "exp": int(key.not_after.timestamp()),
                "town": str(key.town_id),
            }
            for key in keys
        ]
    }


def from_jwk_set(document: Mapping[str, object]) -> KeySet:
    """Read a JWK Set. A key that is malformed or of another kind is passed over and the
    others are read (RFC 7517 section 5).

    :raises ValueError: when it has no array of keys.
    """
    return _key_set(document.get("keys"), _from_jwk)


def _key_set(entries: object, read: Callable[[Any], PublicKey]) -> KeySet:
    if not isinstance(entries, list):
        raise ValueError("a key set is an array of keys")  # noqa: TRY004 - it is input
    found = (_usable(entry, read) for entry in entries)
    return KeySet(key for key in found if key is not None)


def _usable(entry: object, read: Callable[[Any], PublicKey]) -> PublicKey | None:
    try:
        return read(entry)
    except (AttributeError, LookupError, OSError, OverflowError, TypeError, ValueError):
        return None


def _from_cose_key(entry: dict[int, Any]) -> PublicKey:
    if (entry[_KTY], entry[_CRV], entry.get(_ALG, _EDDSA)) != (_OKP, _ED25519, _EDDSA):
        raise ValueError("a key of another kind")
    return PublicKey(
        kid=entry[_KID],
        public=entry[_X],
        not_before=datetime.fromtimestamp(entry[_NBF], UTC),
        not_after=datetime.fromtimestamp(entry[_EXP], UTC),
        town_id=TownId(UUID(bytes=entry[_TOWN])),
    )


def _from_jwk(entry: dict[str, Any]) -> PublicKey:
    if (entry["kty"], entry["crv"], entry.get("alg", "EdDSA")) != ("OKP", "Ed25519", "EdDSA"):
        raise ValueError("a key of another kind")
    return PublicKey(
        kid=bytes.fromhex(entry["kid"]),
        public=base64.b64decode(entry["x"] + "=", altchars=b"-_", validate=True),
        not_before=datetime.fromtimestamp(entry["nbf"], UTC),
        not_after=datetime.fromtimestamp(entry["exp"], UTC),
        town_id=TownId(UUID(entry["town"])),
    )


def _are_bytes(value: object, length: int) -> bool:
    return isinstance(value, bytes) and len(value) == length
