"""Published keys: two forms that say the same, and what a reader passes over."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from pycose.keys import CoseKey, OKPKey

from gutschein.kernel.ids import RegionId, TownId
from gutschein.signing.keyset import KeySet, PublicKey
from gutschein.signing.keyset_forms import (
    from_cose_key_set,
    from_jwk_set,
    to_cose_key_set,
    to_jwk_set,
)

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = PublicKey(
    kid=bytes.fromhex("a1b2c3d4"),
    public=PRIVATE.public_key().public_bytes_raw(),
    not_before=datetime(2026, 1, 1, tzinfo=UTC),
    not_after=datetime(2031, 1, 1, tzinfo=UTC),
    town_id=TownId(UUID("0199c0de-0000-7000-8000-000000000001")),
)

_seconds = st.integers(0, 2**33).map(lambda s: datetime.fromtimestamp(s, UTC))
_windows = st.tuples(_seconds, _seconds).filter(lambda pair: pair[0] != pair[1]).map(sorted)
_public_keys = st.builds(
    lambda kid, public, window, town, endorsed: PublicKey(
        kid, public, *window, TownId(town), *endorsed
    ),
    st.binary(min_size=4, max_size=4),
    st.binary(min_size=32, max_size=32),
    _windows,
    st.uuids(),
    st.just((None, None)) | st.tuples(st.uuids().map(RegionId), st.binary(max_size=80)),
)
_masters = st.dictionaries(
    st.uuids().map(RegionId), st.binary(min_size=32, max_size=32), max_size=2
)
key_sets = st.lists(_public_keys, max_size=5)


def as_set(keys: KeySet) -> set[PublicKey]:
    return set(keys)


def test_the_jwk_set_of_one_town() -> None:
    assert to_jwk_set(KeySet([KEY])) == {
        "keys": [
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "alg": "EdDSA",
                "use": "sig",
                "kid": "a1b2c3d4",
                "x": "A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg",
                "nbf": 1767225600,
                "exp": 1924992000,
                "town": "0199c0de-0000-7000-8000-000000000001",
            }
        ]
    }


def test_the_cose_key_set_of_one_town() -> None:
    encoded = to_cose_key_set(KeySet([KEY]))
    assert cbor2.loads(encoded) == [
        {
            1: 1,
            2: KEY.kid,
            3: -8,
            4: [2],
            -1: 6,
            -2: KEY.public,
            -70002: 1767225600,
            -70003: 1924992000,
            -70004: KEY.town_id.bytes,
        }
    ]
    assert cbor2.dumps(cbor2.loads(encoded), canonical=True) == encoded


def test_pycose_reads_our_cose_keys() -> None:
    (entry,) = cbor2.loads(to_cose_key_set(KeySet([KEY])))
    key = CoseKey.from_dict(dict(entry))
    assert isinstance(key, OKPKey)
    assert (key.kid, key.x) == (KEY.kid, KEY.public)


@given(key_sets, _masters)
def test_both_forms_are_read_back(keys: list[PublicKey], masters: dict[RegionId, bytes]) -> None:
    published = KeySet(keys, masters)
    over_the_wire = json.loads(json.dumps(to_jwk_set(published)))
    for read in (from_cose_key_set(to_cose_key_set(published)), from_jwk_set(over_the_wire)):
        assert list(read) == list(published)
        assert read.masters == masters


def test_an_endorsed_key_and_its_master_key_in_both_forms() -> None:
    region = RegionId(UUID(int=9))
    published = KeySet([replace(KEY, region_id=region, endorsement=b"word")], {region: bytes(32)})
    key, master = to_jwk_set(published)["keys"]
    assert (key["region"], key["endorsement"]) == (str(region), "d29yZA")
    assert master == {
        "kty": "OKP",
        "crv": "Ed25519",
        "alg": "EdDSA",
        "use": "sig",
        "x": "A" * 43,
        "region": str(region),
    }
    key, master = cbor2.loads(to_cose_key_set(published))
    assert (key[-70005], key[-70006]) == (region.bytes, b"word")
    assert master == {1: 1, 3: -8, 4: [2], -1: 6, -2: bytes(32), -70005: region.bytes}
    encoded = to_cose_key_set(published)
    assert cbor2.dumps(cbor2.loads(encoded), canonical=True) == encoded


@given(key_sets)
def test_keys_are_found_by_kid(keys: list[PublicKey]) -> None:
    published = KeySet(keys)
    assert len(published) == len(keys)
    for key in keys:
        assert key in published.find(key.kid)
        assert {found.kid for found in published.find(key.kid)} == {key.kid}


def test_an_unknown_kid_finds_nothing() -> None:
    assert KeySet([KEY]).find(b"none") == ()


def test_a_signature_holds_under_its_own_key_only() -> None:
    signature = PRIVATE.sign(b"fifty euro")
    assert KEY.verifies(signature, b"fifty euro")
    assert not KEY.verifies(signature, b"ninety euro")
    assert not KEY.verifies(b"", b"fifty euro")


@pytest.mark.parametrize(
    "wrong",
    [
        {"kid": b"abc"},
        {"kid": "a1b2"},
        {"public": bytes(31)},
        {"not_before": datetime(2026, 1, 1)},  # noqa: DTZ001 - the missing zone is the point
        {"not_after": datetime(2031, 1, 1, microsecond=1, tzinfo=UTC)},
        {"not_after": KEY.not_before},
        {"not_after": KEY.not_before - timedelta(days=1)},
    ],
)
def test_a_key_that_cannot_be(wrong: dict[str, Any]) -> None:
    facts = {name: getattr(KEY, name) for name in PublicKey.__slots__}
    with pytest.raises(ValueError, match=r"kid|instant|window"):
        PublicKey(**facts | wrong)


def jwk(**changes: object) -> dict[str, object]:
    entry: dict[str, object] = dict(to_jwk_set(KeySet([KEY]))["keys"][0])
    return {name: value for name, value in (entry | changes).items() if value is not None}


@pytest.mark.parametrize(
    "other",
    [
        {"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "rsa"},
        jwk(crv="X25519"),
        jwk(alg="ES256"),
        jwk(kid="not hexadecimal"),
        jwk(kid=None),
        jwk(x="AAAA"),
        jwk(x="*" * 43),
        jwk(nbf="2026"),
        jwk(exp=10**30),
        jwk(exp=float("nan")),
        jwk(town=None),
        jwk(town=None, region="here"),
        jwk(town=None, region=str(UUID(int=1)), x="AAAA"),
        jwk(region=str(UUID(int=1)), endorsement=7),
        jwk(town="Zwickau"),
        "text",
        None,
        17,
    ],
)
def test_a_strange_jwk_does_not_spoil_the_others(other: object) -> None:
    assert as_set(from_jwk_set({"keys": [other, jwk(), other]})) == {KEY}


@pytest.mark.parametrize("member", ["alg", "use"])
def test_members_that_a_jwk_need_not_have(member: str) -> None:
    assert as_set(from_jwk_set({"keys": [jwk(**{member: None})]})) == {KEY}


def test_a_jwk_may_have_members_of_others() -> None:
    assert as_set(from_jwk_set({"keys": [jwk(x5t="AA", ext=True)], "issuer": "me"})) == {KEY}


@pytest.mark.parametrize("document", [{}, {"keys": None}, {"keys": {}}])
def test_what_is_no_jwk_set(document: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="key set"):
        from_jwk_set(document)


@pytest.mark.parametrize(
    "change",
    [
        *({1: 2}, {-1: 4}, {3: -7}, {2: "a1b2"}, {-2: b""}),
        *({-70003: None}, {-70004: b"x"}, {-70005: b"x"}, {-70006: "text"}),
    ],
)
def test_a_strange_cose_key_does_not_spoil_the_others(change: dict[int, object]) -> None:
    (entry,) = cbor2.loads(to_cose_key_set(KeySet([KEY])))
    encoded = cbor2.dumps([dict(entry) | change, 0, dict(entry)])
    assert as_set(from_cose_key_set(encoded)) == {KEY}


@given(st.binary(max_size=60))
def test_any_bytes_are_a_key_set_or_a_value_error(encoded: bytes) -> None:
    with suppress(ValueError):
        assert len(from_cose_key_set(encoded)) == 0
