"""A voucher is blocked, replaced, expired: with a reason, once, and its money is never lost."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from api_fixtures import code_of, fresh_id
from stage import Stage

#: The first minute of 1 January 2030 in Germany: what was valid until 31 December is over.
NEW_YEAR_2030 = datetime(2029, 12, 31, 23, 0, tzinfo=UTC)


async def test_a_blocked_voucher_keeps_its_money_and_gives_none(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    path = voucher.town.path(f"vouchers/{voucher.id}")
    blocked = await stage.api.post(f"{path}/block", {"reason": "Verloren gemeldet"})
    assert blocked.status_code == 200
    assert blocked.json()["state"] == "blocked"
    assert [event["reason"] for event in blocked.json()["events"]] == ["Verloren gemeldet"]
    again = await stage.api.post(f"{path}/block", {"reason": "Noch einmal"})
    assert again.json() == blocked.json()
    await stage.refused(await stage.redeem(stage.sold(voucher, 10_00)), "voucher.blocked")
    assert await stage.left(voucher) == 50_00
    await stage.audit()


async def test_a_replacement_carries_the_balance_under_a_new_code(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    await stage.redeemed(voucher, 12_50)
    await stage.block(voucher)
    path = voucher.town.path(f"vouchers/{voucher.id}")
    replacement_id = fresh_id()
    body = {"id": replacement_id, "reason": "Ersatz nach Verlust"}
    made = await stage.api.post(f"{path}/replacement", body)
    assert made.status_code == 201
    assert made.headers["location"] == voucher.town.path(f"vouchers/{replacement_id}")
    assert made.json() | {"issued_at": ""} == {
        "id": replacement_id,
        "town_id": voucher.town.id,
        "serial": 2,
        "programme_id": voucher.town.programme_id,
        "programme_name": "Gutschein Zwönitz",
        "face_value_cents": 37_50,
        "balance_cents": 37_50,
        "valid_until": "2029-12-31",
        "state": "active",
        "batch_id": None,
        "replaces_id": voucher.id,
        "replaced_by_id": None,
        "issued_at": "",
        "events": [],
    }
    old = (await stage.api.get(path)).json()
    assert (old["state"], old["balance_cents"]) == ("replaced", 0)
    assert old["replaced_by_id"] == replacement_id
    assert [event["state"] for event in old["events"]] == ["blocked", "replaced"]
    new = await stage.paper_of(voucher.town, replacement_id)
    assert new.code != voucher.code
    await stage.refused(await stage.redeem(stage.sold(voucher, 1_00)), "voucher.replaced")
    assert (await stage.redeemed(new, 37_50))["balance_after_cents"] == 0
    await stage.audit()


async def test_the_same_replacement_again_finds_it(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    path = voucher.town.path(f"vouchers/{voucher.id}/replacement")
    body = {"id": fresh_id(), "reason": "Verloren"}
    answers = await asyncio.gather(*(stage.api.post(path, body) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.text for answer in answers}) == 1
    mark = await stage.moved()
    other_reason = await stage.api.post(path, body | {"reason": "Gestohlen"})
    assert code_of(other_reason) == "request.conflict"
    other_id = await stage.api.post(path, body | {"id": fresh_id()})
    assert code_of(other_id) == "voucher.replaced"
    assert await stage.moved() == mark


async def test_one_voucher_has_one_replacement_however_many_ask(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    path = voucher.town.path(f"vouchers/{voucher.id}/replacement")
    answers = await asyncio.gather(
        *(stage.api.post(path, {"reason": "Verloren"}) for _ in range(8))
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    assert await stage.balance(voucher.town, "voucher") == 50_00
    await stage.audit()


async def test_a_replacement_can_be_replaced_again(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    third = await stage.replace(await stage.replace(voucher))
    assert (await stage.redeemed(third, 50_00))["balance_after_cents"] == 0
    await stage.audit()


async def test_the_id_of_a_replacement_must_be_free(stage: Stage) -> None:
    """An account goes by the id of its voucher or payment, so those ids are taken too."""
    town = stage.zwoenitz
    voucher, other = await stage.vouchers(town, 50_00, 2)
    payment_id = await stage.payment(town, 10_00)
    path = town.path(f"vouchers/{voucher.id}/replacement")
    mark = await stage.moved()
    for taken in (voucher.id, other.id, payment_id):
        refused = await stage.api.post(path, {"id": taken, "reason": "Verloren"})
        assert (refused.status_code, code_of(refused)) == (409, "request.conflict")
    assert await stage.moved() == mark
    paid = await stage.api.post(
        town.path("payments"),
        {"id": voucher.id, "method": "bank_transfer", "amount_cents": 5_00, "reference": "x"},
    )
    assert code_of(paid) == "request.conflict"
    assert await stage.moved() == mark


async def test_one_id_for_two_replacements_at_once_makes_one(stage: Stage) -> None:
    vouchers = await stage.vouchers(stage.zwoenitz, 50_00, 6)
    body = {"id": fresh_id(), "reason": "Verloren"}
    answers = await asyncio.gather(
        *(
            stage.api.post(each.town.path(f"vouchers/{each.id}/replacement"), body)
            for each in vouchers
        )
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5
    await stage.audit()


async def test_nothing_is_replaced_that_is_empty_expired_or_unknown(stage: Stage) -> None:
    empty, old = await stage.vouchers(stage.zwoenitz, 50_00, 2)
    await stage.redeemed(empty, 50_00)
    body = {"reason": "Verloren"}

    async def replace(voucher_id: str) -> str:
        return code_of(
            await stage.api.post(stage.zwoenitz.path(f"vouchers/{voucher_id}/replacement"), body)
        )

    assert await replace(empty.id) == "voucher.empty"
    assert await replace(fresh_id()) == "voucher.unknown"
    stage.clock.now = NEW_YEAR_2030
    assert await replace(old.id) == "voucher.expired"
    await stage.expire(stage.zwoenitz)
    assert await replace(old.id) == "voucher.expired"


async def test_a_voucher_is_good_through_its_last_day_and_lapses_after_it(stage: Stage) -> None:
    town = stage.zwoenitz
    voucher, blocked, empty = await stage.vouchers(town, 50_00, 3)
    await stage.block(blocked)
    await stage.redeemed(empty, 50_00)
    stage.clock.now = datetime(2029, 12, 31, 22, 59, 59, tzinfo=UTC)
    assert await stage.expire(town) == 0
    await stage.redeemed(voucher, 20_00)
    stage.clock.now = NEW_YEAR_2030
    late = await stage.refused(await stage.redeem(stage.sold(voucher, 1_00)), "voucher.expired")
    assert late["date"] == "2029-12-31"
    assert late["detail"] == "Abgelaufen am 31.12.2029."
    assert await stage.expire(town) == 3
    assert await stage.expire(town) == 0
    assert await stage.balance(town, "lapsed") == 80_00
    for each, state in ((voucher, "expired"), (blocked, "expired"), (empty, "expired")):
        seen = (await stage.api.get(town.path(f"vouchers/{each.id}"))).json()
        assert (seen["state"], seen["balance_cents"]) == (state, 0)
    await stage.refused(await stage.redeem(stage.sold(voucher, 1_00)), "voucher.expired")
    refused = await stage.api.post(town.path(f"vouchers/{voucher.id}/block"), {"reason": "x"})
    assert code_of(refused) == "voucher.expired"
    await stage.audit()


async def test_more_vouchers_lapse_than_one_unit_of_work_takes(stage: Stage) -> None:
    town = stage.zwoenitz
    await stage.batch(town, 1_00, 2_100)
    stage.clock.now = NEW_YEAR_2030
    counts = await asyncio.gather(*(stage.expire(town) for _ in range(3)))
    assert sum(counts) == 2_100
    assert await stage.balance(town, "lapsed") == 2_100_00
    await stage.audit()


async def test_vouchers_of_another_town_are_not_there(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    other = stage.schneeberg.path(f"vouchers/{voucher.id}")
    mark = await stage.moved()
    for answer in (
        await stage.api.get(other),
        await stage.api.get(f"{other}/document"),
        await stage.api.post(f"{other}/block", {"reason": "x"}),
        await stage.api.post(f"{other}/replacement", {"reason": "x"}),
    ):
        assert (answer.status_code, code_of(answer)) == (404, "voucher.unknown")
    assert await stage.moved() == mark


async def test_what_waited_for_a_lock_happened_after_what_held_it(stage: Stage) -> None:
    """A request keeps the instant it came at, but the voucher's life stays in order."""
    voucher = await stage.voucher(stage.zwoenitz)
    came_first = stage.clock.now
    stage.clock.now += timedelta(seconds=1)
    await stage.block(voucher)
    stage.clock.now = came_first
    await stage.replace(voucher)
    path = voucher.town.path(f"vouchers/{voucher.id}")
    blocked, replaced = (await stage.api.get(path)).json()["events"]
    assert (blocked["state"], replaced["state"]) == ("blocked", "replaced")
    assert blocked["happened_at"] == replaced["happened_at"] == "2026-12-05T09:00:01Z"
    await stage.audit()


async def test_a_replaced_voucher_cannot_be_blocked(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    await stage.replace(voucher)
    refused = await stage.api.post(
        voucher.town.path(f"vouchers/{voucher.id}/block"), {"reason": "x"}
    )
    assert code_of(refused) == "voucher.replaced"


async def test_a_reason_is_one_line(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    mark = await stage.moved()
    for reason in ("", " ", "a\x00b", "a\nb", "x" * 201, None, 5, ["x"]):
        for action in ("block", "replacement"):
            path = voucher.town.path(f"vouchers/{voucher.id}/{action}")
            refused = await stage.api.post(path, {"reason": reason})
            assert (refused.status_code, code_of(refused)) == (422, "request.invalid")
    assert await stage.moved() == mark
