"""Data folders for the tests of the embedded PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from embedded_clusters import ask, new_place, servers_of

from gutschein.db.embedded import EmbeddedPostgres


@pytest.fixture(scope="session")
def made() -> Iterator[Path]:
    """A data folder with a stopped cluster, holding one table with a row for Guben.

    The tests share it, since a life goes on; what one of them adds has a name of its own,
    and what it damages it puts back.
    """
    rows = ["CREATE TABLE town (name text)", "INSERT INTO town VALUES ('Guben')"]
    with new_place() as folder:
        with EmbeddedPostgres(folder / "data") as server:
            ask(server.start(), *rows)
        yield folder / "data"


@pytest.fixture
def data_dir(made: Path) -> Iterator[Path]:
    yield made
    for process in servers_of(made):
        process.kill()


@pytest.fixture
def place() -> Iterator[Path]:
    """An empty folder that is removed afterwards."""
    with new_place() as folder:
        yield folder
