"""The heads of all chains, sent out of the house once a day.

Whoever holds a head holds everything before it: history that is written anew, with all its
blocks, ends in another hash than the one that somebody else has kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from gutschein.db.unit_of_work import Work
from gutschein.history import block_repository
from gutschein.history.rules import Head, Kind
from gutschein.kernel.clock import berlin_day, format_day
from gutschein.kernel.ids import derived_id
from gutschein.mail.message import Mail
from gutschein.mail.outbox import enqueue
from gutschein.signing.service_keys import ServiceKeys

#: What the ids of these mails are derived from, one for each day.
_MAILS = UUID("5f0d8a4e-3d0c-4c63-9a53-0a7a5b7f3c11")

_ABOUT = """\
Diese Prüfwerte stehen für alles, was bis zu der genannten Zeit gebucht und
protokolliert war. Bitte diese Mail aufbewahren, am besten dort, wo niemand
hinkommt, der das System betreibt: Wird später eine Buchung oder eine Zeile
des Protokolls verändert, gelöscht oder dazwischengeschoben, so passt der
Prüfwert nicht mehr. Geprüft wird mit der gespeicherten Mail so:

    gutschein audit --heads MAIL.eml

These hashes stand for everything that was booked and logged up to the time
given. Please keep this mail, best where nobody who runs the system can reach
it: if a booking or a line of the log is changed, deleted or slipped in later
on, the hash no longer fits. The command above checks it against this mail.
"""

_OVER = {Kind.LOG: "Protokoll / log", Kind.TRANSFER: "Buchungen / transfers"}


async def enqueue_heads(work: Work, keys: ServiceKeys, to: str, now: datetime) -> bool:
    """Put the mail of a German day into the outbox, once; tell whether this was the time.

    :param work: acting as ``JOBS``.
    :param to: somebody who does not run the system: the treasurer, an auditor, a notary.
    """
    day = berlin_day(now)
    heads = await block_repository.heads(work)
    if not heads:
        return False
    mail_id = derived_id(_MAILS, f"{day.isoformat()} {to}")
    return await enqueue(work, keys, heads_mail(heads, to, day), now, mail_id=mail_id)


def heads_mail(heads: Iterable[Head], to: str, day: date) -> Mail:
    """Write the mail: lines for people, which ``gutschein audit --heads`` reads too."""
    blocks = "".join(f"\n{_described(head)}" for head in heads)
    subject = f"Prüfwerte der Historie vom {format_day(day)} / history heads"
    return Mail(to, subject, f"{_ABOUT}{blocks}", "de")


def _described(head: Head) -> str:
    return (
        f"{head.name}: {_OVER[head.kind]}\n"
        f"  Kette / chain: {head.chain_id} {head.kind}\n"
        f"  Block: {head.number}, bis / up to {head.sealed_up_to:%Y-%m-%dT%H:%M:%SZ}\n"
        f"  SHA-256: {head.hash.hex()}\n"
    )
