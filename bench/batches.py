"""A town that issues batches, as the benchmarks of issuing and printing need one."""

from __future__ import annotations

import asyncio
import multiprocessing
import resource
import secrets
from collections.abc import Callable, Coroutine
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from bench.furnish import Furnisher
from bench.place import ROLE
from gutschein.db.access import Access
from gutschein.db.engine import create_engine
from gutschein.db.unit_of_work import Database, Work
from gutschein.kernel.clock import utc_now
from gutschein.kernel.ids import BatchId, PaymentId, ProgrammeId, RegionId, TownId, new_id
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.towns.schemas import NewRegion
from gutschein.towns.service import create_region
from gutschein.vouchers.batch import Batch, Order
from gutschein.vouchers.issue import issue

VALUE_CENTS = 10_00

Result = TypeVar("Result")


@dataclass(frozen=True)
class Issuer:
    """A town with one programme, on a database."""

    database_url: str
    key: bytes = field(repr=False)
    town_id: TownId
    programme_id: ProgrammeId

    @property
    def kek(self) -> KeyEncryptionKey:
        return KeyEncryptionKey(self.key)

    def order(self, payment_id: PaymentId, count: int) -> Order:
        return Order(
            self.town_id,
            BatchId(new_id()),
            self.programme_id,
            payment_id,
            count,
            VALUE_CENTS,
            sold_on=None,
        )

    def paid(self, count: int) -> PaymentId:
        """Book the money for so many vouchers."""

        async def book(work: Work) -> PaymentId:
            furnisher = _furnisher(database, self.kek)
            return await furnisher.payment(work, self.town_id, count * VALUE_CENTS)

        database = Database(create_engine(self.database_url), Access.town(self.town_id))
        return asyncio.run(_in_one(database, book))

    async def issued(self, database: Database, payment_id: PaymentId, count: int) -> Batch:
        """Issue a batch in a unit of work, as the service's route does."""
        async with database.unit_of_work() as work:
            order = self.order(payment_id, count)
            batch, _ = await issue(work, order, self.kek, utc_now())
        return batch


def new_issuer(database_url: str) -> Issuer:
    """Open a region with one town in it."""
    key = secrets.token_bytes(32)

    async def furnish(work: Work) -> Issuer:
        furnisher = _furnisher(database, KeyEncryptionKey(key))
        region, _ = await create_region(work, NewRegion(name="Erzgebirge"), furnisher.now)
        town_id = await furnisher.town(work, RegionId(region.id), 1)
        programme_id = await furnisher.programme(work, town_id, 250_00)
        return Issuer(database_url, key, town_id, programme_id)

    access = Access(ROLE)  # type: ignore[arg-type]  # not one of the service's
    database = Database(create_engine(database_url, role=None), access)
    return asyncio.run(_in_one(database, furnish))


def _furnisher(database: Database, kek: KeyEncryptionKey) -> Furnisher:
    # The service's keys are for tills, and there are none.
    return Furnisher(database, kek, None, utc_now())  # type: ignore[arg-type]


async def _in_one(database: Database, do: Callable[[Work], Coroutine[Any, Any, Result]]) -> Result:
    try:
        async with database.unit_of_work() as work:
            return await do(work)
    finally:
        await database.close()


def in_a_process(do: Callable[..., Result], *arguments: Any) -> Result:
    """Run a function in a fresh process of its own."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as processes:
        return processes.submit(do, *arguments).result()


def most_memory() -> float:
    """Return the most megabytes that this process has had (proc(5), ``VmHWM``).

    Not those of ``getrusage``, which begin with what its parent had when it was made.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    [line] = [each for each in status.splitlines() if each.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024


def most_memory_of_a_child() -> float:
    """Return the most megabytes that a process has had which this one made and has seen end."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
