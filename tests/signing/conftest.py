"""The test vectors, read the way any other implementation would read them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from gutschein.kernel.ids import TownId
from gutschein.signing.keyset import KeySet, PublicKey

VECTORS = Path(__file__).parent.parent / "vectors" / "token.json"


def public_key(entry: Mapping[str, str]) -> PublicKey:
    return PublicKey(
        kid=bytes.fromhex(entry["kid"]),
        public=bytes.fromhex(entry["public"]),
        not_before=datetime.fromisoformat(entry["not_before"]),
        not_after=datetime.fromisoformat(entry["not_after"]),
        town_id=TownId(UUID(entry["town_id"])),
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test with ``token_case``, ``scan_case`` or ``typed_case`` for each such vector."""
    for argument, member in {
        "token_case": "cases",
        "scan_case": "scans",
        "typed_case": "codes",
    }.items():
        if argument in metafunc.fixturenames:
            entries = json.loads(VECTORS.read_text("utf-8"))[member]
            metafunc.parametrize(argument, entries, ids=[entry["name"] for entry in entries])


@pytest.fixture(scope="session")
def vectors() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(VECTORS.read_text("utf-8"))
    return document


@pytest.fixture(scope="session")
def vector_keys(vectors: dict[str, Any]) -> KeySet:
    return KeySet(map(public_key, vectors["keys"]))
