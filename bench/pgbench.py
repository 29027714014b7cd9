"""The floor of the database: PostgreSQL's own pgbench, doing the least a redemption can be.

That is to take an amount from a balance that must not fall below zero, and to write down a
transfer: an UPDATE and an INSERT, with a commit that is on the disk. pgbench comes with
the embedded server, is written in C, speaks the same protocol over the same socket and
prepares its statements.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from sqlalchemy import make_url

from bench.measure import Place
from bench.outcome import percentile
from bench.place import plain_url
from gutschein.db.embedded_cluster import program
from gutschein.db.embedded_process import environment

DATABASE = "floor"
BALANCES = 10_000

_TABLES = f"""
    CREATE TABLE balance (
        id integer PRIMARY KEY, cents bigint NOT NULL CHECK (cents >= 0)
    ) WITH (fillfactor = 80);
    CREATE TABLE transfer (
        id uuid PRIMARY KEY, balance_id integer NOT NULL, cents bigint NOT NULL,
        booked_at timestamptz NOT NULL
    );
    INSERT INTO balance SELECT n, 1000000000000 FROM generate_series(1, {BALANCES}) n;
"""  # noqa: S608 - a number of ours

#: An UPDATE of a balance row and an INSERT of a transfer, in BEGIN and END.
TWO_STATEMENTS = f"""
\\set balance random(1, {BALANCES})
BEGIN;
UPDATE balance SET cents = cents - 1 WHERE id = :balance;
INSERT INTO transfer VALUES (uuidv7(), :balance, 1, now());
END;
"""  # noqa: S608 - a number of ours

#: The same as one statement, and all on one row.
ONE_ROW = """
WITH spent AS (UPDATE balance SET cents = cents - 1 WHERE id = 1 RETURNING id)
INSERT INTO transfer SELECT uuidv7(), id, 1, now() FROM spent;
"""

_RATE = re.compile(r"^tps = ([0-9.]+) ", re.MULTILINE)


@dataclass(frozen=True)
class Pgbench:
    """Runs scripts in a database beside the service's, on the same server."""

    folder: Path
    host: str
    user: str

    @classmethod
    def at(cls, place: Place) -> Pgbench:
        """Make the tables; call it once at a place."""
        asyncio.run(_make_tables(place.database_url))
        url = make_url(place.database_url)
        folder = place.folder / "pgbench"
        folder.mkdir()
        return cls(folder, str(url.query["host"]), url.username or "")

    def rate(self, script: str, clients: int, seconds: float) -> float:
        """Return transactions a second with so many clients.

        :raises subprocess.CalledProcessError: when pgbench fails.
        """
        said = self._run(script, clients, seconds)
        found = _RATE.search(said)
        if found is None:
            raise ValueError(f"pgbench says no rate: {said}")
        return float(found[1])

    def median_latency(self, script: str, seconds: float) -> float:
        """Return the median seconds of a transaction of one client alone."""
        log = self.folder / "log"
        log.mkdir()
        self._run(script, 1, seconds, "--log", f"--log-prefix={log / 'of'}")
        written = "".join(path.read_text() for path in log.iterdir())
        for path in log.iterdir():
            path.unlink()
        log.rmdir()
        # client, transaction, microseconds, script, second, microsecond
        return percentile([int(each.split()[2]) / 1e6 for each in written.splitlines()], 0.5)

    def _run(self, script: str, clients: int, seconds: float, *options: str) -> str:
        written = self.folder / "script.sql"
        written.write_text(script)
        return subprocess.run(  # noqa: S603 - the program is our own
            [
                str(program("pgbench")),
                *("-h", self.host, "-U", self.user),
                *("-M", "prepared", "-n", "-f", str(written)),
                *("-c", str(clients), "-j", str(min(clients, 2))),
                *("-T", str(max(1, round(seconds)))),
                *options,
                DATABASE,
            ],
            check=True,
            capture_output=True,
            text=True,
            env=environment(),
        ).stdout


async def _make_tables(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f"CREATE DATABASE {DATABASE}")
    finally:
        await connection.close()
    connection = await asyncpg.connect(plain_url(url, DATABASE))
    try:
        await connection.execute(_TABLES)
    finally:
        await connection.close()
