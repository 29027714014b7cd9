"""Tills that ask for vouchers there are not: counted for the till and for its merchant.

A till that has guessed too often may type no more codes for a while. It still takes what it
scans: a signature cannot be guessed. Nothing is written, and the database is not asked, as
long as vouchers are found; see :meth:`gutschein.limits.counting.Limits.check_known`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from gutschein.kernel.errors import Refusal
from gutschein.limits.counting import Limits
from gutschein.limits.rules import GUESS_CALLER, GUESS_MERCHANT, Rule
from gutschein.web.caller import Caller

#: What an honest till seldom meets: a code of no voucher, and a forged signature.
_GUESSED = frozenset({"voucher.unknown", "token.signature", "token.key_unknown"})


@asynccontextmanager
async def counting_guesses(
    limits: Limits, caller: Caller, now: datetime, *, typed: bool
) -> AsyncIterator[None]:
    """Count it when what is done inside is refused as a guess.

    Put it around the unit of work, which has to be over when the guess is counted.

    :param typed: whether a typed code is among what is held up.
    :raises Refusal: ``limit.rate`` for a typed code, where too many were wrong before.
    """
    if typed:
        refuse_guesser(limits, caller, now)
    try:
        yield
    except Refusal as refusal:
        await note_guess(limits, caller, refusal, now)
        raise


def refuse_guesser(limits: Limits, caller: Caller, now: datetime) -> None:
    """Refuse a typed code of a till that has guessed too often.

    :raises Refusal: ``limit.rate``.
    """
    for rule, key in _counted(caller):
        limits.check_known(rule, key, now)


async def note_guess(limits: Limits, caller: Caller, refusal: Refusal, now: datetime) -> None:
    """Count a refusal that may be that of a guess."""
    if refusal.code in _GUESSED:
        await limits.note_all(_counted(caller), now)


def _counted(caller: Caller) -> list[tuple[Rule, str]]:
    merchants = {str(grant.merchant_id) for grant in caller.grants if grant.merchant_id}
    return [
        (GUESS_CALLER, f"{caller.kind}:{caller.id}"),
        *((GUESS_MERCHANT, merchant) for merchant in sorted(merchants)),
    ]
