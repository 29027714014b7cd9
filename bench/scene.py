"""Where redemptions are measured: a furnished region, the service on it, and the floors."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from bench.checks import EachBatchRedeemed, EachRedeemed, EachVerified
from bench.furnish import Size, furnish
from bench.generator import run
from bench.load import Load
from bench.measure import Further, Place
from bench.outcome import Outcome
from bench.pgbench import Pgbench
from bench.place import ROLE
from bench.profile import PROFILE_VARIABLE, profiled
from bench.region import Paper, Region, Till
from bench.requests import AMOUNT_CENTS, batches, note_balances, redemptions
from bench.service import Served, served
from bench.verify_only import KEYS_VARIABLE, write_keys
from gutschein.db.access import Access
from gutschein.db.engine import create_engine
from gutschein.db.unit_of_work import Database
from gutschein.signing.key_trust import published_keys

CONNECTIONS = 128
WARM_UP_SECONDS = 2.0

#: More requests are prepared than the rate seen before would use.
_SPARE = 1.6
_FIRST_RATE = 4_000.0
_FLOORS = ("wired", "wired_short")


@dataclass
class Scene:
    """The service and the floors beside it, all running and idle."""

    place: Place
    region: Region
    service: Served
    verifier: Served
    short: Served
    pgbench: Pgbench
    _rates: dict[str, float] = field(default_factory=dict)

    def redeemed(
        self,
        tills: Sequence[Till],
        papers: Sequence[Paper] | None = None,
        *,
        connections: int = CONNECTIONS,
        seconds: float | None = None,
        may_refuse: bool = False,
    ) -> Outcome:
        """Redeem as fast as the answers come; one cent each.

        :param may_refuse: whether the service may say that it is busy, as one may that has
            nothing in its memory yet.
        """
        papers = self.region.papers if papers is None else papers
        lasts = self.place.seconds if seconds is None else seconds
        what = f"redeemed {connections}"
        there_is = len(papers) * min(paper.balance_cents for paper in papers) // AMOUNT_CENTS
        count = min(self._count(what, lasts), there_is)
        ready = redemptions(tills, papers, count, self.service.authority, exact=not may_refuse)
        check = EachRedeemed(ready.single, ready.staircase, may_refuse=may_refuse)
        done = run(Load(self.service.port, ready.requests, check, connections, lasts))
        if may_refuse:
            self._reread(papers)
        else:
            note_balances(papers, done.balances)
        self._rates[what] = done.rate
        return done

    def redeemed_at(self, rate: float, tills: Sequence[Till], seconds: float, most: int) -> Outcome:
        """Redeem at a fixed rate whether or not the service keeps up; it may say it is busy.

        :param most: connections there are.
        """
        papers, count = self.region.papers, round(rate * seconds)
        ready = redemptions(tills, papers, count, self.service.authority, exact=False)
        check = EachRedeemed(ready.single, ready.staircase, may_refuse=True)
        done = run(Load(self.service.port, ready.requests, check, most, seconds, rate))
        self._reread(papers)
        return done

    def redeemed_in_batches(self, tills: Sequence[Till], size: int, connections: int) -> Outcome:
        """Redeem batches as fast as the answers come. What is counted is batches."""
        papers, lasts, what = self.region.papers, self.place.seconds, f"batches of {size}"
        count = self._count(what, lasts, first=_FIRST_RATE * 4 / size)
        ready = batches(tills, papers, count, size, self.service.authority)
        check = EachBatchRedeemed(ready.expected, ready.staircase)
        done = run(Load(self.service.port, ready.requests, check, connections, lasts))
        self._reread(papers)
        self._rates[what] = done.drained_rate
        return done

    def verified(
        self, tills: Sequence[Till], *, connections: int = CONNECTIONS, short: bool = False
    ) -> Outcome:
        """Send the same requests to the endpoint that only verifies.

        :param short: to the one past the web framework.
        """
        floor = self.short if short else self.verifier
        papers, lasts = self.region.papers, self.place.seconds
        what = f"verified {connections} {short}"
        ready = redemptions(tills, papers, self._count(what, lasts), floor.authority)
        check = EachVerified(ready.single, ready.staircase)
        done = run(Load(floor.port, ready.requests, check, connections, lasts))
        self._rates[what] = done.rate
        return done

    def warm_up(self, tills: Sequence[Till], papers: Sequence[Paper] | None = None) -> None:
        """Fill caches and plans, as a service has them that runs since the morning."""
        for _ in range(2):
            self.redeemed(tills, papers, seconds=WARM_UP_SECONDS, may_refuse=True)

    def _reread(self, papers: Sequence[Paper]) -> None:
        """Ask the ledger what is left: who is answered »busy« may have been booked all the same."""
        note_balances(papers, asyncio.run(_balances(self.place.database_url, papers)))

    def _count(self, what: str, seconds: float, first: float = _FIRST_RATE) -> int:
        return 1_000 + round(self._rates.get(what, first) * seconds * _SPARE)


@contextmanager
def scene(place: Place, size: Size) -> Iterator[Scene]:
    """Furnish a region, start the service on it and the floors beside it."""
    region = furnish(place.database_url, size)
    with serving(place, region) as (service, verifier, short):
        yield Scene(place, region, service, verifier, short, Pgbench.at(place))


@contextmanager
def serving(place: Place, region: Region) -> Iterator[tuple[Served, Served, Served]]:
    """Start the service and the two endpoints that only verify."""
    keys = place.folder / "keys.json"
    asyncio.run(_write_keys(place.database_url, keys))
    wanted = (place.database_url, place.folder, region.key_encryption_key)
    environment = {KEYS_VARIABLE: str(keys)}
    aimed, short = (("bench.aimed", f"bench.verify_only:{name}") for name in _FLOORS)
    with (
        profiled(os.environ.get(PROFILE_VARIABLE)) as program,
        served(*wanted, **program) as service,
        served(*wanted, program=aimed, environment=environment) as verifier,
        served(*wanted, program=short, environment=environment) as past_the_framework,
    ):
        yield service, verifier, past_the_framework


def about(name: str, outcome: Outcome) -> tuple[Further, ...]:
    """Return what else a load of redemptions has shown."""
    return (
        Further(f"{name}, median", outcome.latency(0.5) * 1000, "ms"),
        Further(f"{name}, 99th percentile", outcome.latency(0.99) * 1000, "ms"),
        generator(name, outcome),
    )


def generator(name: str, outcome: Outcome) -> Further:
    """Return what the load generator itself has used, and say when that was too much."""
    note = " (SATURATED: it may bound the figure)" if outcome.saturated else ""
    return Further(f"{name}, load generator{note}", outcome.cpu_share * 100, "% of a core")


async def _balances(database_url: str, papers: Sequence[Paper]) -> dict[int, int]:
    """Return what is left on each of the papers, by its place."""
    connection = await asyncpg.connect(database_url)
    try:
        rows = await connection.fetch(
            "SELECT id, balance_cents FROM ledger_account WHERE kind = 'voucher'"
            " AND (town_id, id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[]))",
            [paper.town_id for paper in papers],
            [paper.id for paper in papers],
        )
    finally:
        await connection.close()
    left = {str(row["id"]): int(row["balance_cents"]) for row in rows}
    return {place: left[paper.id] for place, paper in enumerate(papers)}


async def _write_keys(database_url: str, path: Path) -> None:
    engine = create_engine(database_url, role=None, pool_size=1)
    database = Database(engine, Access(ROLE))  # type: ignore[arg-type]  # not one of the service's
    try:
        async with database.reading() as work:
            write_keys(path, await published_keys(work))
    finally:
        await database.close()
