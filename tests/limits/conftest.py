"""Counters on the shared database, each test under keys of its own."""

from __future__ import annotations

import hmac
from uuid import uuid4

import pytest
from api_fixtures import anonymous, api, app, clock, everybody, shared_app  # noqa: F401 - fixtures
from stage import stage  # noqa: F401 - a fixture

from gutschein.db.unit_of_work import Database
from gutschein.limits.counting import Limits


def keyed(message: bytes) -> bytes:
    return hmac.digest(b"a key outside the database", message, "sha256")


@pytest.fixture
def limits(database: Database) -> Limits:
    return Limits(database, keyed)


@pytest.fixture
def other_worker(database: Database) -> Limits:
    """Counters of another process: the same database, a memory of its own."""
    return Limits(database, keyed)


@pytest.fixture
def key() -> str:
    return uuid4().hex
