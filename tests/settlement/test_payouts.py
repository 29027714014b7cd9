"""The bank's word on a payout: confirmed, returned, in any order, told twice or at once."""

from __future__ import annotations

import asyncio
from typing import Any

from api_fixtures import code_of, fresh_id
from stage import Stage, Town, new_shop


async def paid_out(stage: Stage) -> dict[str, Any]:
    """The statement of a payout of 48.21 EUR that is in transit."""
    town = stage.zwoenitz
    await stage.redeemed(await stage.voucher(town), 50_00)
    settlement = await stage.settle(town, "2026-12-01", "2026-12-05")
    return {"settlement_id": settlement["id"]} | settlement["statements"][0]


async def confirm(stage: Stage, statement: dict[str, Any]) -> Any:
    path = stage.zwoenitz.path(f"statements/{statement['id']}/payout/confirmation")
    return await stage.api.post(path)


async def give_back(stage: Stage, statement: dict[str, Any], reason: str = "AC04") -> Any:
    path = stage.zwoenitz.path(f"statements/{statement['id']}/payout/return")
    return await stage.api.post(path, {"reason": reason})


async def balances(stage: Stage, town: Town) -> tuple[int, int, int]:
    """What is in transit, owed to merchants and held in the trust account."""
    return (
        await stage.balance(town, "payout_in_transit"),
        await stage.balance(town, "merchant_payable"),
        -await stage.balance(town, "trust_bank"),
    )


async def state(stage: Stage, statement: dict[str, Any]) -> str:
    path = stage.zwoenitz.path(f"settlements/{statement['settlement_id']}")
    [found] = (await stage.api.get(path)).json()["statements"]
    return str(found["payout_state"])


async def test_a_confirmed_payout_leaves_the_trust_account(stage: Stage) -> None:
    statement = await paid_out(stage)
    assert await balances(stage, stage.zwoenitz) == (48_21, 0, 50_00)
    for _ in range(2):
        assert (await confirm(stage, statement)).status_code == 204
    assert await balances(stage, stage.zwoenitz) == (0, 0, 1_79)
    assert await state(stage, statement) == "confirmed"
    await stage.audit()


async def test_a_payout_that_never_arrived_is_owed_again(stage: Stage) -> None:
    statement = await paid_out(stage)
    for _ in range(2):
        assert (await give_back(stage, statement)).status_code == 204
    assert await balances(stage, stage.zwoenitz) == (0, 48_21, 50_00)
    assert await state(stage, statement) == "returned"
    for answer in (await confirm(stage, statement), await give_back(stage, statement, "AC06")):
        assert (answer.status_code, code_of(answer)) == (409, "payout.state")
    assert await balances(stage, stage.zwoenitz) == (0, 48_21, 50_00)
    await stage.audit()


async def test_a_payout_that_came_back_after_its_confirmation_is_owed_again(stage: Stage) -> None:
    statement = await paid_out(stage)
    assert (await confirm(stage, statement)).status_code == 204
    assert (await give_back(stage, statement)).status_code == 204
    assert await balances(stage, stage.zwoenitz) == (0, 48_21, 50_00)
    assert await state(stage, statement) == "returned"
    again = await confirm(stage, statement)
    assert (again.status_code, code_of(again)) == (409, "payout.state")
    await stage.audit()


async def test_what_came_back_is_paid_with_the_next_statement(stage: Stage) -> None:
    await give_back(stage, await paid_out(stage))
    stage.clock.now = stage.clock.now.replace(day=6)
    await stage.redeemed(await stage.voucher(stage.zwoenitz), 10_00)
    [statement] = (await stage.settle(stage.zwoenitz, "2026-12-06", "2026-12-06"))["statements"]
    assert (statement["returned_cents"], statement["redeemed_cents"]) == (48_21, 10_00)
    assert (statement["fee_cents"], statement["payout_cents"]) == (30, 57_85)
    assert (await confirm(stage, statement)).status_code == 204
    assert await balances(stage, stage.zwoenitz) == (0, 0, 100_00 - 57_85)
    await stage.audit()


async def test_a_return_told_after_the_closing_is_in_the_statement_behind_it(stage: Stage) -> None:
    statement = await paid_out(stage)
    stage.clock.now = stage.clock.now.replace(day=6)
    nothing = await stage.settle(stage.zwoenitz, "2026-12-06", "2026-12-06")
    assert nothing["statements"] == []
    assert (await give_back(stage, statement)).status_code == 204
    stage.clock.now = stage.clock.now.replace(day=7)
    [again] = (await stage.settle(stage.zwoenitz, "2026-12-07", "2026-12-07"))["statements"]
    assert (again["returned_cents"], again["payout_cents"]) == (48_21, 48_21)
    await stage.audit()


async def test_confirmed_and_returned_at_once_is_booked_as_one_after_the_other(
    stage: Stage,
) -> None:
    statement = await paid_out(stage)
    answers = await asyncio.gather(
        *(confirm(stage, statement) for _ in range(6)),
        *(give_back(stage, statement) for _ in range(6)),
    )
    assert [answer.status_code for answer in answers[6:]] == [204] * 6
    assert {answer.status_code for answer in answers[:6]} <= {204, 409}
    assert await balances(stage, stage.zwoenitz) == (0, 48_21, 50_00)
    await stage.audit()


async def test_all_payouts_of_a_settlement_are_confirmed_but_the_one_that_came_back(
    stage: Stage,
) -> None:
    town = stage.zwoenitz
    second = await new_shop(stage.api, town.id, name="Zoohandlung")
    voucher = await stage.voucher(town, 200_00)
    await stage.redeemed(voucher, 100_00)
    await stage.redeemed(voucher, 100_00, second)
    closed = await stage.close(town, "2026-12-01", "2026-12-05")
    path = town.path(f"settlements/{closed['id']}/payouts/confirmation")
    early = await stage.api.post(path)
    assert (early.status_code, code_of(early)) == (409, "settlement.state")
    settlement = await stage.approve(town, closed)
    await give_back(stage, settlement["statements"][0])
    counts = await asyncio.gather(*(stage.api.post(path) for _ in range(4)))
    assert sorted(answer.json()["confirmed_count"] for answer in counts) == [0, 0, 0, 1]
    assert await balances(stage, town) == (0, 96_43, 200_00 - 96_43)
    await stage.audit()


async def test_there_is_no_payout_before_the_approval_nor_of_nothing(stage: Stage) -> None:
    town = stage.zwoenitz
    await stage.redeemed(await stage.voucher(town), 5_00)
    closed = await stage.close(town, "2026-12-01", "2026-12-05")
    [statement] = closed["statements"]
    for answer in (await confirm(stage, statement), await give_back(stage, statement)):
        assert (answer.status_code, code_of(answer)) == (404, "payout.unknown")
    await stage.approve(town, closed)  # 4.82 EUR are carried
    for answer in (await confirm(stage, statement), await give_back(stage, statement)):
        assert (answer.status_code, code_of(answer)) == (404, "payout.unknown")
    for answer in (
        await confirm(stage, {"id": fresh_id()}),
        await give_back(stage, {"id": fresh_id()}),
    ):
        assert (answer.status_code, code_of(answer)) == (404, "payout.unknown")


async def test_the_banks_reason_is_one_short_line(stage: Stage) -> None:
    statement = await paid_out(stage)
    mark = await stage.moved()
    for reason in ("", " ", "x" * 36, "a\x00", "a\nb", None, 4, ["AC04"]):
        refused = await give_back(stage, statement, reason)  # type: ignore[arg-type]
        assert (refused.status_code, code_of(refused)) == (422, "request.invalid")
    assert await stage.moved() == mark
