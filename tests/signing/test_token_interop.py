"""An outside COSE library (pycose) reads our tokens, and we read its.

It knows COSE and nothing of our profile: it finds forgeries and foreign algorithms, and
lets extra fields pass. pycose 1.1 does not expect the tuples of cbor2 6 in its ``decode``
(https://github.com/TimothyClaeys/pycose/issues/141), so the outer array is handed over as
the list it wants; headers, Sig_structure and signature are its own work.
"""

from __future__ import annotations

import base64
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pycose.algorithms import EdDSA
from pycose.exceptions import CoseException
from pycose.headers import KID, Algorithm
from pycose.keys import OKPKey
from pycose.messages import Sign1Message

from gutschein.kernel.ids import TownId
from gutschein.signing.keyset import KeySet, PublicKey
from gutschein.signing.token import TokenClaims, expires_at_for, sign_token, verify_token

#: Unreadable tokens that pycose refuses too, by the beginning of their case's name.
COSE_MATTER = (
    *("altered", "truncated", "signature of", "a detached payload", "a fifth", "a missing"),
    *("algorithm ES256", "algorithm HS256", "algorithm Ed25519 by", "algorithm EdDSA and no"),
    *("algorithm 0", "algorithm null", "no algorithm", "no tag", "tag of"),
)
#: Unreadable tokens that are good COSE, rightly signed: only our profile forbids them.
PROFILE_MATTER = (
    *("extra: content type", "extra: crit", "extra: iat", "extra: a named", "the expiry twice"),
    *("expiry", "value", "code of", "code as", "no expiry", "no code", "no value", "no claims"),
    *("algorithm not protected", "key not protected", "nothing protected", "oversized: 1"),
    *("order:", "longer form of", "indefinite claims", "indefinite array", "a byte too many"),
)


def pycose_accepts(token: bytes, keys: KeySet) -> bool:
    """Tell whether pycose verifies *token* with one of the keys that it names."""
    try:
        decoded = cbor2.loads(token)
        if decoded.tag != Sign1Message.cbor_tag:
            return False
        protected, unprotected, payload, signature = decoded.value
        message = Sign1Message.from_cose_obj(
            [protected, dict(unprotected), payload, signature], allow_unknown_attributes=True
        )
        for key in keys.find(message.get_attr(KID)):
            message.key = OKPKey(crv="ED25519", x=key.public, optional_params={})
            if message.verify_signature():
                return True
    except (cbor2.CBORDecodeError, CoseException, AttributeError, TypeError, ValueError):
        return False  # pycose and cbor2 have no one way to say that a message is none
    return False


def token_bytes(case: dict[str, Any]) -> bytes:
    text = case["token"].upper()
    return base64.b32decode(text + "=" * (-len(text) % 8))


def test_pycose_verifies_every_genuine_token(
    token_case: dict[str, Any], vector_keys: KeySet
) -> None:
    if token_case["expect"] in ("ok", "token.key_not_yet", "token.key_expired", "voucher.expired"):
        assert pycose_accepts(token_bytes(token_case), vector_keys)  # time is no matter of COSE


def test_pycose_refuses_what_is_no_good_cose(
    token_case: dict[str, Any], vector_keys: KeySet
) -> None:
    if token_case["expect"] in ("token.signature", "token.key_unknown") or (
        token_case["expect"] == "token.unreadable" and token_case["name"].startswith(COSE_MATTER)
    ):
        assert not pycose_accepts(token_bytes(token_case), vector_keys)


def test_what_only_our_profile_forbids_is_rightly_signed(
    token_case: dict[str, Any], vector_keys: KeySet
) -> None:
    if token_case["expect"] == "token.unreadable" and token_case["name"].startswith(PROFILE_MATTER):
        assert pycose_accepts(token_bytes(token_case), vector_keys)


SECRET = bytes(range(32))
PRIVATE = Ed25519PrivateKey.from_private_bytes(SECRET)
PUBLIC = PRIVATE.public_key().public_bytes_raw()
KEY = PublicKey(
    kid=b"\x01\x02\x03\x04",
    public=PUBLIC,
    not_before=datetime(2026, 1, 1, tzinfo=UTC),
    not_after=datetime(2031, 1, 1, tzinfo=UTC),
    town_id=TownId(UUID(int=1)),
)


@pytest.mark.parametrize("face_value_cents", [1, 5_000, 25_000, 100_000])
def test_we_verify_what_pycose_signs(face_value_cents: int) -> None:
    claims = TokenClaims(bytes(range(10)), face_value_cents, expires_at_for(date(2029, 12, 31)))
    message = Sign1Message(
        phdr={Algorithm: EdDSA, KID: KEY.kid},
        payload=cbor2.dumps({4: claims.expires_at, 7: claims.code, -70001: face_value_cents}),
    )
    message.key = OKPKey(crv="ED25519", x=PUBLIC, d=SECRET)
    token = message.encode()
    verified = verify_token(token, KeySet([KEY]), datetime(2027, 1, 1, tzinfo=UTC))
    assert verified.claims == claims
    assert token == sign_token(claims, KEY.kid, PRIVATE)
