"""The token: its size, its one spelling, its times, and what it says of any bytes at all."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId
from gutschein.signing.keyset import KeySet, PublicKey
from gutschein.signing.token import (
    TokenClaims,
    VerifiedToken,
    check_offline,
    claimed_kid,
    expires_at_for,
    from_base32,
    sign_token,
    to_base32,
    token_from_scan,
    token_url,
    valid_until_of,
    verify_token,
)

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = PublicKey(
    kid=b"\x01\x02\x03\x04",
    public=PRIVATE.public_key().public_bytes_raw(),
    not_before=datetime(2026, 1, 1, tzinfo=UTC),
    not_after=datetime(2031, 1, 1, tzinfo=UTC),
    town_id=TownId(UUID(int=1)),
)
KEYS = KeySet([KEY])
NOW = datetime(2027, 1, 1, tzinfo=UTC)
END_OF_2029 = date(2029, 12, 31)
CODE = bytes(range(10))
FIFTY = TokenClaims(CODE, 5_000, expires_at_for(END_OF_2029))
TOKEN = sign_token(FIFTY, KEY.kid, PRIVATE)
PREFIX = "HTTPS://GUTSCHEIN.ERZGEBIRGE.EXAMPLE/STADT/V/"

claims_strategy = st.builds(
    TokenClaims,
    code=st.binary(min_size=10, max_size=10),
    face_value_cents=st.integers(1, 2**32 - 1),
    expires_at=st.integers(2**16, 2**32 - 1),
)


def refusal_of(token: bytes, now: datetime = NOW) -> str:
    with pytest.raises(Refusal) as refused:
        verify_token(token, KEYS, now)
    return refused.value.code


# size


def test_a_voucher_of_50_euro_is_108_bytes_and_173_characters() -> None:
    assert len(TOKEN) == 108
    assert len(to_base32(TOKEN)) == 173


@pytest.mark.parametrize(
    ("cents", "length"), [(1, 106), (24, 107), (256, 108), (65_535, 108), (65_536, 110)]
)
def test_the_size_follows_the_value(cents: int, length: int) -> None:
    assert len(sign_token(TokenClaims(CODE, cents, 2**31), KEY.kid, PRIVATE)) == length


def test_the_longest_prefix_and_the_largest_value_fill_the_qr_code() -> None:
    largest = sign_token(TokenClaims(CODE, 2**32 - 1, 2**31), KEY.kid, PRIVATE)
    assert len(PREFIX) == 45
    assert len(token_url(PREFIX, largest)) == 221


# reading back


@given(claims_strategy)
def test_what_is_signed_is_read_back(claims: TokenClaims) -> None:
    token = sign_token(claims, KEY.kid, PRIVATE)
    assert verify_token(token, KEYS, NOW) == VerifiedToken(KEY.town_id, KEY.kid, claims)
    assert token_from_scan(token_url(PREFIX, token)) == token


@given(claims_strategy)
def test_it_is_deterministic_cbor(claims: TokenClaims) -> None:
    token = sign_token(claims, KEY.kid, PRIVATE)
    assert cbor2.dumps(cbor2.loads(token), canonical=True) == token
    protected, unprotected, payload, _ = cbor2.loads(token).value
    assert cbor2.loads(protected) == {1: -8, 4: KEY.kid}
    assert unprotected == {}
    assert cbor2.loads(payload) == {
        4: claims.expires_at,
        7: claims.code,
        -70001: claims.face_value_cents,
    }
    assert cbor2.dumps(cbor2.loads(payload), canonical=True) == payload


def test_the_code_stays_out_of_logs() -> None:
    code = b"TOPSECRET!"
    assert "SECRET" not in repr(TokenClaims(code, 5_000, 2**31))


# what cannot be signed


@pytest.mark.parametrize(
    ("code", "cents", "expires_at"),
    [
        (CODE[:9], 5_000, 2**31),
        (CODE, 0, 2**31),
        (CODE, -1, 2**31),
        (CODE, True, 2**31),
        (CODE, 50.0, 2**31),
        (CODE, 2**32, 2**31),
        (CODE, 5_000, 2**16 - 1),
        (CODE, 5_000, 2**32),
    ],
)
def test_claims_out_of_range_cannot_be_made(code: bytes, cents: int, expires_at: int) -> None:
    with pytest.raises(ValueError, match=r"code|face value|expiry"):
        TokenClaims(code, cents, expires_at)


def test_a_kid_has_four_bytes() -> None:
    with pytest.raises(ValueError, match="kid"):
        sign_token(FIFTY, b"\x01\x02\x03", PRIVATE)


# the key and its window


def test_the_key_window_includes_its_beginning_and_not_its_end() -> None:
    second = timedelta(seconds=1)
    assert refusal_of(TOKEN, KEY.not_before - second) == "token.key_not_yet"
    assert verify_token(TOKEN, KEYS, KEY.not_before).claims == FIFTY
    assert verify_token(TOKEN, KEYS, KEY.not_after - second).claims == FIFTY
    assert refusal_of(TOKEN, KEY.not_after) == "token.key_expired"


def test_a_forgery_under_an_expired_key_is_called_a_forgery() -> None:
    forged = TOKEN[:-1] + bytes([TOKEN[-1] ^ 1])
    assert refusal_of(forged, KEY.not_after) == "token.signature"


def test_an_unknown_key_is_named() -> None:
    with pytest.raises(Refusal) as refused:
        verify_token(sign_token(FIFTY, b"\xaa\xbb\xcc\xdd", PRIVATE), KEYS, NOW)
    assert str(refused.value) == "token.key_unknown(kid=aabbccdd)"


def test_the_keys_may_be_fetched_by_the_kid_the_token_claims() -> None:
    assert verify_token(TOKEN, KeySet(KEYS.find(claimed_kid(TOKEN))), NOW).claims == FIFTY
    for garbage in (b"", b"short", bytes(9), bytes(1_000)):
        with pytest.raises(Refusal, match=r"token\.unreadable"):
            verify_token(garbage, KeySet(KEYS.find(claimed_kid(garbage))), NOW)


def test_two_towns_may_have_drawn_the_same_kid() -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    other_town = TownId(UUID(int=2))
    twin = PublicKey(
        KEY.kid, other.public_key().public_bytes_raw(), KEY.not_before, KEY.not_after, other_town
    )
    keys = KeySet([KEY, twin])
    assert verify_token(TOKEN, keys, NOW).town_id == KEY.town_id
    assert verify_token(sign_token(FIFTY, KEY.kid, other), keys, NOW).town_id == other_town


# expiry


def test_valid_until_new_years_eve_ends_with_the_german_day() -> None:
    assert datetime.fromtimestamp(FIFTY.expires_at, UTC) == datetime(2029, 12, 31, 23, tzinfo=UTC)
    summer = expires_at_for(date(2029, 6, 30))
    assert datetime.fromtimestamp(summer, UTC) == datetime(2029, 6, 30, 22, tzinfo=UTC)


@given(st.dates(date(1970, 1, 1), date(2106, 2, 6)))
def test_the_last_day_is_read_back(day: date) -> None:
    assert valid_until_of(expires_at_for(day)) == day


@pytest.mark.parametrize("day", [date(1969, 12, 31), date(2106, 2, 7), date.min, date.max])
def test_a_day_beyond_four_bytes_cannot_be_carried(day: date) -> None:
    with pytest.raises(ValueError, match="day"):
        expires_at_for(day)


def test_offline_a_voucher_ends_at_exp_and_online_the_ledger_decides() -> None:
    expiry = datetime.fromtimestamp(FIFTY.expires_at, UTC)
    check_offline(verify_token(TOKEN, KEYS, NOW), expiry - timedelta(seconds=1))
    verified = verify_token(TOKEN, KEYS, expiry)  # no refusal: the town may have extended it
    with pytest.raises(Refusal) as refused:
        check_offline(verified, expiry)
    assert refused.value.code == "voucher.expired"
    assert refused.value.message() == "Abgelaufen am 31.12.2029."


# base32 and the URL


@pytest.mark.parametrize(
    "prefix",
    [
        "https://gutschein.example/v/",
        "HTTPS://GUTSCHEIN.EXAMPLE/",
        "HTTPS://GUTSCHEIN.EXAMPLE/V",
        "HTTPS:///V/",
        "GUTSCHEIN.EXAMPLE/V/",
        "HTTPS://GUTSCHEIN_EXAMPLE/V/",
        "HTTPS://G\u00dcTSCHEIN.EXAMPLE/V/",
        "X" + PREFIX,
        PREFIX.replace("STADT", "STADTX"),  # 46 characters
    ],
)
def test_a_prefix_that_the_qr_code_cannot_hold_is_an_error(prefix: str) -> None:
    with pytest.raises(ValueError, match="prefix"):
        token_url(prefix, TOKEN)


def test_base32_has_one_spelling_but_for_case() -> None:
    text = to_base32(TOKEN)
    assert from_base32(text) == from_base32(text.lower()) == TOKEN
    for other in (text + "=", text + "===", f" {text}", text.replace("S", "\u017f")):
        with pytest.raises(Refusal, match=r"token\.unreadable"):
            from_base32(other)


# any bytes at all


def assert_refused_or_genuine(token: bytes) -> None:
    try:
        verified = verify_token(token, KEYS, NOW)
    except Refusal:
        return
    assert sign_token(verified.claims, verified.kid, PRIVATE) == token


@given(st.binary(max_size=200))
def test_random_bytes(token: bytes) -> None:
    assert_refused_or_genuine(token)


@given(st.text())
def test_random_text(text: str) -> None:
    with pytest.raises(Refusal, match=r"token\."):
        verify_token(token_from_scan(text), KEYS, NOW)


def test_every_single_bit_counts() -> None:
    for bit in range(8 * len(TOKEN)):
        altered = bytearray(TOKEN)
        altered[bit // 8] ^= 1 << bit % 8
        assert refusal_of(bytes(altered)) in (
            "token.unreadable",
            "token.key_unknown",
            "token.signature",
        )


def test_every_truncation_is_unreadable() -> None:
    for length in range(len(TOKEN)):
        assert refusal_of(TOKEN[:length]) == "token.unreadable"
        assert refusal_of(TOKEN[-length:] if length else b"") == "token.unreadable"


@given(st.data())
def test_a_part_replaced_by_other_bytes(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(TOKEN)))
    end = data.draw(st.integers(start, len(TOKEN)))
    assert_refused_or_genuine(TOKEN[:start] + data.draw(st.binary(max_size=80)) + TOKEN[end:])


cbor_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.binary() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.integers() | st.text(), inner, max_size=4)
        | st.builds(cbor2.CBORTag, st.integers(0, 300), inner)
    ),
    max_leaves=10,
)


@given(cbor_values, st.sampled_from(["whole", "protected", "unprotected", "payload", "signature"]))
def test_any_cbor_in_any_place(value: object, place: str) -> None:
    parts = dict(
        zip(
            ["protected", "unprotected", "payload", "signature"],
            cbor2.loads(TOKEN).value,
            strict=True,
        )
    )
    if place in ("protected", "payload"):
        value = cbor2.dumps(value)
    whole = value if place == "whole" else cbor2.CBORTag(18, [*(parts | {place: value}).values()])
    assert_refused_or_genuine(cbor2.dumps(whole))


@pytest.mark.parametrize(
    "token",
    [
        b"",
        b"\x81" * 1_000_000,  # nested arrays
        b"\xd2" * 1_000_000,  # nested tags
        b"\x9f" * 110,  # arrays that never end
        b"\x5b" + b"\xff" * 8,  # a byte string of 2^64 - 1 bytes
        b"\xbb" + b"\xff" * 8,  # as large a map
        b"\xd2\x84\x5f" + b"\x41\x00" * 50,  # a byte string in chunks, without an end
        b"\xc5\x82\x1b\x7f" + b"\xff" * 7 + b"\x01",  # 2 to the power of 2^63
        TOKEN + TOKEN,
    ],
    ids=lambda token: token[:4].hex() or "empty",
)
def test_hostile_bytes_are_unreadable(token: bytes) -> None:
    assert refusal_of(token) == "token.unreadable"
