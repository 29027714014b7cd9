"""Public keys of devices, and what they have signed.

A key is kept as the bytes of its SubjectPublicKeyInfo (RFC 5280, section 4.1), as
``crypto.subtle.exportKey("spki", …)`` gives them. Signatures are those of RFC 9421,
section 3.3: of ECDSA the two numbers one after the other, 32 bytes each.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)
from nacl.bindings import crypto_sign_open
from nacl.exceptions import BadSignatureError

Algorithm = Literal["ecdsa-p256-sha256", "ed25519"]

_SIGNATURE_BYTES = 64
_KEYS_AT_HAND = 4096


def algorithm_of(spki: bytes) -> Algorithm | None:
    """Return what a key signs with; ``None`` when it is no key of ours, or not written in
    the one way that DER allows.
    """
    try:
        key = load_der_public_key(spki)
    except (ValueError, UnsupportedAlgorithm):
        return None
    if key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) != spki:
        return None
    if isinstance(key, Ed25519PublicKey):
        return "ed25519"
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return "ecdsa-p256-sha256"
    return None


def is_signed(spki: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether the holder of a key that :func:`algorithm_of` knows signed *message*."""
    if len(signature) != _SIGNATURE_BYTES:
        return False
    key = _opened(spki)
    try:
        if isinstance(key, bytes):
            crypto_sign_open(signature + message, key)
        else:
            half = _SIGNATURE_BYTES // 2
            r, s = int.from_bytes(signature[:half]), int.from_bytes(signature[half:])
            key.verify(encode_dss_signature(r, s), message, ECDSA(SHA256()))
    except (InvalidSignature, BadSignatureError):
        return False
    return True


@lru_cache(_KEYS_AT_HAND)
def _opened(spki: bytes) -> EllipticCurvePublicKey | bytes:
    """Read a key; one for Ed25519 as its 32 bytes, as libsodium takes it."""
    key = load_der_public_key(spki)
    if isinstance(key, Ed25519PublicKey):
        return key.public_bytes_raw()
    if isinstance(key, EllipticCurvePublicKey):
        return key
    raise TypeError(f"no key of a device: {type(key).__name__}")
