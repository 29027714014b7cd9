"""The two forms in which public keys are published.

A COSE_KeySet (RFC 9052 section 7) for tills that speak CBOR anyway, and a JWK Set
(RFC 7517 with the OKP keys of RFC 8037) for everybody else. Both say the same.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import cbor2

from gutschein.kernel.ids import RegionId, TownId
from gutschein.signing.keyset import PUBLIC_BYTES, KeySet, PublicKey

# COSE key parameters, RFC 9052 section 7.1 and RFC 9053 section 7.2
_KTY, _KID, _ALG, _KEY_OPS, _CRV, _X = 1, 2, 3, 4, -1, -2
_OKP, _EDDSA, _VERIFY, _ED25519 = 1, -8, 2, 6
# our own, in the range RFC 9052 section 11.2 leaves to private use
_NBF, _EXP, _TOWN, _REGION, _ENDORSEMENT = -70002, -70003, -70004, -70005, -70006


_Master = tuple[RegionId, bytes]


def to_cose_key_set(keys: KeySet) -> bytes:
    """Write a COSE_KeySet: a CBOR array of COSE_Key maps, deterministically encoded.

    An endorsed key names its region; the master keys of the regions follow the towns'.
    """
    entries = [cose_key(key) | _endorsed_in_cose(key) for key in keys]
    masters = [_cose_master(*master) for master in keys.masters.items()]
    return cbor2.dumps([*entries, *masters])


def cose_key(key: PublicKey) -> dict[int, Any]:
    """Return a town's key as a COSE_Key, in the order of the encoded labels."""
    return {
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


def _endorsed_in_cose(key: PublicKey) -> dict[int, Any]:
    if key.region_id is None or key.endorsement is None:
        return {}
    return {_REGION: key.region_id.bytes, _ENDORSEMENT: key.endorsement}


def _cose_master(region_id: RegionId, public: bytes) -> dict[int, Any]:
    kind = {_KTY: _OKP, _ALG: _EDDSA, _KEY_OPS: [_VERIFY], _CRV: _ED25519}
    return {**kind, _X: public, _REGION: region_id.bytes}


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


def to_jwk_set(keys: KeySet) -> dict[str, list[dict[str, Any]]]:
    """Write a JWK Set, ready for JSON.

    ``kid`` is in lower-case hexadecimal, as in a dump of the token; ``x`` is base64url
    (RFC 8037). The window is in ``nbf`` and ``exp`` (NumericDate) and the town's id in
    ``town``; an endorsed key has its ``region`` and the ``endorsement``, a master key its
    ``region`` alone: members of ours, which RFC 7517 section 4 lets others ignore.
    """
    masters = (
        {**_jwk_of(public), "region": str(region_id)} for region_id, public in keys.masters.items()
    )
    return {"keys": [*map(_jwk, keys), *masters]}


def _jwk(key: PublicKey) -> dict[str, Any]:
    entry = {
        **_jwk_of(key.public),
        "kid": key.kid.hex(),
        "nbf": int(key.not_before.timestamp()),
        "exp": int(key.not_after.timestamp()),
        "town": str(key.town_id),
    }
    if key.region_id is not None and key.endorsement is not None:
        entry |= {"region": str(key.region_id), "endorsement": _base64url(key.endorsement)}
    return entry


def _jwk_of(public: bytes) -> dict[str, Any]:
    kind = {"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig"}
    return {**kind, "x": _base64url(public)}


def from_jwk_set(document: Mapping[str, object]) -> KeySet:
    """Read a JWK Set. A key that is malformed or of another kind is passed over and the
    others are read (RFC 7517 section 5).

    :raises ValueError: when it has no array of keys.
    """
    return _key_set(document.get("keys"), _from_jwk)


def _key_set(entries: object, read: Callable[[Any], PublicKey | _Master]) -> KeySet:
    if not isinstance(entries, list):
        raise ValueError("a key set is an array of keys")  # noqa: TRY004 - it is input
    found = [_usable(entry, read) for entry in entries]
    return KeySet(
        (key for key in found if isinstance(key, PublicKey)),
        dict(master for master in found if isinstance(master, tuple)),
    )


def _usable(
    entry: object, read: Callable[[Any], PublicKey | _Master]
) -> PublicKey | _Master | None:
    try:
        return read(entry)
    except (AttributeError, LookupError, OSError, OverflowError, TypeError, ValueError):
        return None


def _from_cose_key(entry: dict[int, Any]) -> PublicKey | _Master:
    if (entry[_KTY], entry[_CRV], entry.get(_ALG, _EDDSA)) != (_OKP, _ED25519, _EDDSA):
        raise ValueError("a key of another kind")
    region = RegionId(UUID(bytes=entry[_REGION])) if _REGION in entry else None
    if _TOWN not in entry:
        return _master(region, entry[_X])
    return PublicKey(
        kid=entry[_KID],
        public=entry[_X],
        not_before=datetime.fromtimestamp(entry[_NBF], UTC),
        not_after=datetime.fromtimestamp(entry[_EXP], UTC),
        town_id=TownId(UUID(bytes=entry[_TOWN])),
        region_id=region,
        endorsement=_as_bytes(entry.get(_ENDORSEMENT)),
    )


def _from_jwk(entry: dict[str, Any]) -> PublicKey | _Master:
    if (entry["kty"], entry["crv"], entry.get("alg", "EdDSA")) != ("OKP", "Ed25519", "EdDSA"):
        raise ValueError("a key of another kind")
    region = RegionId(UUID(entry["region"])) if "region" in entry else None
    if "town" not in entry:
        return _master(region, _from_base64url(entry["x"]))
    return PublicKey(
        kid=bytes.fromhex(entry["kid"]),
        public=_from_base64url(entry["x"]),
        not_before=datetime.fromtimestamp(entry["nbf"], UTC),
        not_after=datetime.fromtimestamp(entry["exp"], UTC),
        town_id=TownId(UUID(entry["town"])),
        region_id=region,
        endorsement=_from_base64url(entry["endorsement"]) if "endorsement" in entry else None,
    )


def _master(region_id: RegionId | None, public: object) -> _Master:
    if region_id is None or not isinstance(public, bytes) or len(public) != PUBLIC_BYTES:
        raise ValueError("a master key has a region and 32 bytes")
    return region_id, public


def _as_bytes(value: object) -> bytes | None:
    if not isinstance(value, bytes | None):
        raise TypeError("an endorsement is a byte string")
    return value


def _base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode("ascii").rstrip("=")


def _from_base64url(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
