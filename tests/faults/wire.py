"""The wire between the service and its database: a TCP proxy that can be cut in several ways."""

from __future__ import annotations

import asyncio
import socket
import struct
from dataclasses import dataclass, field
from typing import Self

#: What closing does at once, without a farewell: the other side is told that it was reset.
_RESET = struct.pack("ii", 1, 0)
_CHUNK = 65_536


@dataclass(eq=False)
class _Connection:
    """The service on the near side, PostgreSQL on the far one."""

    near: asyncio.StreamWriter
    far: asyncio.StreamWriter
    pumps: list[asyncio.Task[None]] = field(default_factory=list)

    def reset(self) -> None:
        for pump in self.pumps:
            pump.cancel()
        self.far.transport.abort()
        if not self.near.is_closing():
            own: socket.socket = self.near.get_extra_info("socket")
            own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self.near.transport.abort()

    def lose(self) -> None:
        for pump in self.pumps:
            pump.cancel()


class Wire:
    """Passes what the service says on to PostgreSQL's socket, and its answers back.

    :param target: the path of that socket.
    """

    def __init__(self, target: str) -> None:
        self._target = target
        self._connections: set[_Connection] = set()
        self._asks, self._answers = asyncio.Event(), asyncio.Event()
        self._is_refusing = False
        self.mend()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._joined, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.mend()
        pumps = [pump for each in self._connections for pump in each.pumps]
        self.reset()
        await asyncio.gather(*pumps, return_exceptions=True)

    def url(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def mend(self) -> None:
        """Let everything through again, what was held back too."""
        self._is_refusing = False
        self._asks.set()
        self._answers.set()

    def reset(self) -> None:
        """Cut all connections there are; both sides are told."""
        for each in self._connections:
            each.reset()
        self._connections.clear()

    def refuse(self) -> None:
        """Cut all connections, and every new one at once."""
        self._is_refusing = True
        self.reset()

    def swallow_everything(self) -> None:
        """Let nothing through, and tell nobody: a switch that has lost its mind."""
        self._asks.clear()
        self._answers.clear()

    def swallow_answers(self) -> None:
        """Let PostgreSQL hear everything, a commit too, and the service hear nothing of it."""
        self._answers.clear()

    def lose(self) -> None:
        """Forget all connections there are, without a word to either side: nothing that is sent
        on them will ever arrive. New ones go through.
        """
        for each in self._connections:
            each.lose()

    async def _joined(self, reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        if self._is_refusing:
            near.transport.abort()
            return
        await self._asks.wait()
        try:
            answers, far = await asyncio.open_unix_connection(self._target)
        except OSError:
            near.transport.abort()
            return
        connection = _Connection(near, far)
        self._connections.add(connection)
        connection.pumps = [
            asyncio.create_task(_pump(reader, far, self._asks)),
            asyncio.create_task(_pump(answers, near, self._answers)),
        ]
        await asyncio.wait(connection.pumps)
        if near.is_closing():  # otherwise it is lost, and nobody is to know
            self._connections.discard(connection)


async def _pump(
    reader: asyncio.StreamReader, to: asyncio.StreamWriter, is_open: asyncio.Event
) -> None:
    try:
        while data := await reader.read(_CHUNK):
            await is_open.wait()
            to.write(data)
            await to.drain()
    except ConnectionError:
        to.transport.abort()  # who went away on one side goes on the other
        return
    to.close()
