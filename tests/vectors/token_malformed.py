"""Tokens that are none: most signed correctly over their own bytes, and wrong in one way."""

from __future__ import annotations

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from token_parts import (
    FIFTY,
    GENUINE,
    NEW_YEAR_2030,
    PAYLOAD,
    PROTECTED,
    SIGNATURE,
    TOWN,
    cose,
    encode_claims,
    seed,
)

from gutschein.signing.token import TokenClaims, sign_token


def malformed_tokens() -> dict[str, bytes]:
    """Return every malformed token under the name of its case."""
    return _algorithms() | _fields() | _encodings() | _sizes()


def _es256() -> bytes:
    """Sign as ES256 would (RFC 9053 section 2.1), with 64 bytes like Ed25519."""
    protected = cbor2.dumps({1: -7, 4: TOWN.kid})
    private = ec.derive_private_key(int.from_bytes(seed("P-256")), ec.SECP256R1())
    encoded = private.sign(
        cbor2.dumps(["Signature1", protected, b"", PAYLOAD]),
        ec.ECDSA(hashes.SHA256(), deterministic_signing=True),
    )
    r, s = utils.decode_dss_signature(encoded)
    return cose(protected, signature=r.to_bytes(32) + s.to_bytes(32))


def _algorithms() -> dict[str, bytes]:
    def with_algorithm(algorithm: object) -> bytes:
        return cose(cbor2.dumps({1: algorithm, 4: TOWN.kid}))

    return {
        "algorithm ES256": _es256(),
        "algorithm Ed25519 by its newer number -19": with_algorithm(-19),
        "algorithm by name": with_algorithm("EdDSA"),
        "algorithm 0, reserved": with_algorithm(0),
        "algorithm null": with_algorithm(None),
        "algorithm HS256": with_algorithm(5),
        "no algorithm": cose(cbor2.dumps({4: TOWN.kid})),
        "no algorithm and no signature": cose(cbor2.dumps({4: TOWN.kid}), signature=b""),
        "algorithm EdDSA and no signature": cose(signature=b""),
        "algorithm not protected": cose(cbor2.dumps({4: TOWN.kid}), unprotected={1: -8}),
        "key not protected": cose(cbor2.dumps({1: -8}), unprotected={4: TOWN.kid}),
        "nothing protected": cose(b"", unprotected={1: -8, 4: TOWN.kid}),
    }


def _fields() -> dict[str, bytes]:
    kid = TOWN.kid
    return {
        "extra: content type in the protected header": cose(cbor2.dumps({1: -8, 3: 60, 4: kid})),
        "extra: crit in the protected header": cose(cbor2.dumps({1: -8, 2: [4], 4: kid})),
        "extra: the key again in the unprotected header": cose(unprotected={4: kid}),
        "extra: iat in the payload": cose(payload=cbor2.dumps(cbor2.loads(PAYLOAD) | {6: 1})),
        "extra: a named claim in the payload": cose(
            payload=cbor2.dumps(cbor2.loads(PAYLOAD) | {"x": 1})
        ),
        "the expiry twice": cose(payload=b"\xa4\x04\x1a\xff\xff\xff\xff" + PAYLOAD[1:]),
        "a fifth element": cbor2.dumps(cbor2.CBORTag(18, [PROTECTED, {}, PAYLOAD, SIGNATURE, b""])),
        "a missing element": cbor2.dumps(cbor2.CBORTag(18, [PROTECTED, {}, PAYLOAD])),
        "a detached payload": cbor2.dumps(cbor2.CBORTag(18, [PROTECTED, {}, None, SIGNATURE])),
        "no expiry": cose(payload=encode_claims(exp=None)),
        "no code": cose(payload=encode_claims(code=None)),
        "no value": cose(payload=encode_claims(value=None)),
        "no claims": cose(payload=cbor2.dumps({})),
        "claims in an array": cose(payload=cbor2.dumps([4, 7, -70001])),
        "kid of 3 bytes": cose(cbor2.dumps({1: -8, 4: kid[:3]})),
        "kid of 5 bytes": cose(cbor2.dumps({1: -8, 4: kid + b"\x00"})),
        "kid as text": cose(cbor2.dumps({1: -8, 4: "a1b2"})),
        "code of 9 bytes": cose(payload=encode_claims(code=FIFTY.code[:9])),
        "code of 11 bytes": cose(payload=encode_claims(code=FIFTY.code + b"\x00")),
        "code as text": cose(payload=encode_claims(code="0123456789")),
        "expiry 0": cose(payload=encode_claims(exp=0)),
        "expiry below four bytes": cose(payload=encode_claims(exp=2**16 - 1)),
        "expiry beyond four bytes": cose(payload=encode_claims(exp=2**32)),
        "expiry negative": cose(payload=encode_claims(exp=-NEW_YEAR_2030)),
        "expiry as a float": cose(payload=encode_claims(exp=float(NEW_YEAR_2030))),
        "expiry tagged as a time": cose(payload=encode_claims(exp=cbor2.CBORTag(1, NEW_YEAR_2030))),
        "value 0": cose(payload=encode_claims(value=0)),
        "value negative": cose(payload=encode_claims(value=-5_000)),
        "value as a float": cose(payload=encode_claims(value=50.0)),
        "value true": cose(payload=encode_claims(value=True)),
        "value as text": cose(payload=encode_claims(value="5000")),
        "value as a big number": cose(payload=PAYLOAD[:-3] + bytes.fromhex("c2421388")),
        "value of 2^32": cose(payload=encode_claims(value=2**32)),
        "signature of 63 bytes": cose(signature=SIGNATURE[:63]),
        "signature of 65 bytes": cose(signature=SIGNATURE + b"\x00"),
    }


