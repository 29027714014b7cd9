"""Batches in a real service: one that is killed while it issues, and a caller who hangs up."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from api_fixtures import Api, Clock, code_of
from everybody import Everybody
from stage import Stage, repeated

from gutschein.kernel.clock import utc_now
from tests.running_service import Served, served

COUNT = 40_000
PRINTING = "gutschein.documents.printing_process"

pytestmark = pytest.mark.slow


@pytest.fixture
def clock() -> Clock:
    """The time of day, as it is for the service."""
    clock = Clock()
    clock.now = utc_now()
    return clock


def workers_of(service: Served) -> list[psutil.Process]:
    """The service's processes, all but the one that looks after them."""
    [main] = [
        child
        for child in psutil.Process().children()
        if child.environ().get("GUTSCHEIN_PORT") == str(service.port)
    ]
    return main.children()


async def begun(api: Api, path: str, issuing: asyncio.Task[httpx.Response]) -> dict[str, Any]:
    """Wait until a part of the batch is written."""
    while True:
        assert not issuing.done(), (await issuing).text
        response = await api.get(f"{path}/progress")
        if response.is_success and response.json()["runs"][0]["done_count"]:
            return dict(response.json())
        await asyncio.sleep(0.05)


async def test_killed_in_the_middle_nothing_is_issued_and_the_same_order_does_it_whole(
    stage: Stage, everybody: Everybody, tmp_path: Path
) -> None:
    town = stage.zwoenitz
    order = await stage.order(town, 1_00, COUNT)
    path = town.path(f"batches/{order['id']}")
    payment = town.path(f"payments/{order['payment_id']}")
    before = await stage.moved()
    with served(stage.database_url, tmp_path, workers="1") as service:
        async with httpx.AsyncClient(base_url=service.url, auth=everybody, timeout=60) as client:
            api = Api(client)
            issuing = asyncio.create_task(api.post(town.path("batches"), order))
            said = await begun(api, path, issuing)
            assert not said["issued"]
            for worker in workers_of(service):
                worker.kill()
            with pytest.raises(httpx.TransportError):
                await issuing
            assert await stage.moved() == before
            assert code_of(await stage.api.get(path)) == "batch.unknown"
            assert (await stage.api.get(payment)).json()["left_cents"] == COUNT * 1_00
            assert not (await stage.api.get(f"{path}/progress")).json()["issued"]

    with served(stage.database_url, tmp_path, workers="1") as service:
        async with httpx.AsyncClient(base_url=service.url, auth=everybody, timeout=60) as client:
            api = Api(client)
            issued = await repeated(lambda: api.post(town.path("batches"), order))
            again = await api.post(town.path("batches"), order)
    assert (issued.status_code, again.status_code) == (201, 200), issued.text
    assert issued.json() == again.json()
    assert issued.json()["last_serial"] == issued.json()["first_serial"] + COUNT - 1 == COUNT
    assert (await stage.api.get(payment)).json()["left_cents"] == 0
    assert await stage.balance(town, "voucher") == COUNT * 1_00
    assert (await stage.api.get(f"{path}/progress")).json()["runs"] == []
    await stage.audit()


async def test_whoever_hangs_up_leaves_no_process_behind(
    stage: Stage, everybody: Everybody, tmp_path: Path
) -> None:
    town = stage.zwoenitz
    batch = await stage.batch(town, 1_00, 203)
    path = town.path(f"batches/{batch['id']}")
    with served(stage.database_url, tmp_path, workers="1") as service:
        async with (
            httpx.AsyncClient(base_url=service.url, auth=everybody, timeout=60) as client,
            client.stream("GET", f"{path}/documents") as response,
        ):
            assert response.status_code == 200
            await anext(response.aiter_bytes())
            running = [
                child
                for worker in workers_of(service)
                for child in worker.children()
                if PRINTING in child.cmdline()
            ]
            assert running
        gone, alive = await asyncio.to_thread(psutil.wait_procs, running, 30)
        assert (len(gone), alive) == (len(running), [])
    assert (await stage.api.get(f"{path}/progress")).json()["runs"] == []
