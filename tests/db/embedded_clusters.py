"""What the tests of the embedded PostgreSQL share: a made cluster, and questions to it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import text

from gutschein.db.engine import create_engine

GUBEN = "SELECT count(*) FROM town WHERE name = 'Guben'"

OWNER = """
import sys, time
from pathlib import Path
from gutschein.db.embedded import EmbeddedPostgres

with EmbeddedPostgres(Path(sys.argv[1])) as server:
    print(server.start(), flush=True)
    time.sleep(600)
"""


@contextmanager
def new_place() -> Iterator[Path]:
    """Make a folder, and remove it afterwards.

    pytest's own would do but for root: each new run of pytest takes away the right to pass
    through ``/tmp/pytest-of-root`` that the server of a run beside it needs.
    """
    with tempfile.TemporaryDirectory(prefix="gutschein-test-") as folder:
        yield Path(folder).resolve()


def ask(url: str, *statements: str) -> Any:
    """Run the statements, and return the first value that the last one gave."""

    async def run() -> Any:
        engine = create_engine(url, role=None, pool_size=1)
        answer = None
        try:
            async with engine.begin() as connection:
                for statement in statements:
                    result = await connection.execute(text(statement))
                    answer = result.scalar() if result.returns_rows else None
        finally:
            await engine.dispose()
        return answer

    return asyncio.run(run())


def copy_of(made: Path, target: Path) -> Path:
    """Copy a stopped data folder, owners included, and return the copy."""
    subprocess.run(["cp", "-a", str(made), str(target)], check=True)
    return target


@contextmanager
def owner_process(data_dir: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run another process that owns the server of *data_dir*; yield it and the URL."""
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(data_dir)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate()


def servers_of(data_dir: Path) -> list[psutil.Process]:
    """Return every process of the cluster, the postmaster and its children."""
    cluster = str(data_dir.resolve() / "postgres")
    return [
        process
        for process in psutil.process_iter(["name", "cwd"])
        if process.info["name"] == "postgres" and process.info["cwd"] == cluster
    ]
