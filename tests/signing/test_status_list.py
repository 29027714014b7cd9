"""A status list: what it holds is told from what it does not, and nothing else is a list."""

from __future__ import annotations

import base64
import importlib
import json
import re
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import example, given
from hypothesis import strategies as st
from pycose.algorithms import EdDSA
from pycose.headers import Algorithm, ContentType
from pycose.keys import OKPKey
from pycose.messages import Sign1Message
from towns_with_keys import public_key

from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId
from gutschein.signing.keyset import KeySet, PublicKey
from gutschein.signing.status_list import (
    MOST_TAGS,
    StatusList,
    read_status_list,
    sign_status_list,
    status_tag,
)

VECTORS = Path(__file__).parent.parent / "vectors"
DOCUMENT: dict[str, Any] = json.loads((VECTORS / "status_list.json").read_text("utf-8"))
KEYS = KeySet(map(public_key, DOCUMENT["keys"]))
GOOD = base64.b64decode(DOCUMENT["lists"][2]["list"])
NOW = datetime(2027, 3, 1, 12, 30, tzinfo=UTC)
HOUR = int(NOW.timestamp()) - 1_800
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KID = b"test"
TOWN = TownId(UUID(int=7))
OWN = KeySet(
    [
        PublicKey(
            KID,
            PRIVATE.public_key().public_bytes_raw(),
            NOW.replace(microsecond=0) - timedelta(days=1),
            NOW.replace(microsecond=0) + timedelta(days=1),
            TOWN,
        )
    ]
)


def written(tags: list[bytes]) -> StatusList:
    return read_status_list(sign_status_list(TOWN, tags, HOUR, KID, PRIVATE), OWN, NOW)


def test_the_file_is_what_the_generator_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(VECTORS)
    text = importlib.import_module("make_status_list_vectors").status_list_vectors()
    assert (VECTORS / "status_list.json").read_text("utf-8") == text


@pytest.mark.parametrize("case", DOCUMENT["tags"], ids=lambda case: case["tag"])
def test_every_tag(case: dict[str, str]) -> None:
    tag = status_tag(TownId(UUID(case["town_id"])), bytes.fromhex(case["code"]))
    assert tag.hex() == case["tag"]


@pytest.mark.parametrize("case", DOCUMENT["lists"], ids=lambda case: case["name"])
def test_every_list(case: dict[str, Any]) -> None:
    content, now = base64.b64decode(case["list"]), datetime.fromisoformat(case["now"])
    if case["expect"] != "ok":
        with pytest.raises(Refusal) as refused:
            read_status_list(content, KEYS, now)
        assert refused.value.code == case["expect"]
        return
    found = read_status_list(content, KEYS, now)
    assert str(found.town_id) == case["town_id"]
    assert (found.issued_at, found.expires_at) == (case["issued_at"], case["expires_at"])
    assert len(found.values) == case["count"]
    assert all(found.holds(bytes.fromhex(tag)) for tag in case["holds"])
    assert not any(found.holds(bytes.fromhex(tag)) for tag in case["lacks"])


def test_the_vectors_cover_every_outcome() -> None:
    expected = {case["expect"] for case in DOCUMENT["lists"]}
    assert expected == {"ok", "status.unreadable", "status.signature", "status.outdated"}
    names = [case["name"] for case in DOCUMENT["lists"]]
    assert len(names) == len(set(names))


@given(st.lists(st.binary(min_size=8, max_size=8), max_size=60))
@example([bytes(8), b"\xff" * 8])
def test_what_is_put_in_is_found_again(tags: list[bytes]) -> None:
    found = written(tags)
    assert len(found.values) == len(set(tags))
    assert all(found.holds(tag) for tag in tags)


