"""Callers who take their time, on real sockets against the service as it is served."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.running_service import served

SECONDS = 2
#: Far from the time that all of it would take.
SECONDS_AT_MOST = 12

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def service_url(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("service")
    with served(database_url, folder, request_timeout_seconds=str(SECONDS)) as service:
        yield service.url


@dataclass
class Trickled:
    """What a connection got that is fed byte by byte, and when it was closed."""

    answer: bytes
    seconds: float


async def all_of(reader: asyncio.StreamReader) -> bytes:
    """Read until the connection is closed, or reset, since not all was read that was sent."""
    answer = b""
    with suppress(ConnectionError):
        while some := await reader.read(65_536):
            answer += some
    return answer


async def trickle(url: str, at_once: bytes, rest: bytes) -> Trickled:
    """Send *rest* one byte at a time until the service has closed the connection."""
    begun = time.monotonic()  # no later than the service
    reader, writer = await asyncio.open_connection("127.0.0.1", httpx.URL(url).port)
    writer.write(at_once)
    reading = asyncio.create_task(all_of(reader))
    for byte in rest:
        done, _ = await asyncio.wait({reading}, timeout=0.2)
        if done:
            break
        writer.write(bytes([byte]))
    answer = await asyncio.wait_for(reading, 30)
    seconds = time.monotonic() - begun
    writer.close()
    return Trickled(answer, seconds)


HEAD = (
    b"POST /guthaben HTTP/1.1\r\nhost: gutschein.example\r\n"
    b"content-type: application/x-www-form-urlencoded\r\n"
)


async def test_a_body_that_trickles_in_is_cut_off(service_url: str) -> None:
    got = await trickle(service_url, HEAD + b"content-length: 99\r\n\r\n", b"x" * 99)
    assert got.answer.startswith(b"HTTP/1.1 408 ")
    assert b'"code":"request.timeout"' in got.answer
    assert SECONDS <= got.seconds < SECONDS_AT_MOST


async def test_headers_that_trickle_in_are_cut_off(service_url: str) -> None:
    """By the server itself, without an answer."""
    got = await trickle(service_url, HEAD, b"x-slow: " + b"x" * 99)
    assert got.answer == b""
    assert SECONDS <= got.seconds < SECONDS_AT_MOST


async def test_beside_many_of_them_others_are_served(service_url: str) -> None:
    slow = [
        asyncio.create_task(trickle(service_url, HEAD + b"content-length: 99\r\n\r\n", b"x" * 99))
        for _ in range(200)
    ]
    await asyncio.sleep(0.5)
    async with httpx.AsyncClient(base_url=service_url, timeout=30) as caller:
        assert (await caller.get("/health/ready")).status_code == 200
        assert (await caller.get("/guthaben")).status_code == 200
    answers = await asyncio.gather(*slow)
    assert {each.answer[:13] for each in answers} == {b"HTTP/1.1 408 "}


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        (b"/guthaben", b"x: y\r\n", b"200"),
        (b"/guthaben?" + b"x" * 5_000, b"", b"414"),
        (b"/guthaben", b"x: y\r\n" * 70, b"431"),
        (b"/guthaben", b"x: " + b"y" * 20_000 + b"\r\n", b"431"),
        # and what Granian refuses before it reaches us
        (b"/guthaben?" + b"x" * 70_000, b"", b"414"),
        (b"/guthaben", b"x: y\r\n" * 101, b"431"),
        (b"/guthaben", b"x: " + b"y" * 500_000 + b"\r\n", b"431"),
    ],
    ids=["usual", "url", "headers", "header", "url ++", "headers ++", "header ++"],
)
async def test_large_heads_are_refused(
    service_url: str, path: bytes, headers: bytes, status: bytes
) -> None:
    head = b"GET " + path + b" HTTP/1.1\r\nhost: x\r\nconnection: close\r\n" + headers + b"\r\n"
    got = await trickle(service_url, head, b"")
    assert got.answer[9:12] == status
