"""Tell how far the issuing or the printing of a batch is, while it is under way.

A batch is issued in one unit of work, in which nobody else sees anything before its end.
So progress is written in units of work of its own, once a second; what is over sooner
writes nothing. A run that was killed can be told by its last report.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy.exc import SQLAlchemyError

from gutschein.db.unit_of_work import Database
from gutschein.kernel.ids import BatchId, TownId
from gutschein.vouchers import progress_repository
from gutschein.web.outage import is_outage

Task = Literal["issue", "print"]

#: Seconds between two reports, and before the first.
INTERVAL_SECONDS = 1.0

#: A run that has not reported for so long is not under way any more.
SILENCE = timedelta(seconds=30)

#: Held until they have ended; the event loop alone would not hold them.
_reporters: set[asyncio.Task[None]] = set()

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Run:
    """Some work on a batch, from its beginning on.

    :param total_count: vouchers to be issued or printed.
    :param done_count: those of them that are; ``None`` before the work itself begins.
    """

    town_id: TownId
    batch_id: BatchId
    task: Task
    total_count: int
    began_at: datetime
    done_count: int | None = None

    def report(self, done_count: int) -> None:
        """Take note of how many vouchers are done. That costs nothing."""
        self.done_count = done_count


@asynccontextmanager
async def reported(
    database: Database, run: Run, *, interval_seconds: float | None = None
) -> AsyncIterator[Callable[[int], None]]:
    """Report a run to whoever asks, as long as the block lasts; yield what to count with.

    A report that cannot be written is left out: the work goes on without it.
    """
    stop = asyncio.Event()
    reporter = asyncio.create_task(
        _report(database, run, stop, interval_seconds or INTERVAL_SECONDS)
    )
    _reporters.add(reporter)
    reporter.add_done_callback(_reporters.discard)
    try:
        yield run.report
    finally:
        stop.set()
        await asyncio.shield(reporter)  # it tells of the end even when we were cancelled


async def _report(database: Database, run: Run, stop: asyncio.Event, interval: float) -> None:
    time = asyncio.get_running_loop().time
    began = time()
    saved = stopped = False
    while not stopped:
        stopped = await _set_within(stop, interval)
        if saved or (run.done_count is not None and not stopped):
            now = run.began_at + timedelta(seconds=time() - began)
            row = asdict(run) | {"reported_at": now, "ended_at": now if stopped else None}
            saved |= await _written(database, row)


async def _written(database: Database, row: dict[str, Any]) -> bool:
    try:
        async with database.unit_of_work() as work:
            await progress_repository.save(work, row)
    except (SQLAlchemyError, OSError) as error:
        if not is_outage(error):
            raise
        _log.warning("A report of progress was left out: %s", type(error).__name__)
        return False
    return True


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    return True
