"""A master key's word for a town's key: exactly that key, exactly that window, or nothing."""

from __future__ import annotations

import importlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from pycose.algorithms import EdDSA
from pycose.headers import Algorithm, ContentType
from pycose.keys import CoseKey, OKPKey
from pycose.messages import Sign1Message
from towns_with_keys import public_key

from gutschein.kernel.ids import RegionId
from gutschein.signing.endorsement import endorse, endorsed, endorses
from gutschein.signing.keyset import KeySet
from gutschein.signing.keyset_forms import from_cose_key_set, to_cose_key_set

VECTORS = Path(__file__).parent.parent / "vectors"
DOCUMENT: dict[str, Any] = json.loads((VECTORS / "endorsement.json").read_text("utf-8"))
MASTER_PUBLIC = bytes.fromhex(DOCUMENT["master_public_key"])
KEY = public_key(DOCUMENT["key"])
GOOD = bytes.fromhex(DOCUMENT["cases"][0]["endorsement"])
MASTER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
REGION = RegionId(UUID(int=7))


def test_the_file_is_what_the_generator_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(VECTORS)
    written = importlib.import_module("make_endorsement_vectors").endorsement_vectors()
    assert (VECTORS / "endorsement.json").read_text("utf-8") == written


@pytest.mark.parametrize("case", DOCUMENT["cases"], ids=lambda case: case["name"])
def test_every_case(case: dict[str, Any]) -> None:
    found = endorses(bytes.fromhex(case["endorsement"]), KEY, MASTER_PUBLIC)
    assert found is case["expect"]


@given(st.binary(max_size=300))
def test_other_bytes_endorse_nothing(endorsement: bytes) -> None:
    assert not endorses(endorsement, KEY, MASTER_PUBLIC)


def test_pycose_verifies_it_and_finds_the_key_in_it() -> None:
    protected, unprotected, payload, signature = cbor2.loads(GOOD).value
    parts = [protected, dict(unprotected), payload, signature]
    message = Sign1Message.from_cose_obj(parts, allow_unknown_attributes=True)
    message.key = OKPKey(crv="ED25519", x=MASTER_PUBLIC, optional_params={})
    assert message.verify_signature()
    assert (message.get_attr(Algorithm), message.get_attr(ContentType)) == (EdDSA, 101)
    inside = CoseKey.decode(message.payload)
    assert isinstance(inside, OKPKey)
    assert (inside.kid, inside.x) == (KEY.kid, KEY.public)


def test_what_is_signed_is_the_key_as_it_is_published() -> None:
    (published,) = cbor2.loads(to_cose_key_set(KeySet([KEY])))
    assert cbor2.loads(GOOD).value[2] == cbor2.dumps(dict(published))


def test_a_till_keeps_what_the_master_key_it_knows_endorses() -> None:
    good = replace(KEY, region_id=REGION, endorsement=endorse(KEY, MASTER))
    unsigned = replace(KEY, kid=b"none")
    stolen = replace(good, kid=b"else", public=bytes(32))
    foreign = replace(good, kid=b"far!", region_id=RegionId(UUID(int=8)))
    published = KeySet([good, unsigned, stolen, foreign], {REGION: bytes(32)})
    received = from_cose_key_set(to_cose_key_set(published))
    assert len(received) == 4
    known = {REGION: MASTER.public_key().public_bytes_raw()}
    assert list(endorsed(received, known)) == [good]
    assert not list(endorsed(received, received.masters))  # the set's own word is worth nothing
