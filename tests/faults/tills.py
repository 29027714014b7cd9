"""Tills under load: each sends one booking after another, and remembers what became of it."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import httpx
from api_fixtures import Clock
from bookings import Booking, Memory
from service import SECONDS_TO_RECOVER

from gutschein.kernel.clock import utc_now
from tests.devices.shop_stage import Till as Device

#: A till waits so long for an answer, and asks again later.
PATIENCE_SECONDS = 5
#: So many of its bookings in a row, each at the first try, and a till has been served as ever.
AT_EASE = 5
#: One in so many times the answer is lost on its way to the till.
LOST_ANSWERS = 25
#: Tries of one booking in a row, before the till goes on with the next and comes back later.
TRIES = 4
#: Between them it waits so long, at least and at most.
PAUSE_SECONDS = (0.05, 0.5)

OK = "ok"
LOST = "no answer"
GAVE_UP = "gave up"
#: What a till does not send again: it moved nothing, and never will.
FINAL = frozenset({"reversal.too_late"})
#: All that may be said in any trouble. That nothing was booked (``service.failed``) is not
#: among it: nobody can know.
UNDERSTOOD = {OK, GAVE_UP, LOST, "service.busy", "device.clock", *FINAL}
#: After this the next customer is served at once.
SERVED = {OK, GAVE_UP, *FINAL}


class DeviceClock(Clock):
    """What a device takes for the time; it sets it by what the service says."""

    def __init__(self) -> None:
        self._wrong_by = timedelta()

    @property
    def now(self) -> datetime:  # type: ignore[override]
        return utc_now() + self._wrong_by

    def set_by(self, server_time: str) -> None:
        self._wrong_by = datetime.fromisoformat(server_time) - utc_now()


class Till:
    """One till: a cash register with an API key, or a device that signs what it sends.

    :param in_a_row: how many bookings were acknowledged since one was not.
    :param is_at_ease: whether these were :data:`AT_EASE` at some time.
    :param said: how often it got which answer: an error code, or one of the words above.
    :param unserved_seconds: the longest that it has waited, since it began to work, from one
        customer who was served to the next.
    """

    def __init__(self, memory: Memory, client: httpx.AsyncClient, identity: str | Device) -> None:
        self.memory = memory
        self.in_a_row = 0
        self.is_at_ease = False
        self.said: Counter[str] = Counter()
        self.unserved_seconds = 0.0
        self._served_at = time.monotonic()
        self._client = client
        self._identity = identity
        self._clock = DeviceClock()
        self._dice = memory.dice
        if isinstance(identity, Device):
            identity.client = client
            identity.clock = self._clock

    async def work(self, is_over: asyncio.Event) -> None:
        """Book one thing after another until it is over."""
        self.unserved_seconds, self._served_at = 0.0, time.monotonic()
        while not is_over.is_set():
            booking = self.memory.next_booking()
            for _ in range(self._dice.randint(1, TRIES)):
                if not booking.is_in_doubt:
                    break
                if await self.try_once(booking, loses_answers=True) not in SERVED:
                    await asyncio.sleep(self._dice.uniform(*PAUSE_SECONDS))

    async def try_once(self, booking: Booking, *, loses_answers: bool = False) -> str:
        """Send a booking and remember what is said; return it."""
        given_up = loses_answers and self._dice.randrange(LOST_ANSWERS) == 0
        patience = self._dice.uniform(0, 0.03) if given_up else PATIENCE_SECONDS
        said = await self._send(booking, patience)
        if said == LOST and given_up:
            said = GAVE_UP
        elif said == OK or said in FINAL:
            self.in_a_row += 1
            self.is_at_ease |= self.in_a_row >= AT_EASE
            now = time.monotonic()
            self.unserved_seconds = max(self.unserved_seconds, now - self._served_at)
            self._served_at = now
        else:
            self.in_a_row = 0
            booking.waited += said == LOST
            booking.turned_away += said != LOST
        self.said[said] += 1
        return said

    async def ask(self, booking: Booking) -> list[dict[str, Any] | None]:
        """Ask by their ids what became of a booking's redemptions; ``None`` of one unknown."""
        found: list[dict[str, Any] | None] = []
        for part in booking.parts:
            path = f"/api/v1/towns/{booking.shop.town_id}/redemptions/{part.id}"
            answer = await self._until_answered(partial(self._request, "GET", path))
            if answer.status_code == 404:
                assert _code(answer) == "redemption.unknown", answer.text
            found.append(answer.json() if answer.is_success else None)
        return found

    async def end(self, booking: Booking) -> None:
        """Send a booking again, under its id, until it is acknowledged or refused for good."""
        ends = time.monotonic() + SECONDS_TO_RECOVER
        said = await self.try_once(booking)
        while said != OK and booking.refused is None:
            assert time.monotonic() < ends, f"no end to {booking.id}: {said}"
            await asyncio.sleep(0.1)
            said = await self.try_once(booking)

    async def _send(self, booking: Booking, patience: float) -> str:
        try:
            async with asyncio.timeout(patience):
                answer = await self._request("POST", booking.path, booking.body)
        except (httpx.TransportError, TimeoutError):
            return LOST
        if answer.is_success:
            if booking.is_batch and (problems := booking.problems(answer.content)):
                return problems[0]
            if booking.is_in_doubt:
                self.memory.learn(booking)
            booking.acknowledge(answer.content)
            return OK
        code = _code(answer)
        if code == "device.clock":
            self._clock.set_by(answer.json()["server_time"])
        if code in FINAL:
            booking.refused = code
        return code

    async def _request(self, method: str, path: str, body: object = None) -> httpx.Response:
        if isinstance(self._identity, Device):
            return await self._identity.send(method, path, body)
        headers = {"authorization": f"Bearer {self._identity}"}
        return await self._client.request(method, path, json=body, headers=headers)

    async def _until_answered(
        self, call: Callable[[], Awaitable[httpx.Response]]
    ) -> httpx.Response:
        ends = time.monotonic() + SECONDS_TO_RECOVER
        while True:
            try:
                answer: httpx.Response = await call()
            except httpx.TransportError:
                assert time.monotonic() < ends
            else:
                if answer.status_code != 503 or time.monotonic() > ends:
                    return answer
            await asyncio.sleep(0.1)


