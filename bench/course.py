"""A load under way: connections, what was sent on them when, and what came back.

The load generator shares the machine with what it measures, so this is frugal: one event
loop writes and reads sockets, notes instants and bytes, and looks at nothing.
"""

from __future__ import annotations

import asyncio
import time
from array import array
from collections import deque
from dataclasses import dataclass, field

from bench.answers import UnreadableResponse, is_whole
from bench.load import Load

#: So long a load waits for answers when its time is over. The service gives up after 30 s.
GRACE_SECONDS = 35.0
#: How often it is looked what is due, and whether connections were lost.
TICK_SECONDS = 0.001
#: How long it waits before it tries again to open a connection.
REOPEN_SECONDS = 0.05


@dataclass
class Course:
    """A load under way: what was sent when, and what has come back. Instants of perf_counter."""

    load: Load
    start: float = 0.0
    next: int = 0
    under_way: int = 0
    intended: array[float] = field(init=False)
    answered: array[float] = field(init=False)
    responses: list[bytes | None] = field(init=False)
    unreadable: dict[int, str] = field(default_factory=dict)
    idle: deque[Connection] = field(default_factory=deque)
    open: set[Connection] = field(default_factory=set)
    lateness: array[float] = field(default_factory=lambda: array("d"))

    def __post_init__(self) -> None:
        count = len(self.load.requests)
        self.intended = array("d", bytes(8 * count))
        self.answered = array("d", bytes(8 * count))
        self.responses = [None] * count

    @property
    def end(self) -> float:
        return self.start + self.load.seconds

    def due(self, now: float) -> int:
        """Return how many requests are to be sent by *now*."""
        count = len(self.load.requests)
        if self.load.rate is None:
            return count if now < self.end else self.next
        passed = min(now - self.start, self.load.seconds)
        return min(count, int(passed * self.load.rate) + 1)

    def pump(self, now: float) -> None:
        """Send what is due, as far as connections are idle."""
        due = self.due(now)
        while self.next < due and self.idle:
            place = self.next
            self.next += 1
            rate = self.load.rate
            self.intended[place] = now if rate is None else self.start + place / rate
            self.under_way += 1
            self.idle.popleft().send(place)

    def is_over(self, now: float) -> bool:
        """Tell whether there is nothing to send any more, and nothing to wait for."""
        used_up = self.load.rate is None and self.next == len(self.load.requests)
        return self.under_way == 0 and (used_up or (now >= self.end and self.next >= self.due(now)))

    @property
    def lacks_requests(self) -> bool:
        """Whether there were too few requests for the time."""
        if self.load.rate is None:
            return self.next == len(self.load.requests)
        return len(self.load.requests) < int(self.load.rate * self.load.seconds)


class Connection(asyncio.Protocol):
    """One connection, with at most one request under way."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._transport: asyncio.Transport | None = None
        self._place = -1
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # of TCP
        self._course.open.add(self)
        self._course.idle.append(self)

    def send(self, place: int) -> None:
        self._place = place
        self._transport.write(b"".join(self._course.load.requests[place]))  # type: ignore[union-attr]

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        received = self._received + data if self._received else data
        try:
            if not is_whole(received):
                self._received = received
                return
        except UnreadableResponse as error:
            self._course.unreadable[self._place] = str(error)
            self.close()
            return
        course, place = self._course, self._place
        self._received, self._place = b"", -1
        if place < 0:
            course.unreadable[place] = "an answer to no request"
            self.close()
            return
        course.answered[place] = now
        course.responses[place] = received
        course.under_way -= 1
        course.idle.append(self)
        course.pump(now)

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002 - as asyncio calls it
        course = self._course
        course.open.discard(self)
        if self in course.idle:
            course.idle.remove(self)
        if self._place >= 0:
            course.answered[self._place] = time.perf_counter()
            course.under_way -= 1
            self._place = -1

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()


async def drive(course: Course) -> tuple[float, float]:
    """Run the load; return the generator's CPU seconds, and when its time was over.

    :raises OSError: when not even the first connections can be opened.
    """
    await _open(course)
    cpu_before = time.process_time()
    course.start = time.perf_counter()
    course.pump(course.start)
    cpu_seconds, stopped = 0.0, 0.0
    opening: asyncio.Task[None] | None = None
    while True:
        due = time.perf_counter() + TICK_SECONDS
        await asyncio.sleep(TICK_SECONDS)
        now = time.perf_counter()
        course.lateness.append(now - due)
        course.pump(now)
        over = course.is_over(now)
        if not stopped and (over or now >= course.end):
            stopped, cpu_seconds = min(now, course.end), time.process_time() - cpu_before
        if over or now > course.end + GRACE_SECONDS:
            break
        if len(course.open) < course.load.connections and (opening is None or opening.done()):
            opening = asyncio.create_task(_reopen(course))
    if opening is not None:
        opening.cancel()
    for connection in list(course.open):
        connection.close()
    return cpu_seconds, stopped


async def _open(course: Course) -> None:
    load, loop = course.load, asyncio.get_running_loop()
    while len(course.open) < load.connections:
        await loop.create_connection(lambda: Connection(course), load.host, load.port)


async def _reopen(course: Course) -> None:
    """Open connections again that were lost, as tills do; while nobody listens, try again."""
    try:
        await _open(course)
    except OSError:
        await asyncio.sleep(REOPEN_SECONDS)