def _encodings() -> dict[str, bytes]:
    """The same facts in CBOR that is well-formed and not deterministic."""
    swapped = cbor2.dumps({7: FIFTY.code, 4: FIFTY.expires_at, -70001: FIFTY.face_value_cents})
    long_value = PAYLOAD[:-3] + bytes.fromhex("1a00001388")
    long_expiry = PAYLOAD[:2] + bytes.fromhex("1b00000000") + PAYLOAD[3:]
    endless = b"\xbf" + PAYLOAD[1:] + b"\xff"
    chunked = b"\x5f\x58\x20" + SIGNATURE[:32] + b"\x58\x20" + SIGNATURE[32:] + b"\xff"
    return {
        "order: code before expiry": cose(payload=swapped),
        "order: kid before algorithm": cose(cbor2.dumps({4: TOWN.kid, 1: -8})),
        "longer form of the value": cose(payload=long_value),
        "longer form of the expiry": cose(payload=long_expiry),
        "longer form of the algorithm": cose(PROTECTED[:2] + b"\x38\x07" + PROTECTED[3:]),
        "longer form of the tag": b"\xd8\x12" + GENUINE[1:],
        "longer form of a length": GENUINE[:13] + b"\x59\x00" + GENUINE[14:],
        "indefinite claims": cose(payload=endless),
        "indefinite array": GENUINE[:1] + b"\x9f" + GENUINE[2:] + b"\xff",
        "indefinite unprotected header": GENUINE[:12] + b"\xbf\xff" + GENUINE[13:],
        "signature in chunks": GENUINE[:-66] + chunked,
        "no tag": GENUINE[1:],
        "tag of COSE_Mac0": cose(tag=17),
        "tag of COSE_Sign": cose(tag=98),
        "tag of CWT around it": b"\xd8\x3d" + GENUINE,
        "its own tag twice": b"\xd2" + GENUINE,
    }


def _sizes() -> dict[str, bytes]:
    largest = TokenClaims(FIFTY.code, 2**32 - 1, FIFTY.expires_at)
    return {
        "truncated by one byte": GENUINE[:-1],
        "truncated before the signature": GENUINE[:-66],
        "truncated in the payload": GENUINE[:30],
        "truncated after the tag": GENUINE[:1],
        "truncated at the front": GENUINE[2:],
        "a byte too many": GENUINE + b"\x00",
        "oversized: 111 bytes": sign_token(largest, TOWN.kid, TOWN.private) + b"\x00",
        "oversized: 160 bytes": GENUINE.ljust(160, b"\x00"),
        "oversized: 1,000 bytes": GENUINE.ljust(1_000, b"\x00"),
        "oversized: 20-byte kid": cose(cbor2.dumps({1: -8, 4: TOWN.kid * 5})),
        "a byte string that claims 2^63 bytes": bytes.fromhex("d284495b7fffffffffffffff"),
        "an array that claims 2^63 elements": bytes.fromhex("d29b7fffffffffffffff"),
        "100 nested arrays": b"\x81" * 100 + b"\x80",
        "100 nested tags": b"\xd2" * 100 + b"\x80",
        "108 zeros": bytes(108),
    }
