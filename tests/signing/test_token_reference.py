"""``docs/reference/token.md`` shows a real vector and names every result."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import cbor2

from gutschein.kernel.error_texts import ERROR_TEXTS
from gutschein.signing.keyset import KeySet
from gutschein.signing.keyset_forms import from_jwk_set
from gutschein.signing.token import from_base32

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "token.md").read_text("utf-8")


def block(after: str) -> str:
    """The first fenced block after a line that contains *after*."""
    return PAGE[PAGE.index(after) :].split("```")[1].partition("\n")[2]


def test_the_dump_is_the_first_vector(vectors: dict[str, Any]) -> None:
    dumped = b""
    for line in block("### Byte by byte").splitlines():
        offset, content = line[:3], re.match(r"[0-9a-f ]*", line[5:])
        assert int(offset) == len(dumped)
        assert content is not None
        dumped += bytes.fromhex(content[0].split("  ")[0])
    assert dumped == from_base32(vectors["cases"][0]["token"])


def test_the_sig_structure_is_that_of_the_first_vector(vectors: dict[str, Any]) -> None:
    shown = bytes.fromhex(
        "".join(line.split("   ")[0] for line in block("What is signed is").splitlines())
    )
    protected, _, payload, _ = cbor2.loads(from_base32(vectors["cases"][0]["token"])).value
    assert shown == cbor2.dumps(["Signature1", protected, b"", payload])


def test_the_typed_code_is_that_of_the_first_vector(vectors: dict[str, Any]) -> None:
    claims = vectors["cases"][0]["claims"]
    assert block("## The typed code").split() == [claims["code"], claims["typed"]]


def test_the_key_set_shown_is_that_of_the_vectors(vector_keys: KeySet) -> None:
    shown = from_jwk_set(json.loads(block("Both hold the same keys")))
    assert list(shown) == [next(iter(vector_keys))]


def test_it_names_every_result_of_the_vectors_and_no_code_that_is_none(
    vectors: dict[str, Any],
) -> None:
    named = set(re.findall(r"`((?:token|voucher|code)\.[a-z_]+)`", PAGE))
    expected = {case["expect"] for kind in ("cases", "scans", "codes") for case in vectors[kind]}
    assert expected - {"ok"} <= named
    assert named <= ERROR_TEXTS.keys()
