"""What is left on a voucher, for anybody who holds it, and nothing for anybody who guesses.

Unknown, altered, blocked and replaced are one refusal, and a typed code is answered at one
pace: after the same work, at a full quarter of a second. Every limit is asked before a
voucher is looked for, so that no limit tells whether there is one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from gutschein.db.access import CLEARING
from gutschein.db.unit_of_work import Database
from gutschein.kernel.clock import berlin_day
from gutschein.kernel.errors import Refusal
from gutschein.limits.counting import Limits
from gutschein.limits.rules import (
    BALANCE_FAILED,
    BALANCE_PAGE,
    BALANCE_TYPED,
    BALANCE_VOUCHER,
    Rule,
)
from gutschein.redemption.balance import view_of
from gutschein.redemption.presented import Presented
from gutschein.redemption.voucher_repository import VoucherView
from gutschein.signing.code import parse_code
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.vouchers.rules import check_usable

#: Answers to typed codes leave at multiples of this after their arrival.
PACE = timedelta(milliseconds=250)

#: Troubles of ours, which are the same whatever was asked.
_OURS = frozenset({"key.sealed"})

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PublicBalance:
    """A voucher that is recognised.

    :param expired: ``voucher.expired``, when its last day is over.
    """

    voucher: VoucherView
    expired: Refusal | None


@dataclass(frozen=True, slots=True)
class Counter:
    """Where the public asks.

    :param room: how many may be served from the database at once, so that the tills find a
        connection however many stand here.
    :param address: of whoever asks.
    """

    database: Database
    limits: Limits
    kek: KeyEncryptionKey
    room: asyncio.Semaphore
    address: str
    now: datetime

    async def scanned(self, token: str) -> PublicBalance:
        """Answer for what a QR code opens.

        :raises Refusal: ``voucher.unknown`` for whatever is not recognised, ``limit.rate``.
        """
        async with self.room:
            await self.limits.take_all(
                [(BALANCE_PAGE, self.address), (BALANCE_VOUCHER, token)], self.now
            )
            return await self._found(Presented(token=token))

    async def typed(self, text: str) -> PublicBalance:
        """Answer for a code that was typed.

        :raises Refusal: ``code.typo`` where the check character disagrees, which says
            nothing of any voucher; ``voucher.unknown``, ``limit.rate``.
        """
        self.limits.check_known(BALANCE_FAILED, "", self.now)
        tries: list[tuple[Rule, str]] = [
            (BALANCE_PAGE, self.address),
            (BALANCE_TYPED, self.address),
        ]
        try:
            tries.append((BALANCE_VOUCHER, parse_code(text).hex()))
        finally:  # a slip counts as well
            async with self.room:
                await self.limits.take_all(tries, self.now)
        return await _at_one_pace(self._looked_up(text))

    async def _looked_up(self, text: str) -> PublicBalance:
        async with self.room:
            try:
                return await self._found(Presented(code=text))
            except Refusal as refusal:
                if refusal.code == "voucher.unknown":
                    await self.limits.note(BALANCE_FAILED, "", self.now)
                raise

    async def _found(self, presented: Presented) -> PublicBalance:
        try:
            async with self.database.acting(CLEARING).reading() as work:
                voucher = await view_of(work, presented, None, self.kek, self.now)
            return _told(voucher, self.now)
        except Refusal as refusal:
            if refusal.code in _OURS:
                raise
            raise Refusal("voucher.unknown") from refusal


def _told(voucher: VoucherView, now: datetime) -> PublicBalance:
    """Tell what may be told of a voucher that was found.

    :raises Refusal: why nothing may.
    """
    try:
        check_usable(voucher.standing, berlin_day(now))
    except Refusal as refusal:
        if refusal.code == "voucher.expired":
            return PublicBalance(voucher, refusal)
        if refusal.code != "voucher.empty":
            raise
    return PublicBalance(voucher, None)


async def _at_one_pace(answer: Awaitable[T]) -> T:
    """Wait for *answer*, and then until a full :data:`PACE` since now, whatever it is."""
    time = asyncio.get_running_loop().time
    begun = time()
    [outcome] = await asyncio.gather(answer, return_exceptions=True)
    await asyncio.sleep((begun - time()) % PACE.total_seconds())
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome
