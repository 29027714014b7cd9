"""A blocked voucher is good again, and a town has a new key: each by two."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from api_fixtures import fresh_id
from colleagues import Office
from doings import approved, later
from sqlalchemy import text
from stage import Stage


async def test_a_blocked_voucher_is_good_again(staged: Office, stage: Stage) -> None:
    town = staged.town
    voucher = await stage.voucher(town, 50_00)
    await stage.block(voucher)
    terms = {"kind": "unblock", "voucher_id": voucher.id}
    request = await staged.asked(staged.clara, terms, "Wiedergefunden")
    serial = (await stage.api.get(town.path(f"vouchers/{voucher.id}"))).json()["serial"]
    assert request["summary"] == (
        f"Gutschein Nr. {serial} (Gutschein Zwönitz, Rest 50,00 €) wieder freischalten. Gesperrt"
        " wurde er mit der Begründung: „Verloren“."
    )
    await stage.refused(await stage.redeem(stage.sold(voucher, 10_00)), "voucher.blocked")
    await later(staged, datetime(2026, 12, 6, 9, 0, tzinfo=UTC))
    await staged.approved(staged.bea, request)
    assert (await stage.redeemed(voucher, 10_00))["balance_after_cents"] == 40_00
    events = (await stage.api.get(town.path(f"vouchers/{voucher.id}"))).json()["events"]
    assert [(each["state"], each["reason"]) for each in events] == [
        ("blocked", "Verloren"),
        ("active", "Wiedergefunden"),
    ]
    await stage.audit()


async def test_what_is_not_blocked_cannot_be_unblocked(staged: Office, stage: Stage) -> None:
    town = staged.town
    voucher = await stage.voucher(town, 50_00)
    terms = {"kind": "unblock", "voucher_id": voucher.id}
    await staged.refused(await staged.ask(staged.clara, terms), "voucher.not_blocked")
    unknown = terms | {"voucher_id": fresh_id()}
    await staged.refused(await staged.ask(staged.clara, unknown), "voucher.unknown")
    await stage.block(voucher)
    request = await staged.asked(staged.clara, terms)
    await stage.replace(voucher)
    await staged.refused(await staged.approve(staged.bea, request), "voucher.replaced")
    assert await staged.state(request) == "open"
    await stage.audit()


async def test_a_new_key_signs_the_next_voucher(staged: Office, stage: Stage) -> None:
    town = staged.town
    before = await stage.voucher(town, 50_00)
    done = await approved(staged, {"kind": "key_renewal"})
    assert done["subject_id"] == town.id
    after = await stage.voucher(town, 50_00)
    assert len({await kid_of(staged, before.id), await kid_of(staged, after.id)}) == 2
    assert (await staged.log())[-1][4] == f"Schlüssel {await kid_of(staged, after.id)}"
    for voucher in (before, after):
        await stage.redeemed(voucher, 10_00)
    await stage.audit()


async def kid_of(staged: Office, voucher_id: str) -> str:
    async with staged.database.acting(staged.access).reading() as work:
        kid = await work.execute(
            text("SELECT kid FROM voucher WHERE id = :id"), {"id": UUID(voucher_id)}
        )
        return bytes(kid.scalar_one()).hex()
