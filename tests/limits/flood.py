"""Someone who has many addresses and guesses codes, as fast as sockets allow.

A client of its own, since a library's would need more of the machine than the service.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from random import Random

CODE = b"?" * 21


@dataclass(frozen=True)
class Guess:
    """A code, and the address that it is typed at."""

    code: str
    address: str


#: Says when, and by which random id the request can be found in a log.
OF_ITS_OWN = re.compile(rb"\r\n(?:date|x-request-id):[^\r]*")
#: Follows from the seconds to wait.
OF_THE_WAIT = re.compile(rb"\r\n(?:retry-after|content-length):[^\r]*")

END_OF_HEAD = b"\r\n\r\n"
LENGTH = re.compile(rb"\r\ncontent-length: ?(\d+)\r\n")


@dataclass
class Answers:
    """What came back.

    :param kinds: how often each answer came: its status, and a hash of all of it but for
        the code that was sent, the seconds to wait, and what is of each request its own.
    :param examples: the first of each kind, whole.
    :param seconds: how long each code took that was looked for, by the code.
    """

    kinds: Counter[tuple[int, str]] = field(default_factory=Counter)
    examples: dict[tuple[int, str], bytes] = field(default_factory=dict)
    seconds: dict[str, list[float]] = field(default_factory=dict)
    lasted: float = 0.0

    def statuses(self) -> Counter[int]:
        counted: Counter[int] = Counter()
        for (status, _), count in self.kinds.items():
            counted[status] += count
        return counted

    def add(self, guess: Guess, head: bytes, body: bytes, seconds: float) -> None:
        status = int(head[9:12])
        alike = OF_ITS_OWN.sub(b"", head)
        if status == 429:
            alike = OF_THE_WAIT.sub(b"", alike)
            body = body[: body.index(b'"seconds"')] if b'"seconds"' in body else body
        whole = alike + body.replace(guess.code.encode(), CODE)
        kind = status, hashlib.sha256(whole).hexdigest()
        self.kinds[kind] += 1
        self.examples.setdefault(kind, head + body)
        if status != 429:
            self.seconds.setdefault(guess.code, []).append(seconds)


def flood(port: int, guesses: list[Guess], connections: int, *, ahead: int = 1) -> Answers:
    """Send all guesses over so many connections at once.

    :param ahead: how many may wait for their answer on one connection (RFC 9112, 9.3.2).
        With more than one the seconds that an answer took say little.
    """
    return asyncio.run(_flood(port, guesses, connections, ahead))


async def _flood(port: int, guesses: list[Guess], connections: int, ahead: int) -> Answers:
    answers, waiting = Answers(), iter(guesses)
    loop, begun = asyncio.get_running_loop(), time.monotonic()
    guessers = [
        (await loop.create_connection(lambda: Guesser(waiting, answers, ahead), "127.0.0.1", port))
        for _ in range(connections)
    ]
    await asyncio.gather(*(guesser.done for _, guesser in guessers))
    answers.lasted = time.monotonic() - begun
    for transport, _ in guessers:
        transport.close()
    return answers


class Guesser(asyncio.Protocol):
    """One connection: sends the next guess whenever an answer has come.

    A protocol, since streams and a task cost as much again as what is done here.
    """

    def __init__(self, waiting: Iterator[Guess], answers: Answers, ahead: int) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting, self._answers, self._ahead = waiting, answers, ahead
        self._asked: deque[tuple[Guess, float]] = deque()
        self._unread = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        now, unread, begins = time.monotonic(), self._unread + data, 0
        while (ends := unread.find(END_OF_HEAD, begins)) >= 0:
            head = unread[begins : ends + len(END_OF_HEAD)]
            [length] = LENGTH.findall(head)
            body_begins = begins + len(head)
            body_ends = body_begins + int(length)
            if body_ends > len(unread):
                break
            guess, begun = self._asked.popleft()
            self._answers.add(guess, head, unread[body_begins:body_ends], now - begun)
            begins = body_ends
        self._unread = unread[begins:]
        self._send()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionResetError("closed before the answer"))

    def _send(self) -> None:
        guesses = list(islice(self._waiting, self._ahead - len(self._asked)))
        if guesses:
            now = time.monotonic()
            self._asked.extend((guess, now) for guess in guesses)
            self._transport.write(b"".join(map(_request, guesses)))
        elif not self._asked and not self.done.done():
            self.done.set_result(None)


def _request(guess: Guess) -> bytes:
    body = f"code={guess.code}".encode()
    return (
        b"POST /guthaben HTTP/1.1\r\nhost: gutschein.example\r\n"
        b"content-type: application/x-www-form-urlencoded\r\n"
        b"x-forwarded-for: %s\r\ncontent-length: %d\r\n\r\n%s"
        % (guess.address.encode(), len(body), body)
    )


def addresses(count: int, random: Random) -> Iterable[str]:
    """Draw addresses all over the net, half of them IPv4."""
    for number in range(count):
        if number % 2:
            yield ":".join(["2a02", *(f"{random.randrange(0x10000):x}" for _ in range(7))])
        else:
            first = random.choice([5, 31, 46, 62, 77, 91, 109, 176, 188, 213])
            yield ".".join(map(str, [first, *(random.randrange(1, 255) for _ in range(3))]))
