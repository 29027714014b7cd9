"""The public test vectors hold for our own reader, and are what their generator writes."""

from __future__ import annotations

import importlib
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from gutschein.kernel.errors import Refusal
from gutschein.signing.code import format_code, parse_code
from gutschein.signing.keyset import KeySet
from gutschein.signing.token import (
    VerifiedToken,
    check_offline,
    to_base32,
    token_from_scan,
    verify_token,
)

VECTORS = Path(__file__).parent.parent / "vectors"


def test_the_file_is_what_the_generator_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(VECTORS)
    written = importlib.import_module("make_token_vectors").token_vectors()
    assert (VECTORS / "token.json").read_text("utf-8") == written


def outcome(case: dict[str, Any], keys: KeySet) -> tuple[str, VerifiedToken | None]:
    """Do what a till without a net does with the token."""
    now = datetime.fromisoformat(case["now"])
    try:
        verified = verify_token(token_from_scan(case["token"]), keys, now)
        check_offline(verified, now)
    except Refusal as refusal:
        return refusal.code, None
    return "ok", verified


def test_every_case(token_case: dict[str, Any], vector_keys: KeySet) -> None:
    said, verified = outcome(token_case, vector_keys)
    assert said == token_case["expect"]
    if verified is not None:
        assert token_case["claims"] == {
            "code": verified.claims.code.hex(),
            "typed": format_code(verified.claims.code),
            "face_value_cents": verified.claims.face_value_cents,
            "exp": verified.claims.expires_at,
        }


def test_every_scan(scan_case: dict[str, str]) -> None:
    if scan_case["expect"] == "ok":
        assert to_base32(token_from_scan(scan_case["text"])) == scan_case["token"]
    else:
        with pytest.raises(Refusal) as refused:
            token_from_scan(scan_case["text"])
        assert refused.value.code == scan_case["expect"]


def test_every_typed_code(typed_case: dict[str, Any]) -> None:
    if typed_case["expect"] == "ok":
        assert parse_code(typed_case["typed"]).hex() == typed_case["code"]
    else:
        with pytest.raises(Refusal) as refused:
            parse_code(typed_case["typed"])
        assert refused.value.code == typed_case["expect"]
        assert refused.value.params.get("position") == typed_case.get("position")


def test_the_vectors_cover_every_outcome(vectors: dict[str, Any]) -> None:
    assert {case["expect"] for case in vectors["cases"]} == {
        "ok",
        "token.unreadable",
        "token.key_unknown",
        "token.signature",
        "token.key_not_yet",
        "token.key_expired",
        "voucher.expired",
    }


def test_names_are_unique(vectors: dict[str, Any]) -> None:
    names = [case["name"] for case in vectors["cases"]]
    assert len(names) == len(set(names))
