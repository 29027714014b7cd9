"""Jobs run by the clock: one worker at a time, past errors, and no longer than the service."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from api_fixtures import Clock, app_on, started
from rows_by_hand import NOW, Ledger
from sqlalchemy import text

from gutschein import jobs
from gutschein.db.access import JOBS
from gutschein.db.unit_of_work import Database
from gutschein.job_list import PURGES
from gutschein.jobs import Job, run_alone, running, standing_jobs
from gutschein.kernel.clock import utc_now
from gutschein.mail.message import Mail
from gutschein.mail.outbox import enqueue
from gutschein.secrets import Secrets
from gutschein.settings import Settings
from gutschein.signing.service_keys import PURPOSES, ServiceKeys

KEYS = ServiceKeys(dict.fromkeys(PURPOSES, bytes(32)))
SECRETS = Secrets(key_encryption_key=bytes(32), smtp_password="geheim")


def clock() -> datetime:
    return NOW


async def nothing(database: Database, now: datetime) -> None: ...


async def test_a_job_runs_again_and_again_with_the_instant_of_each_run(
    fresh_database: Database,
) -> None:
    instants = iter(NOW + timedelta(seconds=n) for n in range(1_000))
    seen: list[datetime] = []
    enough = asyncio.Event()

    async def note(database: Database, now: datetime) -> None:
        assert database.access is JOBS
        seen.append(now)
        if len(seen) == 3:
            enough.set()

    async with running(fresh_database, [Job("note", 0.01, note)], lambda: next(instants)):
        await asyncio.wait_for(enough.wait(), 5)
    assert seen[:3] == [NOW + timedelta(seconds=n) for n in range(3)]
    count = len(seen)
    await asyncio.sleep(0.05)
    assert len(seen) == count


async def test_a_job_that_fails_is_told_with_its_trace_and_holds_up_no_other(
    fresh_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    failures = 0
    enough = asyncio.Event()

    async def fail(database: Database, now: datetime) -> None:  # noqa: ARG001
        nonlocal failures
        failures += 1
        raise ZeroDivisionError("so it goes")

    async def work(database: Database, now: datetime) -> None:  # noqa: ARG001
        if failures > 1:
            enough.set()

    with caplog.at_level(logging.ERROR):
        async with running(
            fresh_database, [Job("failing", 0.01, fail), Job("working", 0.01, work)], clock
        ):
            await asyncio.wait_for(enough.wait(), 5)
    assert "The job »failing« failed" in caplog.text
    assert "ZeroDivisionError: so it goes" in caplog.text


async def test_of_several_workers_one_runs_a_job(fresh_database: Database) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(database: Database, now: datetime) -> None:  # noqa: ARG001
        begun.set()
        await go_on.wait()

    job, other = Job("one", 1, slow), Job("another", 1, nothing)
    first = asyncio.create_task(run_alone(fresh_database, job, NOW))
    await begun.wait()
    for _ in range(3):
        assert not await run_alone(fresh_database, job, NOW)
    assert await run_alone(fresh_database, other, NOW)  # each job has a lock of its own
    go_on.set()
    assert await first
    assert await run_alone(fresh_database, job, NOW)  # whoever is done lets the next one


async def test_what_is_under_way_at_the_end_is_finished(fresh_database: Database) -> None:
    begun = asyncio.Event()

    async def insert(database: Database, now: datetime) -> None:
        async with database.unit_of_work() as work:
            begun.set()
            await asyncio.sleep(0.2)
            await enqueue(work, KEYS, Mail("a@example.org", "x", "x\n", "de"), now)

    async with running(fresh_database, [Job("insert", 0.01, insert)], clock):
        await begun.wait()
    async with fresh_database.acting(JOBS).reading() as work:
        assert await work.scalar(text("SELECT count(*) FROM mail_outbox")) == 1


async def test_what_does_not_end_in_time_is_undone(
    fresh_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "GRACE_SECONDS", 0.1)
    begun = asyncio.Event()

    async def hang(database: Database, now: datetime) -> None:
        async with database.unit_of_work() as work:
            await enqueue(work, KEYS, Mail("a@example.org", "x", "x\n", "de"), now)
            begun.set()
            await asyncio.sleep(60)

    async with asyncio.timeout(5):
        async with running(fresh_database, [Job("hang", 0.01, hang)], clock):
            await begun.wait()
    async with fresh_database.acting(JOBS).reading() as work:
        assert await work.scalar(text("SELECT count(*) FROM mail_outbox")) == 0
    assert await run_alone(fresh_database, Job("hang", 1, nothing), NOW)  # its lock is free


async def test_while_they_are_to_rest_no_job_begins(fresh_database: Database) -> None:
    rests, ran = True, asyncio.Event()

    async def note(database: Database, now: datetime) -> None:  # noqa: ARG001
        ran.set()

    async with running(fresh_database, [Job("note", 0.01, note)], clock, lambda: rests):
        await asyncio.sleep(0.1)
        assert not ran.is_set()
        rests = False
        await asyncio.wait_for(ran.wait(), 5)


async def test_the_end_waits_for_no_pause(fresh_database: Database) -> None:
    async with asyncio.timeout(2), running(fresh_database, [Job("rare", 3_600, nothing)], clock):
        await asyncio.sleep(0)


def settings(**more: object) -> Settings:
    return Settings(data_dir=Path("/nowhere"), **more)  # type: ignore[arg-type]


def test_the_settings_say_which_jobs_there_are() -> None:
    without_mail = standing_jobs(settings(), SECRETS, KEYS)
    assert [job.name for job in without_mail] == ["mail", "history", "sent mails"]
    mail = {"smtp_host": "mail.example.org", "smtp_sender": "Gutschein <g@example.org>"}
    with_heads = standing_jobs(
        settings(**mail, history_head_to="kaemmerei@example.org"), SECRETS, KEYS
    )
    assert [job.name for job in with_heads][-1] == "history heads"
    assert {job.name: job.seconds for job in with_heads}["history"] == 60


@pytest.mark.parametrize(("security", "port"), [("starttls", 587), ("tls", 465), ("none", 25)])
def test_the_port_follows_from_the_security(security: str, port: int) -> None:
    mail = {"smtp_host": "mail.example.org", "smtp_sender": "g@example.org"}
    sender = jobs.smtp_sender(settings(**mail, smtp_security=security), SECRETS)
    assert sender is not None
    assert sender.port == port
    set_ = jobs.smtp_sender(settings(**mail, smtp_security=security, smtp_port=2525), SECRETS)
    assert set_ is not None
    assert set_.port == 2525
    assert "geheim" not in repr(sender)


async def test_every_job_has_the_rights_it_needs(
    fresh_database: Database, ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    now = utc_now()
    await ledger.log(now - timedelta(hours=1))
    async with fresh_database.acting(JOBS).unit_of_work() as work:
        await enqueue(work, KEYS, Mail("a@example.org", "x", "x\n", "de"), now)
    for job in (*standing_jobs(settings(), SECRETS, KEYS), *PURGES):
        assert await run_alone(fresh_database.acting(JOBS), job, now), caplog.text
    assert len(await ledger.blocks("log")) == 1
    async with fresh_database.acting(JOBS).reading() as work:
        (row,) = (await work.execute(text("SELECT * FROM mail_outbox"))).all()
    assert (row.last_error, row.sealed_content) == ("no mail server is set", b"")


async def test_the_service_seals_by_itself(
    fresh_database_url: str, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "FIRST_SECONDS", 0.01)
    clock = Clock()
    clock.now = utc_now()  # the database's, or nothing is sealed
    await ledger.log(clock.now - timedelta(hours=1))
    async with started(app_on(fresh_database_url, clock)), asyncio.timeout(10):
        while not await ledger.blocks("log"):  # noqa: ASYNC110 - it is another that will make it
            await asyncio.sleep(0.05)
    assert [block["row_count"] for block in await ledger.blocks("log")] == [1]
