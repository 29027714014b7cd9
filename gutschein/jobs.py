"""What runs by the clock, inside the service: mails go out, history is sealed, rubbish cleared.

Every worker runs this. A job is run by one of them at a time, whoever finds it free; each
can be cut off and begun again at any moment, since all it does is in units of work.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from gutschein.db.access import JOBS, Access
from gutschein.db.locks import try_lock
from gutschein.db.unit_of_work import Database, Work
from gutschein.history.jobs import Sealer, send_heads
from gutschein.kernel.clock import utc_now
from gutschein.kernel.ids import derived_id
from gutschein.mail.jobs import deliver, discard, forget
from gutschein.mail.smtp import PORTS, SmtpSender
from gutschein.secrets import Secrets
from gutschein.settings import Settings
from gutschein.signing.service_keys import ServiceKeys
from gutschein.watch.job_times import JobTimes
from gutschein.watch.metrics import RunOutcome

#: Connections of a worker for its jobs: one holds the lock, the other does the work.
CONNECTIONS = 2
#: How long a job that is under way may go on when the service stops.
GRACE_SECONDS = 3
#: However rarely a job runs, it first runs so soon after the start.
FIRST_SECONDS = 60

#: What the numbers of the jobs' locks are derived from.
_LOCKS = UUID("9d5b0c9e-6a0e-4a55-8b58-6d2f6ab4a1f7")

_log = logging.getLogger(__name__)

#: What a job does; the database acts as ``JOBS`` unless it says otherwise.
Chore = Callable[[Database, datetime], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Job:
    """A chore, and how many seconds pass between the end of one run and the next."""

    name: str
    seconds: float
    chore: Chore


def standing_jobs(settings: Settings, secrets: Secrets, keys: ServiceKeys) -> list[Job]:
    """Return the jobs of mail and history, as the settings want them."""
    sender = smtp_sender(settings, secrets)
    jobs = [
        Job("mail", 10, discard if sender is None else partial(_deliver, keys=keys, sender=sender)),
        Job("history", 60, Sealer()),
        Job("sent mails", 3_600, forget),
    ]
    if settings.history_head_to is not None:
        heads = partial(_send_heads, keys=keys, to=settings.history_head_to)
        jobs.append(Job("history heads", 3_600, heads))
    return jobs


def smtp_sender(settings: Settings, secrets: Secrets) -> SmtpSender | None:
    """Return who sends our mails, ``None`` where nobody does."""
    if settings.smtp_host is None or settings.smtp_sender is None:
        return None
    return SmtpSender(
        host=settings.smtp_host,
        port=settings.smtp_port or PORTS[settings.smtp_security],
        address=settings.smtp_sender,
        security=settings.smtp_security,
        user=settings.smtp_user,
        password=secrets.smtp_password,
    )


def purging(access: Access, purge: Callable[[Work, datetime], Awaitable[int]]) -> Chore:
    """Make a chore of a function that clears away within one unit of work."""

    async def chore(database: Database, now: datetime) -> int:
        async with database.acting(access).unit_of_work() as work:
            return await purge(work, now)

    return chore


@asynccontextmanager
async def running(
    database: Database,
    jobs: Sequence[Job],
    clock: Callable[[], datetime],
    resting: Callable[[], bool] = lambda: False,
) -> AsyncIterator[None]:
    """Run *jobs* until the block is left.

    Then no job begins any more. One that is under way has :data:`GRACE_SECONDS` to end;
    after that it is cut off, which undoes the unit of work it is in and no other.

    :param database: with :data:`CONNECTIONS` of its own.
    :param resting: tells whether a job that is due must not begin.
    """
    stop = asyncio.Event()
    runner = asyncio.create_task(_run(database.acting(JOBS), jobs, clock, resting, stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait({runner}, timeout=GRACE_SECONDS)
        runner.cancel()
        await asyncio.wait({runner})
        if not runner.cancelled():
            runner.result()


async def _run(
    database: Database,
    jobs: Sequence[Job],
    clock: Callable[[], datetime],
    resting: Callable[[], bool],
    stop: asyncio.Event,
) -> None:
    """Run one job after another, always the one that is due first."""
    time = asyncio.get_running_loop().time
    times = JobTimes((job.name for job in jobs), utc_now)
    due_at: dict[str, float] = {}

    def wait(job: Job, seconds: float) -> None:
        due_at[job.name] = time() + seconds
        times.due_in(job.name, seconds)

    for job in jobs:
        wait(job, min(job.seconds, FIRST_SECONDS))
    while jobs:
        job = min(jobs, key=lambda each: due_at[each.name])
        try:
            await asyncio.wait_for(stop.wait(), max(0, due_at[job.name] - time()))
        except TimeoutError:
            if not resting():
                times.begun(job.name)
                if outcome := await _attempted(database, job, clock()):
                    times.ended(job.name, outcome)
            wait(job, job.seconds)
        else:
            return


async def run_alone(database: Database, job: Job, now: datetime) -> bool:
    """Run a job unless another worker is at it; tell whether it ran to its end.

    What goes wrong is logged, whatever it is, and the job is run again when it is next due.
    """
    return await _attempted(database, job, now) == "done"


async def _attempted(database: Database, job: Job, now: datetime) -> RunOutcome | None:
    """Run a job; ``None`` when another worker is at it."""
    run = asyncio.create_task(_run_locked(database, job, now))
    try:
        await asyncio.wait({run})
    finally:
        if not run.done():
            run.cancel()
            await asyncio.wait({run})
    if error := run.exception():
        _log.error("The job »%s« failed and will be run again", job.name, exc_info=error)
        return "failed"
    return "done" if run.result() else None


async def _run_locked(database: Database, job: Job, now: datetime) -> bool:
    async with database.unit_of_work() as work:
        if not await try_lock(work, derived_id(_LOCKS, job.name), "job"):
            return False
        await job.chore(database, now)
        return True


async def _deliver(
    database: Database, now: datetime, *, keys: ServiceKeys, sender: SmtpSender
) -> None:
    delivered = await deliver(database, keys, sender, now)
    if delivered.put_off or delivered.given_up:
        _log.warning(
            "Mail: %d sent, %d put off, %d given up; the outbox says why",
            delivered.sent,
            delivered.put_off,
            delivered.given_up,
        )


async def _send_heads(database: Database, now: datetime, *, keys: ServiceKeys, to: str) -> None:
    await send_heads(database, keys, to, now)