class Tills:
    """All tills of a region, on one service."""

    def __init__(self, tills: Iterable[Till]) -> None:
        self._tills = [*tills]

    def __iter__(self) -> Iterator[Till]:
        return iter(self._tills)

    @property
    def bookings(self) -> list[Booking]:
        return [booking for till in self._tills for booking in till.memory.bookings]

    @property
    def said(self) -> Counter[str]:
        return sum((till.said for till in self._tills), Counter())

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Let all tills book until the block is left; then each ends what it is at."""
        is_over = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for till in self._tills:
                group.create_task(till.work(is_over))
            try:
                yield
            finally:
                is_over.set()

    async def at_ease(self) -> float:
        """Wait until each till has been served as ever again; return after how many seconds.

        :raises AssertionError: when that takes longer than :data:`SECONDS_TO_RECOVER`.
        """
        for till in self._tills:
            till.in_a_row, till.is_at_ease = 0, False
        begun = time.monotonic()
        while not all(till.is_at_ease for till in self._tills):
            assert time.monotonic() < begun + SECONDS_TO_RECOVER, f"not served again: {self.said}"
            await asyncio.sleep(0.05)
        return time.monotonic() - begun

    async def turned_away(self) -> None:
        """Wait until as many were told to come again as there are tills.

        :raises AssertionError: when that takes longer than :data:`SECONDS_TO_RECOVER`.
        """
        told = self.said["service.busy"]
        ends = time.monotonic() + SECONDS_TO_RECOVER
        while self.said["service.busy"] < told + len(self._tills):
            assert time.monotonic() < ends, f"still served: {self.said}"
            await asyncio.sleep(0.05)


def _code(answer: httpx.Response) -> str:
    """The error code of a problem document; a bare status where there is none."""
    try:
        return str(answer.json()["code"])
    except (json.JSONDecodeError, KeyError):
        return f"status {answer.status_code}"
