"""Requests that say two things about where they end, on real sockets (RFC 9112, section 11.2)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.running_service import served

pytestmark = pytest.mark.slow

POST = b"POST /api/v1/devices HTTP/1.1\r\nhost: gutschein.example\r\n"
#: What somebody would like to slip in behind.
SECOND = b"GET /health/live HTTP/1.1\r\nhost: gutschein.example\r\n\r\n"


@pytest.fixture(scope="module")
def service_url(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("service")
    with served(database_url, folder) as service:
        yield service.url


@pytest.mark.parametrize(
    "first",
    [
        POST + b"content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        POST + b"transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n",
        POST + b"content-length: 2\r\ncontent-length: 3\r\n\r\n{} ",
        POST + b"transfer-encoding: xchunked\r\n\r\n0\r\n\r\n",
        POST + b"transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        POST + b"content-length : 2\r\n\r\n{}",
    ],
)
async def test_nothing_behind_it_is_taken_for_a_second_request(
    service_url: str, first: bytes
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", httpx.URL(service_url).port)
    writer.write(first + SECOND)
    answer = await asyncio.wait_for(reader.read(), 30)
    writer.close()
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1 ") == 1
