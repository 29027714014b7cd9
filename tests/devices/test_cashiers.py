"""Cashiers: named by the owner, known at a device by a PIN that nobody guesses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from api_fixtures import Clock, code_of, fresh_id
from litestar import Litestar
from shop_stage import NewPerson, Person, Shop, Till, logged, new_code
from sqlalchemy import text

from gutschein.db.unit_of_work import Database
from gutschein.devices import till_api
from gutschein.devices.rules import is_trivial_pin, shift_end
from gutschein.limits.rules import CASHIER_PIN_DAY, CASHIER_SIGN_ON
from gutschein.web.rights import Role

PIN = "7391"


async def add(owner: Person, shop: Shop, name: str = "Petra M.", pin: str = PIN) -> dict[str, Any]:
    return await owner.api.made(shop.path("cashiers"), {"name": name, "pin": pin})


@pytest.fixture
async def petra(owner: Person, shop: Shop) -> dict[str, Any]:
    return await add(owner, shop)


async def sign_on(till: Till, cashier: dict[str, Any], pin: str = PIN) -> httpx.Response:
    body = {"cashier_id": cashier["id"], "pin": pin}
    return await till.send("POST", "/api/v1/device/cashier", body)


async def standing_at(till: Till) -> str | None:
    response = await till.send("GET", "/api/v1/device")
    assert response.status_code == 200, response.text
    cashier = response.json()["cashier"]
    return cashier and str(cashier["name"])


async def test_a_cashier_signs_on_with_a_pin_and_off_again(
    till: Till, petra: dict[str, Any], owner: Person, shop: Shop
) -> None:
    assert await standing_at(till) is None
    signed_on = await sign_on(till, petra)
    assert signed_on.status_code == 200, signed_on.text
    assert signed_on.json()["cashier"] == {"id": petra["id"], "name": "Petra M."}
    assert await standing_at(till) == "Petra M."
    jens = await add(owner, shop, "Jens", "8264")
    assert (await sign_on(till, jens, "8264")).status_code == 200
    assert await standing_at(till) == "Jens"
    off = await till.send("POST", "/api/v1/device/cashier/end")
    assert (off.status_code, off.json()["cashier"]) == (200, None)
    assert await standing_at(till) is None


async def test_the_pin_stands_nowhere(
    petra: dict[str, Any], owner: Person, shop: Shop, database: Database
) -> None:
    async with database.reading() as work:
        query = text("SELECT pin_hash FROM cashier WHERE id = :id")
        stored = (await work.execute(query, {"id": petra["id"]})).scalar_one()
    assert stored.startswith("$argon2id$")
    listed = await owner.api.get(shop.path("cashiers"))
    assert "pin_hash" not in listed.text
    assert PIN not in listed.text


@pytest.mark.parametrize("pin", ["0000", "1234", "9876", "7890", "0987", "1212", "424242", "12121"])
async def test_a_pin_that_anybody_guesses_is_refused(owner: Person, shop: Shop, pin: str) -> None:
    response = await owner.api.post(shop.path("cashiers"), {"name": "Petra M.", "pin": pin})
    assert (response.status_code, code_of(response)) == (422, "cashier.pin_trivial")


@pytest.mark.parametrize("pin", ["", "123", "123456789", "12a4", "73 91", "७३९१", "7391\n"])
async def test_a_pin_is_four_to_eight_digits(owner: Person, shop: Shop, pin: str) -> None:
    response = await owner.api.post(shop.path("cashiers"), {"name": "Petra M.", "pin": pin})
    assert (response.status_code, code_of(response)) == (422, "request.invalid")


def test_few_pins_are_trivial() -> None:
    trivial = [pin for pin in (f"{number:04}" for number in range(10_000)) if is_trivial_pin(pin)]
    assert len(trivial) == 10 + 10 + 10 + 90  # one digit, runs up and down, two digits twice


async def test_guessing_a_pin_soon_takes_long_and_stops_nobody_else(
    till: Till, petra: dict[str, Any], owner: Person, shop: Shop, clock: Clock
) -> None:
    jens = await add(owner, shop, "Jens", "8264")
    codes = [code_of(await sign_on(till, petra, f"55{number:02}")) for number in range(7)]
    assert codes == 5 * ["cashier.pin"] + 2 * ["limit.rate"]
    waiting = await sign_on(till, petra)  # even the right one waits
    assert (waiting.status_code, code_of(waiting)) == (429, "limit.rate")
    assert (await sign_on(till, jens, "8264")).status_code == 200
    clock.now += timedelta(seconds=int(waiting.headers["retry-after"]))
    assert (await sign_on(till, petra)).status_code == 200


def tried(till: Till, cashier: dict[str, Any], clock: Clock) -> str:
    """What tries of a PIN of this moment count for."""
    return till_api._tried(UUID(till.id), UUID(cashier["id"]), clock.now.isoformat())


async def test_many_guesses_at_the_same_moment_are_no_way_around(
    till: Till, petra: dict[str, Any], app: Litestar, clock: Clock
) -> None:
    """All of them may find the limit on wrong ones untouched, but not the one on tries."""
    for _ in range(CASHIER_SIGN_ON.burst - 3):
        await app.state.limits.take(CASHIER_SIGN_ON, tried(till, petra, clock), clock.now)
    answers = await asyncio.gather(*(sign_on(till, petra, f"55{n:02}") for n in range(12)))
    codes = [code_of(answer) for answer in answers]
    assert sorted(codes) == 3 * ["cashier.pin"] + 9 * ["limit.rate"]


async def test_a_search_through_all_pins_comes_to_a_crawl(
    till: Till, petra: dict[str, Any], app: Litestar, clock: Clock
) -> None:
    key = tried(till, petra, clock)
    for _ in range(CASHIER_PIN_DAY.burst - 1):
        await app.state.limits.note(CASHIER_PIN_DAY, key, clock.now)
    codes = [code_of(await sign_on(till, petra, "5500")) for _ in range(2)]
    assert codes == ["cashier.pin", "limit.rate"]
    waiting = await sign_on(till, petra)
    assert int(waiting.headers["retry-after"]) == 48 * 60
    clock.now += timedelta(minutes=48)
    assert (await sign_on(till, petra)).status_code == 200


async def test_a_new_pin_ends_the_wait_and_the_old_one(
    till: Till, petra: dict[str, Any], owner: Person, shop: Shop, clock: Clock
) -> None:
    await sign_on(till, petra)
    for _ in range(5):
        await sign_on(till, petra, "5500")
    clock.now += timedelta(seconds=1)
    path = shop.path(f"cashiers/{petra['id']}/pin")
    assert (await owner.api.post(path, {"pin": "8264"})).status_code == 200
    assert await standing_at(till) is None  # who signed on with the old one is signed off
    assert code_of(await sign_on(till, petra)) == "cashier.pin"
    assert (await sign_on(till, petra, "8264")).status_code == 200


async def test_who_is_gone_signs_on_nowhere(
    till: Till, petra: dict[str, Any], owner: Person, shop: Shop
) -> None:
    await sign_on(till, petra)
    path = shop.path(f"cashiers/{petra['id']}/end")
    ended = await owner.api.post(path)
    assert ended.status_code == 200
    assert (await owner.api.post(path)).json() == ended.json()
    assert await standing_at(till) is None
    assert code_of(await sign_on(till, petra)) == "cashier.unknown"
    about = (await till.send("GET", "/api/v1/device")).json()
    assert about["cashiers"] == []
    for action, body in (("name", {"name": "Neu"}), ("pin", {"pin": "8264"})):
        response = await owner.api.post(shop.path(f"cashiers/{petra['id']}/{action}"), body)
        assert (response.status_code, code_of(response)) == (409, "cashier.ended")


async def test_a_shift_ends_with_the_day_or_after_twelve_hours(
    till: Till, petra: dict[str, Any], clock: Clock
) -> None:
    morning = clock.now  # ten o'clock in Germany
    await sign_on(till, petra)
    clock.now = morning + timedelta(hours=11, minutes=59)
    assert await standing_at(till) == "Petra M."
    clock.now = morning + timedelta(hours=12)
    assert await standing_at(till) is None
    clock.now = datetime(2026, 12, 5, 22, 59, tzinfo=UTC)
    await sign_on(till, petra)
    assert await standing_at(till) == "Petra M."
    clock.now = datetime(2026, 12, 5, 23, 0, tzinfo=UTC)
    assert await standing_at(till) is None


def test_the_end_of_a_day_is_that_of_germany_in_summer_too() -> None:
    evening = datetime(2026, 7, 1, 20, 0, tzinfo=UTC)
    assert shift_end(evening) == datetime(2026, 7, 1, 22, 0, tzinfo=UTC)
    noon = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)
    assert shift_end(noon) == noon + timedelta(hours=12)


async def test_two_who_sign_on_at_once_do_not_both_stand_there(
    till: Till, petra: dict[str, Any], owner: Person, shop: Shop, database: Database
) -> None:
    jens = await add(owner, shop, "Jens", "8264")
    await asyncio.gather(sign_on(till, petra), sign_on(till, jens, "8264"))
    async with database.reading() as work:
        query = text("SELECT count(*) FROM device_shift WHERE device_id = :id AND ended_at IS NULL")
        assert (await work.execute(query, {"id": till.id})).scalar_one() == 1


async def test_cashiers_of_another_merchant_are_not_there(
    petra: dict[str, Any], other_shop: Shop, new_person: NewPerson, new_till: Callable[..., Till]
) -> None:
    stranger = await new_person(Role.OWNER, other_shop)
    till = new_till()
    await till.pair(await new_code(stranger, other_shop))
    assert code_of(await sign_on(till, petra)) == "cashier.unknown"
    for action, body in (("name", {"name": "Neu"}), ("pin", {"pin": "8264"}), ("end", None)):
        path = other_shop.path(f"cashiers/{petra['id']}/{action}")
        response = await stranger.api.post(path, body)
        assert (response.status_code, code_of(response)) == (404, "cashier.unknown")
    nobody = await sign_on(till, {"id": fresh_id()})
    assert (nobody.status_code, code_of(nobody)) == (404, "cashier.unknown")


async def test_only_the_owner_names_cashiers(
    petra: dict[str, Any], shop: Shop, new_person: NewPerson
) -> None:
    for role, may_see in (
        (Role.ADMINISTRATOR, True),
        (Role.AUDITOR, True),
        (Role.CASHIER, False),
        (Role.CLERK, False),
    ):
        person = await new_person(role, shop)
        listed = await person.api.get(shop.path("cashiers"))
        assert listed.status_code == (200 if may_see else 403), role
        for path, body in (
            ("cashiers", {"name": "Neu", "pin": "8264"}),
            (f"cashiers/{petra['id']}/pin", {"pin": "8264"}),
        ):
            response = await person.api.post(shop.path(path), body)
            assert (response.status_code, code_of(response)) == (403, "right.missing")


async def test_the_log_names_cashiers_and_no_pin(
    petra: dict[str, Any], owner: Person, shop: Shop, database: Database
) -> None:
    for action, body in (("name", {"name": "Petra K."}), ("pin", {"pin": "8264"}), ("end", None)):
        await owner.api.post(shop.path(f"cashiers/{petra['id']}/{action}"), body)
    entries = await logged(database, shop.town_id)
    assert [each[0] for each in entries if each[0].startswith("cashier.")] == [
        "cashier.added",
        "cashier.renamed",
        "cashier.pin_changed",
        "cashier.ended",
    ]
    assert "8264" not in str(entries)
    assert PIN not in str(entries)
