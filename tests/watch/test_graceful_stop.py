from __future__ import annotations

import asyncio
import os
import time
from contextlib import ExitStack
from pathlib import Path
from uuid import UUID

import asyncpg
import httpx
import pytest
from callers import Caller, Tally
from everybody import Everybody
from processes import processes_of
from stage import Stage

from gutschein.kernel.clock import utc_now
from tests.running_service import served

CONNECTIONS = 32
#: All are answered several times before the stop, and at least once after it was told.
ANSWERS_BEFORE = 10 * CONNECTIONS
STOP_DELAY_SECONDS = "1.5"
#: For whatever comes by itself, on whatever machine.
SECONDS_AT_MOST = 60

_WAITING_FOR_ME = """
    SELECT count(*) FROM pg_locks
    WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))
"""


async def stopped_under_load(stage: Stage, key: str, folder: Path, workers: str) -> Tally:
    """Let many tills redeem, tell the service to stop in the midst of it, and see it end."""
    town = stage.zwoenitz
    papers = await stage.vouchers(town, 90_000, CONNECTIONS)
    tally = Tally()
    with ExitStack() as stack:
        settings = {"stop_delay_seconds": STOP_DELAY_SECONDS, "log_redemptions": "false"}
        service = stack.enter_context(
            served(stage.database_url, folder, workers=workers, **settings)
        )
        callers = [
            Caller(
                service.port,
                "/api/v1/redemptions",
                {"authorization": f"Bearer {key}"},
                lambda paper=paper: stage.sold(paper, 1),  # type: ignore[misc]
                tally,
            )
            for paper in papers
        ]
        async with asyncio.TaskGroup() as group:
            for caller in callers:
                group.create_task(caller.call())
            async with asyncio.timeout(SECONDS_AT_MOST):
                while len(tally.answered) < ANSWERS_BEFORE:  # noqa: ASYNC110 - many count
                    await asyncio.sleep(0.01)
            await asyncio.to_thread(stack.close)
    return tally


async def stored(stage: Stage, ids: list[str]) -> set[str]:
    connection = await asyncpg.connect(stage.database_url)
    rows = await connection.fetch(
        "SELECT id FROM redemption WHERE id = ANY($1)", [UUID(each) for each in ids]
    )
    await connection.close()
    return {str(row["id"]) for row in rows}


@pytest.mark.slow
@pytest.mark.parametrize(("workers", "turn"), [("1", 1), ("2", 1), ("2", 2)])
async def test_whoever_has_sent_a_request_whole_is_answered_or_has_moved_nothing(
    stage: Stage,
    everybody: Everybody,
    tmp_path: Path,
    workers: str,
    turn: int,  # noqa: ARG001 - once more, and another moment
) -> None:
    shop = stage.zwoenitz.shop
    key = await everybody.key_of((UUID(shop.town_id), UUID(shop.merchant_id)))
    tally = await stopped_under_load(stage, key, tmp_path, workers)
    assert tally.cut == []
    done = [id_ for id_, status in tally.answered.items() if status == 200]
    assert len(done) > CONNECTIONS
    assert await stored(stage, done) == set(done)
    assert await stored(stage, tally.unanswered) == set()
    assert tally.said_close >= CONNECTIONS


async def raw(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", port)


async def asked_live(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    writer.write(b"GET /health/live HTTP/1.1\r\nhost: localhost\r\n\r\n")
    return await reader.readuntil(b"}")


@pytest.mark.slow
async def test_a_stop_is_told_first_and_waits_for_what_is_under_way_and_for_nobody_else(
    stage: Stage, tmp_path: Path
) -> None:
    paper = await stage.voucher(stage.zwoenitz)
    block = stage.zwoenitz.path(f"vouchers/{paper.id}/block")
    people = Everybody(stage.database_url, utc_now)
    holder = await asyncpg.connect(stage.database_url)
    with ExitStack() as stack:
        service = stack.enter_context(served(stage.database_url, tmp_path, stop_delay_seconds="4"))
        async with httpx.AsyncClient(base_url=service.url, timeout=SECONDS_AT_MOST) as client:
            silent, idle = await raw(service.port), await raw(service.port)
            assert b"connection: close" not in await asked_live(*idle)
            async with holder.transaction():
                await holder.execute(
                    "SELECT FROM ledger_account WHERE id = $1 FOR UPDATE", UUID(paper.id)
                )
                blocking = asyncio.create_task(
                    client.post(block, json={"reason": "Verloren"}, auth=people)
                )
                while not await holder.fetchval(_WAITING_FOR_ME):
                    assert not blocking.done()
                    await asyncio.sleep(0.01)
                stopping = asyncio.create_task(asyncio.to_thread(stack.close))
                delay = asyncio.create_task(asyncio.sleep(4.5))
                # Whoever asked just before the stop was told may hear of it without the header.
                while (told := await client.get("/health/ready")).headers.get(
                    "connection"
                ) != "close":
                    pass
                assert told.status_code == 503
                living = await client.get("/health/live")
                assert (living.status_code, living.headers["connection"]) == (200, "close")
                await delay
                assert not blocking.done()
                assert not stopping.done()
            answer = await blocking
            assert (answer.status_code, answer.headers["connection"]) == (200, "close")
            async with asyncio.timeout(20):  # far from the time that a request may take
                await stopping
            for reader, writer in (silent, idle):
                assert await reader.read() == b""
                writer.close()
    await holder.close()
    await people.close()


@pytest.mark.slow
def test_a_signal_to_all_processes_is_no_accident(database_url: str, tmp_path: Path) -> None:
    with served(database_url, tmp_path, workers="2", stop_delay_seconds="40") as service:
        first, *workers = processes_of(service)
        assert len(workers) == 2
        begun = time.monotonic()
        for process in (first, *workers):
            process.terminate()
        ended = os.waitid(os.P_PID, first.pid, os.WEXITED | os.WNOWAIT)  # served() asks again
    assert time.monotonic() - begun < 30  # it does not start them again and wait
    assert ended is not None
    assert (ended.si_code, ended.si_status) == (os.CLD_EXITED, 0)


@pytest.mark.slow
def test_workers_that_have_hardly_started_hear_of_the_stop_too(
    database_url: str, tmp_path: Path
) -> None:
    with ExitStack() as stack:  # ready is said by the first of them
        service = stack.enter_context(
            served(database_url, tmp_path, workers="4", stop_delay_seconds="0")
        )
    assert "Killing worker" not in service.log.read_text()  # as those that do not hear are
