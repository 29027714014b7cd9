"""A service that a load can be tried on: real sockets, and answers that may go wrong."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec

from bench.checks import EachRedeemed
from bench.generator import measured
from bench.load import Load
from bench.outcome import Outcome
from bench.region import Paper, Register, Shop
from bench.requests import redemptions

TOWN = "01990000-0000-7000-8000-000000000001"
SHOP = Shop(TOWN, "01990000-0000-7000-8000-000000000002", "01990000-0000-7000-8000-000000000003")
BUSY = (
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/problem+json\r\n"
    b'retry-after: 1\r\ncontent-length: 23\r\n\r\n{"code":"service.busy"}'
)


def papers(count: int = 3, cents: int = 100_000) -> list[Paper]:
    return [
        Paper(TOWN, f"01990000-0000-7000-8000-00000001{number:04}", f"TOKEN{number}", cents)
        for number in range(count)
    ]


@dataclass
class TillServer:
    """Redeems as the service does, from memory.

    :param changed: may change the fields of an answer, by its number.
    :param instead: may give another response altogether, or break the connection off.
    :param frozen: by the number of a request, seconds for which everything stands still.
    """

    changed: Callable[[int, dict[str, Any]], None] | None = None
    instead: Callable[[int], bytes | None] | None = None
    frozen: dict[int, float] = field(default_factory=dict)
    takes: float = 0.0
    port: int = 0
    served: int = 0
    together: int = 0
    most_together: int = 0
    _spent: Counter[str] = field(default_factory=Counter)
    _papers: dict[str, Paper] = field(
        default_factory=lambda: {paper.token: paper for paper in papers()}
    )

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(head.lower().partition(b"content-length: ")[2].split(b"\r")[0])
                body = msgspec.json.decode(await reader.readexactly(length))
                self.together += 1
                self.most_together = max(self.most_together, self.together)
                await asyncio.sleep(self.takes)
                response = self._answer(body)
                self.together -= 1
                if not response:
                    break
                # In two pieces, as the network may bring them.
                writer.write(response[:20])
                await writer.drain()
                writer.write(response[20:])
                await writer.drain()
        except asyncio.IncompleteReadError:
            pass  # the caller has left
        finally:
            writer.close()

    def _answer(self, body: dict[str, Any]) -> bytes:
        number, self.served = self.served, self.served + 1
        time.sleep(self.frozen.get(number, 0))
        if self.instead is not None and (other := self.instead(number)) is not None:
            return other
        paper = self._papers[body["token"]]
        self._spent[paper.id] += body["amount_cents"]
        fields = {name: body[name] for name in ("id", "town_id", "merchant_id", "branch_id")} | {
            "issuing_town_id": TOWN,
            "voucher_id": paper.id,
            "amount_cents": body["amount_cents"],
            "balance_after_cents": paper.balance_cents - self._spent[paper.id],
        }
        if self.changed is not None:
            self.changed(number, fields)
        said = msgspec.json.encode(fields)
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(said), said)


@asynccontextmanager
async def listening(server: TillServer) -> AsyncIterator[TillServer]:
    async with await asyncio.start_server(server.talk, "127.0.0.1", 0) as sockets:
        server.port = sockets.sockets[0].getsockname()[1]
        yield server


def load_on(
    server: TillServer,
    *,
    count: int = 2_000,
    connections: int = 4,
    seconds: float = 0.3,
    rate: float | None = None,
) -> Load:
    """A load of redemptions on the server."""
    ready = redemptions(
        [Register(SHOP, "gsk_test")], papers(), count, "till.test", exact=rate is None
    )
    check = EachRedeemed(ready.single, ready.staircase, may_refuse=rate is not None)
    return Load(server.port, ready.requests, check, connections, seconds, rate)


async def outcome_on(server: TillServer, **load: Any) -> Outcome:
    """Run a load on the server in a thread of its own, while this one serves."""
    async with listening(server):
        return await asyncio.to_thread(measured, load_on(server, **load))
