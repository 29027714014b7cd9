"""Keys and building blocks of the token test vectors."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gutschein.signing.token import TokenClaims, expires_at_for, sign_token

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
NEW_YEAR_2030 = expires_at_for(date(2029, 12, 31))
GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493  # of Ed25519, RFC 8032 5.1


def seed(words: str) -> bytes:
    return hashlib.sha256(f"gutschein test vector: {words}".encode()).digest()


def draw_code(words: str) -> bytes:
    """Derive a code as ``new_code`` would draw one: one whose check can be typed."""
    tries = (seed(f"code {words} {number}")[:10] for number in range(100))
    return next(code for code in tries if int.from_bytes(code) % 37 < 32)


class Key:
    """A test key and its window."""

    def __init__(self, name: str, kid: str, not_before: datetime, not_after: datetime) -> None:
        self.private = Ed25519PrivateKey.from_private_bytes(seed(f"key {name}"))
        self.public = self.private.public_key().public_bytes_raw()
        self.kid = bytes.fromhex(kid)
        self.town_id = UUID(bytes=seed(f"town {name}")[:16], version=4)
        self.not_before, self.not_after = not_before, not_after

    def as_json(self) -> dict[str, str]:
        return {
            "kid": self.kid.hex(),
            "public": self.public.hex(),
            "not_before": iso(self.not_before),
            "not_after": iso(self.not_after),
            "town_id": str(self.town_id),
        }


TOWN = Key("town", "a1b2c3d4", datetime(2026, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC))
NEIGHBOUR = Key("neighbour", "0badcafe", TOWN.not_before, TOWN.not_after)
OLD = Key("old", "00000001", datetime(2020, 1, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC))
NEXT = Key("next", "ffffffff", datetime(2028, 1, 1, tzinfo=UTC), datetime(2033, 1, 1, tzinfo=UTC))
TWIN_A = Key("twin a", "77777777", TOWN.not_before, TOWN.not_after)
TWIN_B = Key("twin b", "77777777", TOWN.not_before, TOWN.not_after)
STRANGER = Key("stranger", "deadbeef", TOWN.not_before, TOWN.not_after)  # not in the set
KEYS = [TOWN, NEIGHBOUR, OLD, NEXT, TWIN_A, TWIN_B]

FIFTY = TokenClaims(draw_code("fifty"), 5_000, NEW_YEAR_2030)
PROTECTED = cbor2.dumps({1: -8, 4: TOWN.kid})
PAYLOAD = cbor2.dumps({4: FIFTY.expires_at, 7: FIFTY.code, -70001: FIFTY.face_value_cents})
GENUINE = sign_token(FIFTY, TOWN.kid, TOWN.private)
SIGNATURE = GENUINE[-64:]


def iso(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"


def sign_parts(
    protected: bytes,
    payload: bytes,
    key: Key = TOWN,
    context: str = "Signature1",
    external: bytes = b"",
) -> bytes:
    return key.private.sign(cbor2.dumps([context, protected, external, payload]))


def cose(
    protected: bytes = PROTECTED,
    payload: bytes = PAYLOAD,
    signature: bytes | None = None,
    unprotected: dict[int, Any] | None = None,
    tag: int = 18,
) -> bytes:
    """Compose a COSE_Sign1 from given parts, signed correctly unless told otherwise."""
    if signature is None:
        signature = sign_parts(protected, payload)
    return cbor2.dumps(cbor2.CBORTag(tag, [protected, unprotected or {}, payload, signature]))


def encode_claims(**changes: Any) -> bytes:
    """Encode the usual claims with some changed (``exp``, ``code``, ``value``) or left out."""
    values = {"exp": FIFTY.expires_at, "code": FIFTY.code, "value": FIFTY.face_value_cents}
    values |= changes
    labels = {"exp": 4, "code": 7, "value": -70001}
    return cbor2.dumps({labels[name]: v for name, v in values.items() if v is not None})
