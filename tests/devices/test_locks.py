"""Locking a device: at once, by the merchant or its town; the town's lock is the town's."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from api_fixtures import Clock, app_on, code_of, fresh_id, started
from shop_stage import NewPerson, Person, Shop, Till, logged, new_code

from gutschein.db.unit_of_work import Database
from gutschein.web.rights import Role

REASON = {"reason": "Gestohlen am 2. Dezember"}


@pytest.fixture
def lock_path(shop: Shop, till: Till) -> Callable[[str], str]:
    return lambda action: shop.path(f"devices/{till.id}/{action}")


async def is_locked(till: Till) -> bool:
    response = await till.send("GET", "/api/v1/device")
    if response.status_code == 200:
        return False
    assert (response.status_code, code_of(response)) == (403, "device.locked")
    return True


async def test_a_locked_device_is_refused_from_its_next_request_on(
    till: Till, owner: Person, shop: Shop, lock_path: Callable[[str], str]
) -> None:
    assert not await is_locked(till)
    locked = await owner.api.post(lock_path("lock"), REASON)
    assert locked.status_code == 200, locked.text
    assert locked.json()["lock_reason"] == REASON["reason"]
    assert await is_locked(till)
    body = {"id": fresh_id(), "code": "0000-0000-0000-0000-0", "amount_cents": 100}
    redemption = await till.send("POST", "/api/v1/redemptions", body | shop.names())
    assert code_of(redemption) == "device.locked"
    released = await owner.api.post(lock_path("release"))
    assert (released.status_code, released.json()["locked_at"]) == (200, None)
    assert not await is_locked(till)


async def test_every_worker_knows_at_once(
    till: Till, owner: Person, lock_path: Callable[[str], str], database_url: str, clock: Clock
) -> None:
    async with started(app_on(database_url, clock)) as elsewhere:
        till.client = elsewhere
        assert not await is_locked(till)
        await owner.api.post(lock_path("lock"), REASON)
        assert await is_locked(till)


async def test_the_neighbours_go_on(
    till: Till,
    new_till: Callable[..., Till],
    owner: Person,
    shop: Shop,
    lock_path: Callable[[str], str],
) -> None:
    neighbour = new_till()
    await neighbour.pair(await new_code(owner, shop))
    await owner.api.post(lock_path("lock"), REASON)
    assert await is_locked(till)
    assert not await is_locked(neighbour)


async def test_what_the_town_has_locked_only_the_town_releases(
    till: Till, owner: Person, administrator: Person, lock_path: Callable[[str], str]
) -> None:
    await administrator.api.post(lock_path("lock"), REASON)
    refused = await owner.api.post(lock_path("release"))
    assert (refused.status_code, code_of(refused)) == (403, "device.locked_by_town")
    # A lock of the merchant's own does not take the place of the town's.
    again = await owner.api.post(lock_path("lock"), {"reason": "Anders"})
    assert again.json()["lock_reason"] == REASON["reason"]
    assert code_of(await owner.api.post(lock_path("release"))) == "device.locked_by_town"
    assert await is_locked(till)
    assert (await administrator.api.post(lock_path("release"))).status_code == 200
    assert not await is_locked(till)


async def test_the_town_can_make_the_merchants_lock_its_own(
    till: Till, owner: Person, administrator: Person, lock_path: Callable[[str], str]
) -> None:
    await owner.api.post(lock_path("lock"), REASON)
    locked = await administrator.api.post(lock_path("lock"), {"reason": "Verdacht"})
    assert (locked.json()["locked_by_town"], locked.json()["lock_reason"]) == (True, "Verdacht")
    assert code_of(await owner.api.post(lock_path("release"))) == "device.locked_by_town"
    assert await is_locked(till)


async def test_the_town_releases_what_the_merchant_has_locked(
    till: Till, owner: Person, administrator: Person, lock_path: Callable[[str], str]
) -> None:
    await owner.api.post(lock_path("lock"), REASON)
    assert (await administrator.api.post(lock_path("release"))).status_code == 200
    assert not await is_locked(till)


async def test_others_lock_nothing(
    till: Till, new_person: NewPerson, shop: Shop, other_shop: Shop, lock_path: Callable[[str], str]
) -> None:
    for role, place in (
        (Role.CASHIER, shop),
        (Role.CLERK, shop),
        (Role.AUDITOR, shop),
        (Role.OWNER, other_shop),
    ):
        person = await new_person(role, place)
        for action, body in (("lock", REASON), ("release", None)):
            response = await person.api.post(lock_path(action), body)
            assert (response.status_code, code_of(response)) == (403, "right.missing")
    stranger = await new_person(Role.OWNER, other_shop)
    path = other_shop.path(f"devices/{till.id}/lock")
    response = await stranger.api.post(path, REASON)
    assert (response.status_code, code_of(response)) == (404, "device.unknown_here")
    assert not await is_locked(till)


async def test_a_lock_is_told_only_to_the_device_itself(
    till: Till, new_till: Callable[..., Till], owner: Person, lock_path: Callable[[str], str]
) -> None:
    await owner.api.post(lock_path("lock"), REASON)
    stranger = new_till()
    stranger.id, stranger.town_id = till.id, till.town_id
    response: httpx.Response = await stranger.send("GET", "/api/v1/device")
    assert code_of(response) == "device.signature"


async def test_the_log_says_who_locked_why_and_who_released(
    till: Till,
    owner: Person,
    administrator: Person,
    shop: Shop,
    *,
    lock_path: Callable[[str], str],
    database: Database,
) -> None:
    for _ in range(2):  # the second changes nothing
        await owner.api.post(lock_path("lock"), REASON)
        await administrator.api.post(lock_path("release"))
        await administrator.api.post(lock_path("release"))
    assert till.id
    subject = f"Gerät »Kasse 1« von {shop.merchant['name']}"
    entries = await logged(database, shop.town_id)
    assert [each for each in entries if each[0] in {"device.locked", "device.released"}] == 2 * [
        ("device.locked", owner.name, subject),
        ("device.released", administrator.name, subject),
    ]
