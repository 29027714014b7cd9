"""Killed at every step between the money and the mailbox: done again, there is one voucher, one
mail and one posting.

Each step is a process of its own. A lock of the test's holds it where it is about to write; there
it is killed.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from api_fixtures import Api, Clock, app_on, started
from bank_messages import Booking, message
from buying_stage import Shop, opened_shop
from everybody import Everybody
from stage import new_stage

from tests.mail.mail_server import MailServer, listening

CHORE = Path(__file__).with_name("one_chore.py")
FRIEND = "oma@example.org"

pytestmark = pytest.mark.slow


@pytest.fixture
async def shop(fresh_database_url: str) -> AsyncIterator[Shop]:
    """A shop on a database of its own, whose outbox nobody else fills."""
    clock = Clock()
    app = app_on(fresh_database_url, clock)
    credentials = Everybody(fresh_database_url, clock)
    async with started(app) as client:
        client.auth = credentials
        stage = await new_stage(Api(client), app, clock, fresh_database_url)
        async with opened_shop(stage) as opened:
            yield opened
    await credentials.close()


@pytest.fixture
async def mailboxes() -> AsyncIterator[MailServer]:
    async with listening() as server:
        yield server


async def chore(shop: Shop, name: str, *rest: object) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        str(CHORE),
        name,
        shop.stage.database_url,
        shop.clock.now.isoformat(),
        *map(str, rest),
    )


async def done(shop: Shop, name: str, *rest: object) -> None:
    process = await chore(shop, name, *rest)
    assert await process.wait() == 0


@asynccontextmanager
async def held(shop: Shop, table: str) -> AsyncIterator[asyncpg.Connection]:
    """Let nobody write into a table, as long as the block lasts."""
    connection = await asyncpg.connect(shop.stage.database_url)
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute(f"LOCK TABLE {table} IN SHARE MODE")
    try:
        yield connection
    finally:
        await transaction.rollback()
        await connection.close()


async def killed_before(shop: Shop, table: str, name: str, *rest: object) -> None:
    """Kill a chore in the moment in which it is about to write into a table."""
    async with held(shop, table) as connection:
        process = await chore(shop, name, *rest)
        while not await connection.fetchval(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = $1::regclass", table
        ):
            assert process.returncode is None, "it ended before it came there"
            await asyncio.sleep(0.02)
        process.kill()
        await process.wait()


async def test_at_every_step_once_is_enough(
    shop: Shop, mailboxes: MailServer, tmp_path: Path
) -> None:
    path = await shop.ordered(amount="50", delivery="buyer")
    gift = await shop.ordered(amount="25", delivery="recipient", recipient=FRIEND)
    bookings = [
        Booking(cents=50_00, text=(await shop.reference(path),), bank_reference="A1"),
        Booking(cents=25_00, text=(await shop.reference(gift),), bank_reference="A2"),
    ]
    statement = tmp_path / "camt.xml"
    statement.write_bytes(message(*bookings))

    for table in ("deposit", "deposit_assignment", "payment", "voucher_batch", "voucher"):
        await killed_before(shop, table, "import", shop.town_id, statement)
    await killed_before(shop, "order_item", "import", shop.town_id, statement)
    assert (await shop.order(path)).stage == "placed"
    for _ in range(2):
        await done(shop, "import", shop.town_id, statement)
    assert (await shop.order(path)).stage == "issued"

    await killed_before(shop, "mail_outbox", "deliver", shop.town_id)
    await killed_before(shop, "shop_order", "deliver", shop.town_id)
    for _ in range(2):
        await done(shop, "deliver", shop.town_id)

    mailboxes.taking_seconds = 60
    process = await chore(shop, "mail", mailboxes.port)
    await mailboxes.asked.wait()
    process.kill()
    await process.wait()
    mailboxes.taking_seconds = 0
    for _ in range(2):
        shop.clock.now += timedelta(minutes=5)
        await done(shop, "mail", mailboxes.port)

    sent = sorted((mail["To"], len([*mail.iter_attachments()])) for mail in mailboxes.messages)
    confirmed, told, with_voucher, given = (
        (shop.email, 0),
        (shop.email, 0),
        (shop.email, 1),
        (FRIEND, 1),
    )
    assert sent == sorted([confirmed, confirmed, told, with_voucher, given])
    assert len({mail["Message-ID"] for mail in mailboxes.messages}) == len(sent)
    vouchers = [item.voucher_id for each in (path, gift) for item in (await shop.order(each)).items]
    assert len(set(vouchers)) == 2
    counted = await asyncpg.connect(shop.stage.database_url)
    rows = await counted.fetch(
        "SELECT event, sum(amount_cents)::int AS cents FROM transfer GROUP BY event"
    )
    await counted.close()
    assert {row["event"]: row["cents"] for row in rows} == {
        "deposit": 75_00,
        "assignment": 75_00,
        "issue": 75_00,
    }
    await shop.stage.audit()
