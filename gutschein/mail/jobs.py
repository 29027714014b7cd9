"""What the mail has done by the clock: it is sent, put off, given up, and forgotten."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from gutschein.db.access import JOBS
from gutschein.db.unit_of_work import Database
from gutschein.mail import repository
from gutschein.mail.message import UnusableAddress, compose, envelope_address, sender_address
from gutschein.mail.outbox import opened
from gutschein.mail.rules import KEPT, is_over, next_attempt_at
from gutschein.mail.smtp import Sender, Undelivered
from gutschein.signing.sealing import BrokenSeal
from gutschein.signing.service_keys import ServiceKeys

#: How long a run goes on: with the time of its last mail still less than the first pause,
#: so that what one run has claimed no other finds due.
RUN_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of the mails that were due."""

    sent: int = 0
    put_off: int = 0
    given_up: int = 0


async def deliver(
    database: Database, keys: ServiceKeys, sender: Sender, now: datetime
) -> Delivered:
    """Send what is due, one after another, for a while; what is left is the next run's.

    An attempt is noted before it is made, so that one that is cut off is followed by a
    pause like any other: a mail may then come twice, under one Message-ID, but no two
    workers send it at once.
    """
    jobs = database.acting(JOBS)
    counts = {"sent": 0, "put_off": 0, "given_up": 0}
    time = asyncio.get_running_loop().time
    end = time() + RUN_SECONDS
    while time() < end:
        async with jobs.unit_of_work() as work:
            row = await repository.claim_due(work, now)
            if row is None:
                break
            attempts = row.attempts + 1
            await repository.set_attempt(work, row.id, attempts, next_attempt_at(attempts, now))
        trouble = await _attempt(keys, sender, row, now)
        async with jobs.unit_of_work() as work:
            if trouble is None:
                await repository.set_sent(work, row.id, now)
                counts["sent"] += 1
            elif trouble.permanent or is_over(row.queued_at, now):
                await repository.give_up(
                    work,
                    row.id,
                    str(trouble),
                    now,
                    recipient_refused=trouble.permanent and trouble.of_recipient,
                )
                counts["given_up"] += 1
            else:
                await repository.set_error(work, row.id, str(trouble))
                counts["put_off"] += 1
    return Delivered(**counts)


async def discard(database: Database, now: datetime) -> int:
    """Give up what waits where no mail is sent, so that no link lies about; return how many."""
    async with database.acting(JOBS).unit_of_work() as work:
        return await repository.give_up_all(work, "no mail server is set", now)


async def forget(database: Database, now: datetime) -> int:
    """Delete the facts of mails that were sent or given up long ago; return how many."""
    async with database.acting(JOBS).unit_of_work() as work:
        return await repository.delete_ended(work, now - KEPT)


async def _attempt(
    keys: ServiceKeys, sender: Sender, row: Row[Any], now: datetime
) -> Undelivered | None:
    """Return what is in the way; ``None`` when it was sent."""
    try:
        mail = opened(keys, row)
        message = compose(mail, sender.address, row.id, now)
        await sender.send(sender_address(sender.address), envelope_address(mail.to), message)
    except Undelivered as error:
        return error
    except UnusableAddress:
        words = "an address that no mail can be sent to"
        return Undelivered(words, permanent=True, of_recipient=True)
    except BrokenSeal:
        return Undelivered("its seal is broken", permanent=True)
    return None
