"""Credentials of the API that are no good, counted by the address they come from.

The path of an honest till gains no round trip: whether its address is refused, and whether
its credential was good before, is known to the worker. Only a failure writes.

- After too many failures from an address, a worker refuses what comes from there before it
  is looked at, right or wrong: a guesser gets no answer.
- A credential that was good in this worker since it started is looked at all the same, so
  whoever guesses in a shop's own network does not stop its tills.
- The count is one for all workers. A worker that has seen no failure from an address since
  the count was used up lets one more through, and knows from then on.
"""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

from gutschein.kernel.errors import Refusal
from gutschein.limits.client import Connection, client_address
from gutschein.limits.counting import Limits
from gutschein.limits.rules import CREDENTIAL_FAILED

REMEMBERED = 20_000
#: No guesses: the device's signature was good, or its clock kept it from being looked at. A
#: till that goes on asking may not shut out the shop around it.
NO_GUESS = frozenset({"device.clock", "device.locked"})

_KEY_ID = re.compile(r';keyid="(?P<id>[^"]{1,200})"')

T = TypeVar("T")


class Credentials:
    """What a worker knows of the credentials that it has seen."""

    def __init__(self, limits: Limits, room: int = REMEMBERED) -> None:
        self._limits = limits
        self._room = room
        self._good: OrderedDict[bytes, None] = OrderedDict()

    async def watched(
        self,
        connection: Connection,
        authenticate: Callable[[], Awaitable[T | None]],
        now: datetime,
    ) -> T | None:
        """Authenticate, and count it when an API key or a signature was no good.

        A cookie does not count: signing in has limits of its own, and one that has ended is
        nobody's guess.

        :raises Refusal: ``limit.rate``, and what *authenticate* raises.
        """
        sent = _credential_of(connection)
        if sent is None:
            return await authenticate()
        if sent not in self._good:
            self._limits.check_known(CREDENTIAL_FAILED, client_address(connection), now)
        try:
            found = await authenticate()
        except Refusal as refusal:
            await self.failed(connection, refusal, now)
            raise
        if found is not None:
            self._remember(sent)
        return found

    async def failed(self, connection: Connection, refusal: Refusal, now: datetime) -> None:
        """Count a credential that was refused, unless it can be no guess."""
        if refusal.code not in NO_GUESS:
            await self._limits.note(CREDENTIAL_FAILED, client_address(connection), now)

    def _remember(self, sent: bytes) -> None:
        self._good[sent] = None
        self._good.move_to_end(sent)
        if len(self._good) > self._room:
            self._good.popitem(last=False)


def _credential_of(connection: Connection) -> bytes | None:
    """Return a fingerprint of what a caller sends with each request: its API key, or the
    name of the key that it signs with.
    """
    sent = connection.headers.get("authorization")
    if sent is None:
        named = _KEY_ID.search(connection.headers.get("signature-input", ""))
        sent = named["id"] if named else connection.headers.get("signature-input")
    return None if sent is None else hashlib.sha256(sent.encode("utf-8", "replace")).digest()
