"""Someone who has many addresses and guesses codes, as fast as sockets allow.

A client of its own, since a library's would need more of the machine than the service.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from random import Random

CODE = b"?" * 21


@dataclass(frozen=True)
class Guess:
    """A code, and the address that it is typed at."""

    code: str
    address: str


#: Says when, and by which random id the request can be found in a log.
OF_ITS_OWN = (b"date:", b"x-request-id:")


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
        lines = [line for line in head.split(b"\r\n") if not line.startswith(OF_ITS_OWN)]
        if status == 429:
            lines = [line for line in lines if not line.startswith((b"retry-after", b"content-l"))]
            body = body[: body.index(b'"seconds"')] if b'"seconds"' in body else body
        whole = b"\r\n".join(lines) + body.replace(guess.code.encode(), CODE)
        kind = status, hashlib.sha256(whole).hexdigest()
        self.kinds[kind] += 1
        self.examples.setdefault(kind, head + body)
        if status != 429:
            self.seconds.setdefault(guess.code, []).append(seconds)


def flood(port: int, guesses: list[Guess], connections: int) -> Answers:
    """Send all guesses over so many connections at once."""
    return asyncio.run(_flood(port, guesses, connections))


async def _flood(port: int, guesses: list[Guess], connections: int) -> Answers:
    answers, waiting = Answers(), iter(guesses)
    begun = time.monotonic()
    await asyncio.gather(*(_guesser(port, waiting, answers) for _ in range(connections)))
    answers.lasted = time.monotonic() - begun
    return answers


async def _guesser(port: int, waiting: Iterator[Guess], answers: Answers) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for guess in waiting:
        begun = time.monotonic()
        writer.write(_request(guess))
        head = await reader.readuntil(b"\r\n\r\n")
        [length] = [
            int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"content-length:")
        ]
        body = await reader.readexactly(length)
        answers.add(guess, head, body, time.monotonic() - begun)
    writer.close()
    await writer.wait_closed()


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
