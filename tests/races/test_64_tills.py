"""64 tills want 10 EUR each from one voucher of 50 EUR, at once: five get them.

On the embedded PostgreSQL and on a separate one; in the process of the test, and over
sockets through a real server with two worker processes.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from api_fixtures import code_of, fresh_id
from stage import Paper, Shop, Stage, repeated

TILLS = 64
SECONDS_TO_START = 60


async def send(caller: httpx.AsyncClient, bodies: list[dict[str, Any]]) -> list[httpx.Response]:
    """Send all of them at once."""

    async def till(body: dict[str, Any]) -> httpx.Response:
        return await repeated(lambda: caller.post("/api/v1/redemptions", json=body))

    return await asyncio.gather(*(till(body) for body in bodies))


async def five_of_64_get_ten_euros(stage: Stage, caller: httpx.AsyncClient, shop: Shop) -> None:
    voucher = await stage.voucher(stage.zwoenitz, 50_00)
    answers = await send(caller, [stage.sold(voucher, 10_00, shop) for _ in range(TILLS)])
    said = Counter(
        str(answer.status_code) if answer.is_success else code_of(answer) for answer in answers
    )
    assert said == {"200": 5, "voucher.empty": TILLS - 5}
    rests = sorted(answer.json()["balance_after_cents"] for answer in answers if answer.is_success)
    assert rests == [0, 10_00, 20_00, 30_00, 40_00]
    assert await stage.left(voucher) == 0


async def four_of_64_get_twelve_euros(stage: Stage, caller: httpx.AsyncClient) -> None:
    voucher = await stage.voucher(stage.zwoenitz, 50_00)
    answers = await send(caller, [stage.sold(voucher, 12_00) for _ in range(TILLS)])
    said = Counter(
        str(answer.status_code) if answer.is_success else code_of(answer) for answer in answers
    )
    assert said == {"200": 4, "voucher.insufficient": TILLS - 4}
    assert await stage.left(voucher) == 2_00


async def one_id_is_one_redemption(stage: Stage, caller: httpx.AsyncClient, shop: Shop) -> None:
    voucher: Paper = await stage.voucher(stage.zwoenitz, 50_00)
    answers = await send(caller, [stage.sold(voucher, 10_00, shop) | {"id": fresh_id()}] * TILLS)
    assert {(answer.status_code, answer.content) for answer in answers} == {
        (200, answers[0].content)
    }
    assert await stage.left(voucher) == 40_00


async def test_in_one_process(stage_today: Stage) -> None:
    caller = stage_today.api.client
    for shop in (stage_today.zwoenitz.shop, stage_today.schneeberg.shop):
        await five_of_64_get_ten_euros(stage_today, caller, shop)
        await one_id_is_one_redemption(stage_today, caller, shop)
    await four_of_64_get_twelve_euros(stage_today, caller)
    await stage_today.audit()


@pytest.fixture
def service_url(own_server_url: str, tmp_path: Path) -> Iterator[str]:
    """The service as an operator runs it, with two workers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | {
        "DATABASE_URL": own_server_url,
        "GUTSCHEIN_DATA_DIR": str(tmp_path),
        "GUTSCHEIN_PORT": str(port),
        "GUTSCHEIN_WORKERS": "2",
        "GUTSCHEIN_KEY_ENCRYPTION_KEY": "00" * 32,
    }
    log = tmp_path / "log"
    with log.open("wb") as output:
        service = subprocess.Popen(
            [sys.executable, "-m", "gutschein", "serve"],
            cwd=tmp_path,
            env=environment,
            stdout=output,
            stderr=output,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        assert _is_ready(url, service), log.read_text()
        yield url
    finally:
        service.terminate()
        service.wait(SECONDS_TO_START)


def _is_ready(url: str, service: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + SECONDS_TO_START
    while service.poll() is None and time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/health/ready").is_success:
                return True
        except httpx.TransportError:
            time.sleep(0.2)
    return False


@pytest.mark.slow
async def test_through_two_worker_processes(stage_today: Stage, service_url: str) -> None:
    limits = httpx.Limits(max_connections=TILLS)
    async with httpx.AsyncClient(
        base_url=service_url, auth=stage_today.api.client.auth, limits=limits, timeout=60
    ) as caller:
        for shop in (stage_today.zwoenitz.shop, stage_today.schneeberg.shop):
            await five_of_64_get_ten_euros(stage_today, caller, shop)
            await one_id_is_one_redemption(stage_today, caller, shop)
        await four_of_64_get_twelve_euros(stage_today, caller)
    await stage_today.audit()
