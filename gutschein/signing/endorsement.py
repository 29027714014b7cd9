"""What a region's master key says of a town's key: that it is the town's, from when to when.

A COSE_Sign1 (RFC 9052 section 4.2) whose payload is the town's key as a COSE_Key, byte for
byte as it is published (``docs/reference/token.md``). The content type in the protected
header, ``application/cose-key``, keeps it apart from a voucher.

Key and endorsement admit exactly one byte string, so checking needs no CBOR parser: it
writes what must have been signed, and compares.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gutschein.kernel.ids import RegionId
from gutschein.signing.keyset import KeySet, PublicKey
from gutschein.signing.keyset_forms import cose_key

_COSE_SIGN1 = 18
_ALG, _EDDSA, _CONTENT_TYPE = 1, -8, 3
_COSE_KEY_FORMAT = 101  # application/cose-key in the registry of CoAP Content-Formats
_SIGNATURE_BYTES = 64

_PROTECTED = cbor2.dumps({_ALG: _EDDSA, _CONTENT_TYPE: _COSE_KEY_FORMAT})


def endorse(key: PublicKey, master_key: Ed25519PrivateKey) -> bytes:
    """Sign that a key is its town's for its window; 171 bytes."""
    return _envelope(key, master_key.sign(_to_be_signed(key)))


def endorses(endorsement: bytes, key: PublicKey, master_public: bytes) -> bool:
    """Tell whether *endorsement* is the master key's word for exactly this key.

    :param master_public: the 32 bytes of RFC 8032.
    """
    signature = endorsement[-_SIGNATURE_BYTES:]
    if _envelope(key, signature) != endorsement:
        return False
    return _verifies(master_public, signature, _to_be_signed(key))


def endorsed(keys: KeySet, masters: Mapping[RegionId, bytes]) -> KeySet:
    """Keep of a published set what known master keys endorse.

    :param masters: public keys by region, from a source more trusted than the set.
    """
    return KeySet(
        key
        for key in keys
        if key.region_id is not None
        and key.endorsement is not None
        and key.region_id in masters
        and endorses(key.endorsement, key, masters[key.region_id])
    )


@lru_cache(maxsize=4096)
def _verifies(public: bytes, signature: bytes, message: bytes) -> bool:
    """Remembered, because the service asks for each token that is presented."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _to_be_signed(key: PublicKey) -> bytes:
    """Write the Sig_structure of RFC 9052 section 4.4, without external data."""
    return cbor2.dumps(["Signature1", _PROTECTED, b"", cbor2.dumps(cose_key(key))])


def _envelope(key: PublicKey, signature: bytes) -> bytes:
    parts = [_PROTECTED, {}, cbor2.dumps(cose_key(key)), signature]
    return cbor2.dumps(cbor2.CBORTag(_COSE_SIGN1, parts))
