"""A voucher is locked by its account, whoever changes it and however."""

from __future__ import annotations

import asyncpg
import pytest
from sqlalchemy import text
from stage import Stage


async def test_a_state_changed_by_hand_waits_for_whoever_books_on_the_voucher(
    stage: Stage,
) -> None:
    voucher = await stage.voucher(stage.zwoenitz, 50_00)
    connection = await asyncpg.connect(stage.database_url)
    try:
        await connection.execute("SET lock_timeout = '100ms'")
        block = f"UPDATE voucher SET state = 'blocked' WHERE id = '{voucher.id}'"
        async with stage.database.unit_of_work() as work:
            booking = "SELECT FROM ledger_account WHERE id = :id FOR NO KEY UPDATE"
            await work.execute(text(booking), {"id": voucher.id})
            with pytest.raises(asyncpg.LockNotAvailableError):
                await connection.execute(block)
        rolled_back = connection.transaction()
        await rolled_back.start()
        assert await connection.execute(block) == "UPDATE 1"
        await rolled_back.rollback()
    finally:
        await connection.close()
