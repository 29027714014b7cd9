"""Count tries, and refuse when there are too many."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from gutschein.db.access import IDENTITY
from gutschein.db.unit_of_work import Database
from gutschein.kernel.errors import Refusal
from gutschein.limits import repository
from gutschein.limits.blocked import Blocked
from gutschein.limits.repository import Counter
from gutschein.limits.rules import Limit, Rule, counts, seconds_until

_log = logging.getLogger(__name__)

#: Tries, each with the key of its counter.
_Tried = dict[bytes, Limit]


class Limits:
    """The counters of a service: in PostgreSQL, the same for all workers.

    Every count is a short transaction of its own and stays, whatever becomes of the
    request. Keys, such as addresses and e-mail addresses, are stored as keyed hashes only.

    A worker remembers in its own memory until when a key is refused. That is never wrong,
    since nothing takes a count back, and spares the database a flood of refusals.

    :param keyed: a keyed hash of 32 bytes, under a key that is not in the database.
    """

    def __init__(self, database: Database, keyed: Callable[[bytes], bytes]) -> None:
        self._database = database.acting(IDENTITY)
        self._keyed = keyed
        self._blocked = Blocked()

    async def take(self, rule: Rule, key: str, now: datetime) -> None:
        """Count one try, or refuse it; a refused try is not counted.

        :param key: whom or what is counted, such as an account; for an ``AddressLimit``,
            the caller's address.
        :raises Refusal: ``limit.rate`` with the ``seconds`` to wait.
        """
        await self.take_all([(rule, key)], now)

    async def take_all(self, tries: Iterable[tuple[Rule, str]], now: datetime) -> None:
        """Count a try under several limits, or under none of them when one refuses.

        :raises Refusal: ``limit.rate`` with the longest of the ``seconds`` to wait.
        """
        tried = self._tried(tries)
        self._refuse_blocked(tried, now)
        async with self._database.unit_of_work() as work:
            counters = await repository.count(work, tried, now)
            refused = [each for each in counters if not each.counted]
            if refused:
                self._remember(tried, refused, now)
                raise _refusal(tried, refused, now)
        self._remember(tried, counters, now)

    async def check(self, rule: Rule, key: str, now: datetime) -> None:
        """Refuse when nothing is left, and count nothing: before a costly look-up of which
        only failures count.

        :raises Refusal: ``limit.rate``.
        """
        await self.left([(rule, key)], now)

    async def left(self, tries: Iterable[tuple[Rule, str]], now: datetime) -> int:
        """Return how many tries all of several limits have left, and count nothing.

        :raises Refusal: ``limit.rate`` where one of them has none.
        """
        tried = self._tried(tries)
        self._refuse_blocked(tried, now)
        async with self._database.reading() as work:
            counters = await repository.read(work, tried)
        self._remember(tried, counters, now)
        self._refuse_blocked(tried, now)
        used = {each.key: each.used_until for each in counters}
        return min(limit.left(used.get(key) or now, now) for key, limit in tried.items())

    def check_known(self, rule: Rule, key: str, now: datetime) -> None:
        """Refuse what this worker knows to be refused, without asking the database.

        For paths that may not gain a round trip. Another worker's block is known here
        from the first failure on that is noted here.

        :raises Refusal: ``limit.rate``.
        """
        self._refuse_blocked(self._tried([(rule, key)]), now)

    async def note(self, rule: Rule, key: str, now: datetime) -> None:
        """Count a failure. It is never refused, since it has happened already.

        Failures beyond the limit, of which several may be under way at once, count too, up
        to twice the limit: so nobody is shut out for longer than its ``per_seconds``.
        """
        await self.note_all([(rule, key)], now)

    async def note_all(self, tries: Iterable[tuple[Rule, str]], now: datetime) -> int:
        """Count a failure under several limits; see :meth:`note`.

        :returns: how many tries all of them have left.
        """
        tried = self._tried(tries)
        async with self._database.unit_of_work() as work:
            counters = await repository.count(work, tried, now, beyond=True)
        self._remember(tried, counters, now)
        return min(tried[each.key].left(each.used_until or now, now) for each in counters)

    def _tried(self, tries: Iterable[tuple[Rule, str]]) -> _Tried:
        return {
            self._keyed(f"limit\0{each.limit.name}\0{each.key}".encode()): each.limit
            for rule, key in tries
            for each in counts(rule, key)
        }

    def _remember(self, tried: _Tried, counters: Iterable[Counter], now: datetime) -> None:
        for each in counters:
            if each.used_until is None:
                continue
            limit = tried[each.key]
            until = limit.free_at(each.used_until)
            if until > now >= self._blocked.until(each.key, now):
                _log.warning("limit %s reached by %s", limit.name, each.key.hex()[:16])
            self._blocked.remember(each.key, until, now)

    def _refuse_blocked(self, tried: _Tried, now: datetime) -> None:
        until = max((self._blocked.until(key, now) for key in tried), default=now)
        if until > now:
            raise Refusal("limit.rate", seconds=seconds_until(until, now))


def _refusal(tried: _Tried, refused: Iterable[Counter], now: datetime) -> Refusal:
    free = [
        tried[each.key].free_at(each.used_until or now + tried[each.key].window) for each in refused
    ]
    return Refusal("limit.rate", seconds=seconds_until(max(free), now))


async def purge(database: Database, now: datetime) -> int:
    """Delete counters that count nothing any more; return how many. Once an hour will do.

    :param database: acting as ``JOBS``.
    """
    async with database.unit_of_work() as work:
        return await repository.purge(work, now)
