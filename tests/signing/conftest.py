"""The test vectors, read the way any other implementation would read them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from api_fixtures import anonymous, api, app, clock, everybody, shared_app  # noqa: F401 - fixtures
from stage import stage  # noqa: F401 - a fixture
from towns_with_keys import public_key

from gutschein.signing.keyset import KeySet

VECTORS = Path(__file__).parent.parent / "vectors" / "token.json"


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
