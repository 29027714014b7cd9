"""A sealed secret opens with its own key, in its own place, unaltered, or not at all."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId, VoucherId, new_id
from gutschein.signing.sealing import (
    BrokenSeal,
    CodeKeys,
    DataKey,
    KeyEncryptionKey,
    place,
    seal,
    unseal,
)

KEY, OTHER_KEY = bytes(range(32)), bytes(range(1, 33))
TOWN, OTHER_TOWN = TownId(UUID(int=1)), TownId(UUID(int=2))
CODE = b"0123456789"


@given(st.binary(max_size=100), st.binary(max_size=50))
def test_what_was_sealed_opens(secret: bytes, context: bytes) -> None:
    sealed = seal(KEY, secret, context)
    assert len(sealed) == len(secret) + 28
    assert unseal(KEY, sealed, context) == secret


def test_nothing_is_sealed_twice_alike() -> None:
    assert seal(KEY, CODE, b"") != seal(KEY, CODE, b"")


@given(st.integers(0, 8 * 38 - 1))
def test_one_altered_bit_is_noticed(bit: int) -> None:
    sealed = bytearray(seal(KEY, CODE, b"here"))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(BrokenSeal):
        unseal(KEY, bytes(sealed), b"here")


@pytest.mark.parametrize(("key", "context"), [(OTHER_KEY, b"here"), (KEY, b"there")])
def test_another_key_or_another_place_opens_nothing(key: bytes, context: bytes) -> None:
    with pytest.raises(BrokenSeal):
        unseal(key, seal(KEY, CODE, b"here"), context)


def test_the_service_says_which_key_it_misses() -> None:
    kek, other = KeyEncryptionKey(KEY), KeyEncryptionKey(OTHER_KEY)
    sealed = kek.seal(b"secret", b"place")
    assert kek.unseal(sealed, b"place", kek.id) == b"secret"
    for key, context, kek_id in (
        (other, b"place", kek.id),  # sealed by another key, and the row says so
        (other, b"place", other.id),  # the row was made to say otherwise
        (kek, b"elsewhere", kek.id),  # moved to another row
    ):
        with pytest.raises(Refusal) as refused:
            key.unseal(sealed, context, kek_id)
        assert (refused.value.code, refused.value.params) == ("key.sealed", {"kek_id": kek_id})


def test_a_key_that_was_replaced_opens_and_seals_no_more() -> None:
    old = KeyEncryptionKey(OTHER_KEY)
    kek = KeyEncryptionKey(KEY, [OTHER_KEY, bytes(32)])
    before = old.seal(b"secret", b"place")
    assert kek.unseal(before, b"place", old.id) == b"secret"
    assert kek.ids == {KeyEncryptionKey(each).id for each in (KEY, OTHER_KEY, bytes(32))}
    assert kek.id == KeyEncryptionKey(KEY).id
    after = kek.seal(b"secret", b"place")
    assert KeyEncryptionKey(KEY).unseal(after, b"place", kek.id) == b"secret"
    with pytest.raises(Refusal, match=r"key\.sealed"):
        old.unseal(after, b"place", kek.id)


def test_a_fingerprint_tells_keys_apart_and_nothing_more() -> None:
    kek = KeyEncryptionKey(KEY)
    assert kek.id == KeyEncryptionKey(KEY).id != KeyEncryptionKey(OTHER_KEY).id
    assert len(kek.id) == 16


def test_no_key_shows_itself() -> None:
    kek = KeyEncryptionKey(KEY, [OTHER_KEY])
    shown = "".join(
        form(each)
        for form in (repr, str)
        for each in (kek, CodeKeys(TOWN, KEY, OTHER_KEY), DataKey(TOWN, KEY))
    )
    for key in (KEY, OTHER_KEY):
        assert repr(key) not in shown
        assert key.hex() not in shown
    with pytest.raises(BrokenSeal) as broken:
        unseal(KEY, seal(OTHER_KEY, CODE, b""), b"")
    assert repr(CODE) not in repr(broken.value)
    assert broken.value.__cause__ is None


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_a_key_of_another_size_is_none(size: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        KeyEncryptionKey(bytes(size))


def test_a_towns_data_opens_in_its_place_alone() -> None:
    key, row = DataKey(TOWN, KEY), new_id()
    here = place("payout_account", "sealed_iban", row)
    sealed = key.seal("DE89 3704 0044 0532 0130 00", here)
    assert key.unseal(sealed, here) == "DE89 3704 0044 0532 0130 00"
    elsewhere = {
        place("payout_account", "sealed_iban", new_id()),
        place("payout_account", "sealed_holder", row),
        place("town", "sealed_iban", row),
        place("payout_account", "sealed_iban", row, row),
    }
    assert len(elsewhere | {here}) == 5
    for there in elsewhere:
        with pytest.raises(BrokenSeal):
            key.unseal(sealed, there)
    with pytest.raises(BrokenSeal):
        DataKey(OTHER_TOWN, KEY).unseal(sealed, here)


def test_codes_are_hashed_and_sealed_for_their_town_and_voucher_alone() -> None:
    keys, others = CodeKeys(TOWN, KEY, KEY), CodeKeys(OTHER_TOWN, OTHER_KEY, KEY)
    voucher_id = VoucherId(new_id())
    assert keys.hashed(CODE) == keys.hashed(CODE)
    assert keys.hashed(CODE) != others.hashed(CODE)
    sealed = keys.sealed(voucher_id, CODE)
    assert keys.unsealed(voucher_id, sealed) == CODE
    for town_keys, id_ in ((others, voucher_id), (keys, VoucherId(new_id()))):
        with pytest.raises(BrokenSeal):
            town_keys.unsealed(id_, sealed)
