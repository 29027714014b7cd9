from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from processes import processes_of

from tests.running_service import served

pytestmark = pytest.mark.slow

NOT_FOUND = 'gutschein_refusals_total{code="request.not_found"}'
SECONDS_TO_RECOVER = 60


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def scraped(port: int) -> dict[str, float]:
    text = httpx.get(f"http://127.0.0.1:{port}/metrics").text
    return {name: float(value) for name, value in re.findall(r"(?m)^([^#\s]\S*) (\S+)$", text)}


def until(is_so: Callable[[], bool]) -> None:
    ends = time.monotonic() + SECONDS_TO_RECOVER
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.1)


def lose_ways(url: str, count: int) -> None:
    for _ in range(count):  # each on a connection of its own: whichever worker takes it
        assert httpx.get(f"{url}/nowhere").status_code == 404


def test_one_scrape_tells_of_all_workers_the_dead_ones_too(
    database_url: str, tmp_path: Path
) -> None:
    port = free_port()
    metrics_address = f"127.0.0.1:{port}"
    with served(
        database_url, tmp_path, workers="2", metrics_address=metrics_address, log_format="json"
    ) as service:
        until(lambda: scraped(port)["gutschein_workers"] == 2)
        lose_ways(service.url, 12)
        assert scraped(port)[NOT_FOUND] == 12
        until(lambda: scraped(port)['gutschein_job_lag_seconds{job="mail"}'] == 0)
        _, first, *_ = processes_of(service)
        first.kill()
        first.wait()
        until(lambda: scraped(port)["gutschein_workers"] == 2)
        lose_ways(service.url, 5)
        assert scraped(port)[NOT_FOUND] == 17
        assert httpx.get(f"{service.url}/metrics").status_code == 404
    lines = [json.loads(line) for line in service.log.read_text().splitlines()]
    assert any("Unexpected exit" in line["message"] for line in lines)


def test_an_address_that_is_taken_is_told_of(database_url: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        told = "GUTSCHEIN_METRICS_ADDRESS cannot be listened at: Address already in use"
        with (
            pytest.raises(AssertionError, match=told),
            served(database_url, tmp_path, metrics_address=address),
        ):
            pass
