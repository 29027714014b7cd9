"""What is left on a voucher, for anybody who holds it, and nothing for anybody who guesses.

Unknown, altered, blocked and replaced are one refusal, and a typed code is answered at one
pace: after the same work, at a full quarter of a second. Every limit is asked before a
voucher is looked for, so that no limit tells whether there is one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from gutschein.db.access import CLEARING, PUBLIC_READER
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
from gutschein.redemption.moves_repository import Move, latest_moves
from gutschein.redemption.presented import Presented
from gutschein.redemption.time_left import TimeLeft, time_left
from gutschein.redemption.voucher_repository import VoucherView
from gutschein.signing.code import parse_code
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.storefront.public_town import Partner, PublicTown
from gutschein.storefront.service import accepted_in, public_town
from gutschein.vouchers.rules import check_usable

#: Answers to typed codes leave at multiples of this after their arrival.
PACE = timedelta(milliseconds=250)

#: So much of what has happened is shown, the latest.
MOST_MOVES = 50

#: Troubles of ours, which are the same whatever was asked.
_OURS = frozenset({"key.sealed"})

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PublicBalance:
    """A voucher that is recognised.

    :param expired: ``voucher.expired``, when its last day is over.
    :param moves: what was redeemed and taken back, the latest first, :data:`MOST_MOVES` at most:
        days and amounts, no shop and no time of day.
    :param more_moves: whether there were others before.
    :param town: the issuer as the public sees it, ``None`` where it has no storefront.
    :param partners: the other towns whose shops honour the voucher today.
    :param left: how long it can be used.
    """

    voucher: VoucherView
    expired: Refusal | None
    moves: list[Move]
    more_moves: bool
    town: PublicTown | None
    partners: list[Partner]
    left: TimeLeft


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
        today = berlin_day(self.now)
        try:
            async with self.database.acting(CLEARING).reading() as work:
                voucher = await view_of(work, presented, None, self.kek, self.now)
                expired = _told(voucher, today)
                moves = await latest_moves(work, voucher.town_id, voucher.id, MOST_MOVES + 1)
        except Refusal as refusal:
            if refusal.code in _OURS:
                raise
            raise Refusal("voucher.unknown") from refusal
        async with self.database.acting(PUBLIC_READER).reading() as work:
            town = await public_town(work, voucher.town_id)
            partners = await accepted_in(work, voucher.town_id, today)
        return PublicBalance(
            voucher=voucher,
            expired=expired,
            moves=moves[:MOST_MOVES],
            more_moves=len(moves) > MOST_MOVES,
            town=town,
            partners=partners,
            left=time_left(today, voucher.standing.valid_until),
        )


def _told(voucher: VoucherView, today: date) -> Refusal | None:
    """Tell whether a voucher that was found has expired.

    :raises Refusal: why nothing may be told of it.
    """
    try:
        check_usable(voucher.standing, today)
    except Refusal as refusal:
        if refusal.code == "voucher.expired":
            return refusal
        if refusal.code != "voucher.empty":
            raise
    return None


async def _at_one_pace(answer: Awaitable[T]) -> T:
    """Wait for *answer*, and then until a full :data:`PACE` since now, whatever it is."""
    time = asyncio.get_running_loop().time
    begun = time()
    [outcome] = await asyncio.gather(answer, return_exceptions=True)
    await asyncio.sleep((begun - time()) % PACE.total_seconds())
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome
