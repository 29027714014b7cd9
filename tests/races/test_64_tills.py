"""64 tills want 10 EUR each from one voucher of 50 EUR, at once: five get them.

On the embedded PostgreSQL and on a separate one; in the process of the test, and over
sockets through a real server with two worker processes.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from api_fixtures import code_of, fresh_id
from stage import Paper, Shop, Stage, repeated

from tests.running_service import served

TILLS = 64


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
    with served(own_server_url, tmp_path, workers="2") as service:
        yield service.url


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
