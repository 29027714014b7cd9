"""Callers on sockets of their own, who note of every request whether it was answered, and how."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Tally:
    """What became of requests, by their ids.

    :param answered: the status of a whole answer.
    :param unanswered: not a byte of an answer came before the connection was closed.
    :param cut: an answer that broke off.
    :param said_close: how many answers asked for the connection to be closed.
    """

    answered: dict[str, int] = field(default_factory=dict)
    unanswered: list[str] = field(default_factory=list)
    cut: list[str] = field(default_factory=list)
    said_close: int = 0


@dataclass
class Caller:
    """Sends one request after the other on a connection that is kept, until nobody answers."""

    port: int
    path: str
    headers: dict[str, str]
    new_body: Callable[[], dict[str, Any]]
    tally: Tally
    pause_seconds: float = 0.005

    async def call(self) -> None:
        """Call until the service is gone."""
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except (ConnectionRefusedError, ConnectionResetError):  # gone, or going
                return
            try:
                is_open = True
                while is_open:
                    is_open = await self._ask(reader, writer)
                    await asyncio.sleep(self.pause_seconds)
            finally:
                writer.close()

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Send a request whole; tell whether the connection may be used again."""
        body = self.new_body()
        content = json.dumps(body).encode()
        lines = [
            f"POST {self.path} HTTP/1.1",
            "host: 127.0.0.1",
            f"content-length: {len(content)}",
            "content-type: application/json",
            *(f"{name}: {value}" for name, value in self.headers.items()),
        ]
        answer = b""
        try:
            writer.write("\r\n".join([*lines, "", ""]).encode() + content)
            await writer.drain()
            while b"\r\n\r\n" not in answer:
                answer += await _some(reader)
            head, _, rest = answer.partition(b"\r\n\r\n")
            status, headers = _read(head)
            while len(rest) < int(headers["content-length"]):
                rest += await _some(reader)
        except (ConnectionError, EOFError):
            (self.tally.cut if answer else self.tally.unanswered).append(body["id"])
            return False
        self.tally.answered[body["id"]] = status
        if headers.get("connection") == "close":
            self.tally.said_close += 1
            return False
        return True


async def _some(reader: asyncio.StreamReader) -> bytes:
    some = await reader.read(65_536)
    if not some:
        raise EOFError
    return some


def _read(head: bytes) -> tuple[int, dict[str, str]]:
    first, *lines = head.decode().split("\r\n")
    pairs = (line.split(": ", 1) for line in lines)
    return int(first.split()[1]), {name.lower(): value for name, value in pairs}