@given(st.binary(max_size=300))
def test_other_bytes_are_no_list(content: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        read_status_list(content, KEYS, NOW)
    assert refused.value.code == "status.unreadable"


@given(st.integers(0, 8 * len(GOOD) - 1))
def test_no_bit_may_be_changed(bit: int) -> None:
    altered = bytearray(GOOD)
    altered[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Refusal):
        read_status_list(bytes(altered), KEYS, NOW)


def test_one_voucher_in_a_million_is_taken_for_one_in_the_list() -> None:
    found = written([secrets.token_bytes(8) for _ in range(2_000)])
    wrong = sum(found.holds(secrets.token_bytes(8)) for _ in range(200_000))
    assert wrong <= 8  # 0.2 are expected; more than 8 come once in 10^11 runs


def test_a_voucher_takes_22_bits() -> None:
    tags = [secrets.token_bytes(8) for _ in range(30_000)]
    size = len(sign_status_list(TOWN, tags, HOUR, KID, PRIVATE))
    assert size < 200 + len(tags) * 22 / 8


def test_the_order_and_repetitions_change_nothing() -> None:
    tags = [secrets.token_bytes(8) for _ in range(20)]
    first = sign_status_list(TOWN, tags, HOUR, KID, PRIVATE)
    assert sign_status_list(TOWN, [*reversed(tags), tags[0]], HOUR, KID, PRIVATE) == first


def test_the_same_code_has_another_tag_in_another_town() -> None:
    assert status_tag(TOWN, bytes(10)) != status_tag(TownId(UUID(int=8)), bytes(10))


def test_a_revoked_key_signs_no_list() -> None:
    [key] = OWN
    revoked = KeySet(
        [PublicKey(key.kid, key.public, key.not_before, key.not_after, TOWN, revoked_at=NOW)]
    )
    content = sign_status_list(TOWN, [], HOUR, KID, PRIVATE)
    with pytest.raises(Refusal, match="status\\.signature"):
        read_status_list(content, revoked, NOW)


@pytest.mark.parametrize(
    ("tags", "issued_at", "kid", "said"),
    [
        ([b"short"], HOUR, KID, "tags of 8 bytes"),
        ([], 2**32, KID, "before 2106"),
        ([], 2**16 - 1, KID, "before 2106"),
        ([], HOUR, b"kid", "a kid has 4 bytes"),
    ],
)
def test_what_is_out_of_range_is_not_written(
    tags: list[bytes], issued_at: int, kid: bytes, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        sign_status_list(TOWN, tags, issued_at, kid, PRIVATE)


def test_a_tag_needs_a_whole_code() -> None:
    with pytest.raises(ValueError, match="10 bytes"):
        status_tag(TOWN, bytes(9))


def test_a_reader_in_javascript_can_hold_every_value() -> None:
    assert MOST_TAGS << 20 < 2**53


def test_pycose_verifies_it() -> None:
    protected, unprotected, payload, signature = cbor2.loads(GOOD).value
    parts = [protected, dict(unprotected), payload, signature]
    message = Sign1Message.from_cose_obj(parts, allow_unknown_attributes=True)
    key = next(iter(KEYS))
    message.key = OKPKey(crv="ED25519", x=key.public, optional_params={})
    assert message.verify_signature()
    assert message.get_attr(ContentType) == "application/gutschein-status"
    assert message.get_attr(Algorithm) == EdDSA


def test_the_page_shows_the_second_vector() -> None:
    page = (VECTORS.parents[1] / "docs" / "reference" / "status-list.md").read_text("utf-8")
    dumped = b""
    for line in page[page.index("### Byte by byte") :].split("```")[1].splitlines()[1:]:
        assert int(line[:3]) == len(dumped)
        dumped += bytes.fromhex(line[5:].split()[0])
    assert dumped == base64.b64decode(DOCUMENT["lists"][1]["list"])


def test_the_page_names_every_result() -> None:
    page = (VECTORS.parents[1] / "docs" / "reference" / "status-list.md").read_text("utf-8")
    assert {case["expect"] for case in DOCUMENT["lists"]} - {"ok"} == set(
        re.findall(r"`(status\.[a-z_]+)`", page)
    )
