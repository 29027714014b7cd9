"""Write ``endorsement.json``, the test vectors of endorsements in ``docs/reference/token.md``.

``python tests/vectors/make_endorsement_vectors.py`` writes the same file every time. Apart
from the altered one, every endorsement that is to be refused is signed correctly over what
it says; what is wrong is that it says something else.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from token_parts import NEIGHBOUR, TOWN, Key, seed

from gutschein.kernel.ids import TownId
from gutschein.signing.endorsement import endorse
from gutschein.signing.keyset import PublicKey
from gutschein.signing.keyset_forms import cose_key

FILE = Path(__file__).with_name("endorsement.json")
MASTER = Ed25519PrivateKey.from_private_bytes(seed("master key"))
STRANGER = Ed25519PrivateKey.from_private_bytes(seed("stranger's master key"))
SECOND = timedelta(seconds=1)


def _public(key: Key) -> PublicKey:
    return PublicKey(key.kid, key.public, key.not_before, key.not_after, TownId(key.town_id))


def _signed(protected: object, payload: object, tag: int = 18, unprotected: Any = None) -> bytes:
    head = protected if isinstance(protected, bytes) else cbor2.dumps(protected)
    content = cbor2.dumps(payload)
    signature = MASTER.sign(cbor2.dumps(["Signature1", head, b"", content]))
    return cbor2.dumps(cbor2.CBORTag(tag, [head, unprotected or {}, content, signature]))


def _altered(endorsement: bytes, at: int) -> bytes:
    return endorsement[:at] + bytes([endorsement[at] ^ 1]) + endorsement[at + 1 :]


def endorsement_vectors() -> str:
    """Return the text of the file."""
    key, right = _public(TOWN), {1: -8, 3: 101}
    good, named = endorse(key, MASTER), cose_key(key)
    shifted = {-2: -2, **named}
    cases = {
        "a town's key": (good, True),
        "by another master key": (endorse(key, STRANGER), False),
        "of a neighbour's key": (endorse(_public(NEIGHBOUR), MASTER), False),
        "for another town": (
            endorse(replace(key, town_id=TownId(UUID(int=1))), MASTER),
            False,
        ),
        "under another kid": (endorse(replace(key, kid=b"kid!"), MASTER), False),
        "from a second earlier": (
            endorse(replace(key, not_before=key.not_before - SECOND), MASTER),
            False,
        ),
        "for a second longer": (
            endorse(replace(key, not_after=key.not_after + SECOND), MASTER),
            False,
        ),
        "altered: one bit of the signature": (_altered(good, len(good) - 64), False),
        "altered: one bit of the public key": (_altered(good, good.index(key.public)), False),
        "a byte too many": (good + b"\0", False),
        "a byte too few": (good[:-1], False),
        "nothing": (b"", False),
        "no tag": (good[1:], False),
        "the tag of COSE_Mac0": (_signed(right, named, tag=17), False),
        "without a content type, as a token": (_signed({1: -8}, named), False),
        "with the kid of a token": (_signed({1: -8, 4: key.kid}, named), False),
        "another algorithm": (_signed({1: -7, 3: 101}, named), False),
        "an unprotected header": (_signed(right, named, unprotected={4: b"kid!"}), False),
        "the members in another order": (_signed(right, dict(sorted(named.items()))), False),
        "a member more": (_signed(right, {**named, -70007: 1}), False),
        "a member twice": (_signed(right, shifted), False),
        "the window as numbers with a point": (
            _signed(right, {**named, -70002: float(named[-70002])}),
            False,
        ),
    }
    document = {
        "master_public_key": MASTER.public_key().public_bytes_raw().hex(),
        "key": TOWN.as_json(),
        "cases": [
            {"name": name, "endorsement": endorsement.hex(), "expect": expect}
            for name, (endorsement, expect) in cases.items()
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(endorsement_vectors(), encoding="utf-8")
