"""A service that is cut off in the middle of a claim: it is booked once, and never both ways."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from api_fixtures import code_of
from claim_stage import Outage

from gutschein.db.engine import asyncpg_url
from gutschein.offline.jobs import finish_claims

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def owner(database_url: str) -> AsyncIterator[Any]:
    """A session with all rights, past the guards."""
    url = asyncpg_url(database_url).set(drivername="postgresql")
    connection = await asyncpg.connect(url.render_as_string(hide_password=False))
    yield connection
    await connection.close()


async def undone(owner: Any, claim_id: str) -> None:
    """Put a claim back to where it was before its end was noted."""
    async with owner.transaction():
        await owner.execute("SET LOCAL session_replication_role = replica")
        done = await owner.execute(
            "UPDATE claim SET outcome = 'received', decided_at = NULL, reason = NULL,"
            " reason_params = NULL, bearer = NULL WHERE id = $1",
            claim_id,
        )
    assert done == "UPDATE 1"


async def test_cut_off_after_the_redemption_it_is_accepted_when_it_comes_again(
    outage: Outage, owner: Any
) -> None:
    stage = outage.stage
    voucher = await stage.voucher(stage.zwoenitz, 50_00)
    claim = outage.claim(voucher)
    done = await outage.accepted(claim)
    await undone(owner, claim["id"])
    await stage.audit()
    [listed] = await outage.list()
    assert listed["outcome"] == "received"
    assert await outage.sent(claim) == done
    assert await outage.kept() == [(claim["id"], "accepted")]
    assert await stage.left(voucher) == 40_00
    await stage.audit()


async def test_cut_off_after_the_redemption_it_is_accepted_by_itself_in_the_end(
    outage: Outage, owner: Any
) -> None:
    stage = outage.stage
    voucher = await stage.voucher(stage.zwoenitz, 50_00)
    claim = outage.claim(voucher)
    await outage.accepted(claim)
    await undone(owner, claim["id"])
    await finish_claims(stage.database, stage.clock.now + MINUTE)
    assert await outage.kept() == [(claim["id"], "received")]  # it may still be under way
    await finish_claims(stage.database, stage.clock.now + 2 * MINUTE)
    assert await outage.kept() == [(claim["id"], "accepted")]
    await outage.accepted(claim)
    await stage.audit()


async def test_cut_off_before_the_redemption_it_waits_until_no_attempt_can_be_under_way(
    outage: Outage, owner: Any
) -> None:
    stage = outage.stage
    voucher = await stage.voucher(stage.zwoenitz, 10_00)
    await stage.redeemed(voucher, 10_00)
    claim = outage.claim(voucher)
    await outage.disputed(claim, "voucher.empty")
    await undone(owner, claim["id"])
    await stage.audit()
    assert code_of(await outage.send(claim)) == "service.busy"
    await finish_claims(stage.database, stage.clock.now + 5 * MINUTE)
    assert await outage.kept() == [(claim["id"], "received")]
    stage.clock.now += MINUTE
    await outage.disputed(claim, "voucher.empty")
    await stage.audit()


async def test_what_waits_for_its_end_counts_against_the_limits(outage: Outage, owner: Any) -> None:
    stage = outage.stage
    empty, full = await stage.vouchers(stage.zwoenitz, 100_00, 2)
    await stage.redeemed(empty, 100_00)
    await outage.set_terms_before(device_cents=25_00)
    waiting = outage.claim(empty, 20_00)
    await outage.disputed(waiting, "voucher.empty")
    await undone(owner, waiting["id"])
    await outage.disputed(outage.claim(full, 5_01), "offline.device_limit")
    await outage.accepted(outage.claim(full, 5_00))
    await stage.audit()


@pytest.mark.slow
async def test_a_voucher_that_somebody_holds_decides_nothing(outage: Outage, owner: Any) -> None:
    stage = outage.stage
    voucher = await stage.voucher(stage.zwoenitz, 50_00)
    claim = outage.claim(voucher)
    async with owner.transaction():
        await owner.execute("SELECT FROM ledger_account WHERE id = $1 FOR UPDATE", voucher.id)
        assert code_of(await outage.send(claim)) == "service.busy"
    assert await outage.kept() == [(claim["id"], "received")]
    assert code_of(await outage.send(claim)) == "service.busy"
    stage.clock.now += MINUTE
    await outage.accepted(claim)
    assert await stage.left(voucher) == 40_00
    await stage.audit()


async def test_the_database_keeps_a_claim_as_it_is(outage: Outage, owner: Any) -> None:
    voucher = await outage.stage.voucher(outage.stage.zwoenitz)
    claim = outage.claim(voucher)
    await outage.accepted(claim)
    for change in (
        "UPDATE claim SET amount_cents = 1 WHERE id = $1",
        "UPDATE claim SET outcome = 'received', decided_at = NULL WHERE id = $1",
        "DELETE FROM claim WHERE id = $1",
    ):
        with pytest.raises(asyncpg.RestrictViolationError, match="never changed"):
            await owner.execute(change, claim["id"])
