"""A service that gets a new version while tills are open: all answers are those of the running
one, but the till's worker says another version from a moment on.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

WORKER = b"GET /kasse/worker.js "


class Release:
    """Stands between browsers and the service, and hands everything on."""

    def __init__(self, service_port: int, address: str) -> None:
        self.service_port = service_port
        self.address = address
        self.is_new = False

    async def hand_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request, and close: so each request has a head of its own."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            inward, outward = await asyncio.open_connection("127.0.0.1", self.service_port)
            # Compressed, a version could not be changed on its way.
            plain = re.sub(rb"(?i)(connection|accept-encoding|upgrade): [^\r]*\r\n", b"", head)
            outward.write(plain[:-2] + b"Connection: close\r\n\r\n")
            sending = asyncio.create_task(_pump(reader, outward))
            answer = await inward.read()
            sending.cancel()
            if self.is_new and head.startswith(WORKER):
                answer = re.sub(rb'("version":")[0-9a-f]{4}', rb"\g<1>beef", answer)
            writer.write(answer)
            await writer.drain()
            outward.close()
        except (ConnectionError, asyncio.IncompleteReadError):
            return  # the browser went away
        finally:
            writer.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()


@asynccontextmanager
async def released(service_port: int, port: int) -> AsyncIterator[Release]:
    """Stand before the service on *service_port*, on *port*, until the block ends."""
    release = Release(service_port, f"http://localhost:{port}")
    server = await asyncio.start_server(release.hand_on, "127.0.0.1", port)
    try:
        yield release
    finally:
        server.close()
