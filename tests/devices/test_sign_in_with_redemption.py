"""A device's credential is asked with what it redeems: in the same transaction, every time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from api_fixtures import Clock, app_on, code_of, fresh_id, started
from shop_stage import Person, Shop, Till
from sqlalchemy import text
from stage import Stage

PATH = "/api/v1/redemptions"


async def test_what_was_signed_is_taken_once_whatever_came_of_it(
    stage: Stage, paired: Till
) -> None:
    voucher = await stage.voucher(stage.zwoenitz, 10_00)
    for amount_cents, token, expected in (
        (10_00, voucher.token, None),
        (10_00, voucher.token, "voucher.empty"),
        (10_00, "no token", "token.unreadable"),
    ):
        body = stage.sold(voucher, amount_cents) | {"token": token}
        signing = paired.signing()
        first = await paired.send("POST", PATH, body, signing=signing)
        assert first.status_code == 200 if expected is None else code_of(first) == expected
        again = await paired.send("POST", PATH, body, signing=signing)
        assert code_of(again) == "device.replayed"
    await stage.audit()


async def test_of_two_at_the_same_moment_one_is_taken(stage: Stage, paired: Till) -> None:
    voucher = await stage.voucher(stage.zwoenitz, 100_00)
    for _ in range(5):
        signing, body = paired.signing(), stage.sold(voucher, 1_00)
        answers = await asyncio.gather(
            *(paired.send("POST", PATH, body, signing=signing) for _ in range(4))
        )
        said = sorted("ok" if each.is_success else code_of(each) for each in answers)
        assert said == ["device.replayed"] * 3 + ["ok"]
    assert await stage.left(voucher) == 95_00


async def test_a_lock_holds_for_the_very_next_redemption_on_every_worker(
    stage: Stage, paired: Till, keeper: Person, place: Shop, *, database_url: str, clock: Clock
) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    async with started(app_on(database_url, clock)) as elsewhere:
        here = paired.client
        for client in (here, elsewhere):
            paired.client = client
            assert (await paired.send("POST", PATH, stage.sold(voucher, 1_00))).status_code == 200
        path = place.path(f"devices/{paired.id}/lock")
        assert (await keeper.api.post(path, {"reason": "Gestohlen"})).status_code == 200
        for client in (here, elsewhere):
            paired.client = client
            for body in (
                stage.sold(voucher, 1_00),
                stage.sold(voucher, 1_00) | {"token": "no token"},
                stage.sold(voucher, 1_00) | {"branch_id": fresh_id()},
            ):
                assert code_of(await paired.send("POST", PATH, body)) == "device.locked"
    assert await stage.left(voucher) == 48_00


async def test_a_device_is_noted_as_seen_every_few_minutes(
    stage: Stage, paired: Till, clock: Clock
) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    seen = []
    for _ in range(4):
        await paired.send("POST", PATH, stage.sold(voucher, 1_00))
        query = text("SELECT seen_at FROM device WHERE id = :id")
        async with stage.database.reading() as work:
            at = (await work.execute(query, {"id": paired.id})).scalar_one()
        seen.append(round((at - clock.now).total_seconds() / 60))
        clock.now = clock.now.replace(minute=clock.now.minute + 2)
    assert seen == [0, -2, -4, 0]


async def test_another_devices_key_opens_nothing(
    stage: Stage, paired: Till, new_till: Callable[..., Till]
) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    assert (await paired.send("POST", PATH, stage.sold(voucher, 1_00))).status_code == 200
    thief = new_till()
    thief.town_id, thief.id = paired.town_id, paired.id
    refused = await thief.send("POST", PATH, stage.sold(voucher, 1_00))
    assert code_of(refused) == "device.signature"
    unknown = new_till()
    unknown.town_id = paired.town_id
    refused = await unknown.send("POST", PATH, stage.sold(voucher, 1_00))
    assert code_of(refused) == "device.unknown"
