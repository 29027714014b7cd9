"""The service, and two towns of a region with rows put there by the database's owner."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest
from api_fixtures import anonymous, api, app, clock, everybody, shared_app
from rows_by_hand import Ledger

__all__ = ["anonymous", "api", "app", "clock", "everybody", "shared_app"]


@pytest.fixture
async def ledger(fresh_database_url: str) -> AsyncIterator[Ledger]:
    connection = await asyncpg.connect(fresh_database_url)
    ledger = Ledger(connection)
    await ledger.open()
    yield ledger
    await connection.close()
