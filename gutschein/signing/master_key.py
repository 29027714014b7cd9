"""The master key of a region: an Ed25519 key in a file, on a machine without a network.

PKCS#8 in PEM (RFC 5958, RFC 7468), which any other tool reads as well. Under a passphrase
it is sealed with scrypt and AES-256-CBC (PBES2, RFC 8018; RFC 7914). What the library itself
offers, PBKDF2 with 2,048 rounds, would be too quick to guess for a key of this weight.
"""

from __future__ import annotations

import base64
import secrets
import textwrap

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

PASSPHRASE_MIN = 12
"""Characters. Six words drawn by dice have about thirty."""

# Within the memory that OpenSSL grants by default; five passes make up for it.
_COST, _BLOCK, _PARALLEL = 2**14, 8, 5

_SEQUENCE, _OCTETS, _INTEGER = 0x30, 0x04, 0x02
_PBES2 = bytes.fromhex("06092a864886f70d01050d")
_SCRYPT = bytes.fromhex("06092b06010401da47040b")
_AES_256_CBC = bytes.fromhex("060960864801650304012a")


class MasterKeyError(Exception):
    """The file of a master key cannot be used. The text says why."""


def make_master_key(passphrase: str | None) -> tuple[bytes, bytes]:
    """Make a master key; return the text of its file and its public key, 32 bytes.

    :param passphrase: seals the file; ``None`` leaves it open to whoever can read it.
    :raises MasterKeyError: when the passphrase is shorter than ``PASSPHRASE_MIN``.
    """
    key = Ed25519PrivateKey.generate()
    return _written(key, passphrase), key.public_key().public_bytes_raw()


def _written(key: Ed25519PrivateKey, passphrase: str | None) -> bytes:
    if passphrase is None:
        return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    if len(passphrase) < PASSPHRASE_MIN:
        raise MasterKeyError(f"the passphrase needs {PASSPHRASE_MIN} characters or more")
    plain = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    salt, vector = secrets.token_bytes(16), secrets.token_bytes(16)
    sealing_key = Scrypt(salt, 32, _COST, _BLOCK, _PARALLEL).derive(passphrase.encode())
    padder = PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES(sealing_key), modes.CBC(vector)).encryptor()
    sealed = encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()
    costs = b"".join(map(_integer, (_COST, _BLOCK, _PARALLEL)))
    derivation = _der(_SEQUENCE, _SCRYPT, _der(_SEQUENCE, _der(_OCTETS, salt), costs))
    cipher = _der(_SEQUENCE, _AES_256_CBC, _der(_OCTETS, vector))
    scheme = _der(_SEQUENCE, _PBES2, _der(_SEQUENCE, derivation, cipher))
    return _pem(_der(_SEQUENCE, scheme, _der(_OCTETS, sealed)))


def is_sealed(pem: bytes) -> bool:
    """Tell whether a passphrase is needed to read the file."""
    return b"-----BEGIN ENCRYPTED PRIVATE KEY-----" in pem


def read_master_key(pem: bytes, passphrase: str | None) -> Ed25519PrivateKey:
    """Read the file of a master key.

    :raises MasterKeyError: when it is none, or the passphrase is wrong.
    """
    try:
        key = load_pem_private_key(pem, None if passphrase is None else passphrase.encode())
    except (ValueError, TypeError):
        reason = "or the passphrase is wrong" if is_sealed(pem) else "or is damaged"
        raise MasterKeyError(f"the file holds no master key, {reason}") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise MasterKeyError("the file holds a key of another kind than Ed25519")
    return key


def _integer(value: int) -> bytes:
    return _der(_INTEGER, value.to_bytes(value.bit_length() // 8 + 1))


def _der(tag: int, *parts: bytes) -> bytes:
    """Write an element of DER (X.690) of at most 255 bytes."""
    content = b"".join(parts)
    length = [len(content)] if len(content) < 128 else [0x81, len(content)]
    return bytes([tag, *length]) + content


def _pem(content: bytes) -> bytes:
    lines = textwrap.wrap(base64.b64encode(content).decode("ascii"), 64)
    label = "ENCRYPTED PRIVATE KEY"
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""]).encode()
