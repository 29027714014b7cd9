"""The file of a master key: any tool reads it, and nobody without the passphrase."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gutschein.signing.master_key import (
    MasterKeyError,
    is_sealed,
    make_master_key,
    read_master_key,
)

PASSPHRASE = "Zwölf Bergmänner singen"


@pytest.mark.parametrize("passphrase", [None, PASSPHRASE])
def test_what_was_written_is_read_again(passphrase: str | None) -> None:
    pem, public = make_master_key(passphrase)
    assert is_sealed(pem) is (passphrase is not None)
    assert read_master_key(pem, passphrase).public_key().public_bytes_raw() == public
    assert make_master_key(passphrase)[1] != public


@pytest.mark.parametrize("passphrase", ["", "Zwölf Bergmänner", None])
def test_without_the_passphrase_it_stays_shut(passphrase: str | None) -> None:
    pem, _ = make_master_key(PASSPHRASE)
    with pytest.raises(MasterKeyError, match="passphrase is wrong") as refused:
        read_master_key(pem, passphrase)
    assert PASSPHRASE not in str(refused.value)


def test_a_passphrase_that_is_soon_guessed_is_refused() -> None:
    with pytest.raises(MasterKeyError, match="12 characters"):
        make_master_key("elf Zeichen")


def test_what_is_no_master_key() -> None:
    other = generate_private_key(SECP256R1())
    pem = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(MasterKeyError, match="another kind"):
        read_master_key(pem, None)
    with pytest.raises(MasterKeyError, match="damaged"):
        read_master_key(b"-----BEGIN PRIVATE KEY-----\n", None)
