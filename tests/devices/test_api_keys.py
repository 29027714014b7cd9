"""API keys of cash registers: shown once, good for what they were made for, until they end."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from api_fixtures import Api, Clock, code_of, fresh_id
from shop_stage import NewPerson, Person, Shop, logged
from sqlalchemy import text

from gutschein.db.unit_of_work import Database
from gutschein.devices.api_key_token import Token, parse_token
from gutschein.web.rights import Role

UNKNOWN_CODE = "0000-0000-0000-0000-0"
ALL_RIGHTS = ["redemption.read", "till.balance", "till.redeem"]


def key_input(**changes: Any) -> dict[str, Any]:
    return {"name": "Kasse am Eingang", "rights": ALL_RIGHTS} | changes


async def balance(client: httpx.AsyncClient, token: str) -> httpx.Response:
    """Ask for something that every key with the right to see balances may ask for."""
    headers = {"authorization": f"Bearer {token}"}
    return await client.get(f"/api/v1/vouchers/{UNKNOWN_CODE}", headers=headers)


async def is_let_in(client: httpx.AsyncClient, token: str) -> bool:
    response = await balance(client, token)
    if response.status_code == 401:
        assert code_of(response) == "auth.required"
        return False
    assert code_of(response) == "voucher.unknown", response.text
    return True


@pytest.fixture
async def made(owner: Person, shop: Shop) -> dict[str, Any]:
    """A key that the shop's owner has made."""
    return await owner.api.made(shop.path("api-keys"), key_input())


async def listed(owner: Person, shop: Shop) -> list[dict[str, Any]]:
    return list((await owner.api.get(shop.path("api-keys"))).json()["api_keys"])


async def test_a_key_opens_the_api_and_is_noted_as_used_once_an_hour(
    made: dict[str, Any], owner: Person, shop: Shop, new_client: Any, clock: Clock
) -> None:
    register = new_client()
    assert await is_let_in(register, made["token"])
    first_use = clock.now
    for minutes, noted in ((59, first_use), (61, first_use + timedelta(minutes=61))):
        clock.now = first_use + timedelta(minutes=minutes)
        assert await is_let_in(register, made["token"])
        [key] = await listed(owner, shop)
        assert key["used_at"] == noted.isoformat().replace("+00:00", "Z")


async def test_the_token_is_shown_once_and_stored_nowhere(
    made: dict[str, Any], owner: Person, shop: Shop, database: Database
) -> None:
    assert re.fullmatch(r"gsk_[a-z2-7]{26}_[a-z2-7]{26}_[a-z2-7]{58}", made["token"])
    assert made["token"] not in (await owner.api.get(shop.path("api-keys"))).text
    token = parse_token(made["token"])
    assert token is not None
    async with database.reading() as work:
        query = text("SELECT * FROM api_key WHERE id = :id")
        row = (await work.execute(query, {"id": token.key_id})).mappings().one()
    assert row["secret_hash"] == token.secret_hash
    assert token.secret not in row.values()
    assert token.secret.hex() not in repr(token)


async def test_a_key_lasts_a_year_unless_told_and_two_at_most(
    made: dict[str, Any], owner: Person, shop: Shop, clock: Clock
) -> None:
    ends_at = (clock.now + timedelta(days=365)).isoformat().replace("+00:00", "Z")
    assert made["api_key"]["ends_at"] == ends_at
    for days in (-1, 0, 732):
        wanted = (clock.now + timedelta(days=days)).isoformat()
        refused = await owner.api.post(shop.path("api-keys"), key_input(ends_at=wanted))
        assert (refused.status_code, code_of(refused)) == (422, "api_key.end")


async def test_what_is_no_key_opens_nothing(made: dict[str, Any], new_client: Any) -> None:
    token = parse_token(made["token"])
    assert token is not None
    register = new_client()
    strangers = [
        Token(token.town_id, token.key_id, bytes(32)),
        Token(token.town_id, UUID(fresh_id()), token.secret),
        Token(type(token.town_id)(bytes=UUID(fresh_id()).bytes), token.key_id, token.secret),
    ]
    for text_ in ("", "wrong", "gsk_", made["token"][:-1], made["token"].upper(), "gsk_ä_b_c"):
        response = await register.get(
            "/api/v1/vouchers/x", headers={"authorization": f"Bearer {text_}".encode()}
        )
        assert (response.status_code, code_of(response)) == (401, "auth.required"), text_
    for stranger in strangers:
        assert not await is_let_in(register, stranger.text())


async def test_a_token_with_a_typing_error_is_none() -> None:
    token = Token(UUID(int=1), UUID(int=2), bytes(range(32))).text()  # type: ignore[arg-type]
    assert parse_token(token) is not None
    for place in range(4, len(token)):
        if token[place] != "_":
            other = "b" if token[place] == "a" else "a"
            assert parse_token(token[:place] + other + token[place + 1 :]) is None, place


async def test_a_key_is_worthless_once_it_ends(
    made: dict[str, Any], shop: Shop, new_person: NewPerson, new_client: Any, clock: Clock
) -> None:
    begun = clock.now
    for days, state, is_good in (
        (334, "valid", True),
        (336, "ending", True),
        (365, "ended", False),
    ):
        clock.now = begun + timedelta(days=days)
        assert await is_let_in(new_client(), made["token"]) is is_good
        [key] = await listed(await new_person(Role.OWNER, shop), shop)
        assert key["state"] == state


async def test_a_revoked_key_is_worthless_at_once(
    made: dict[str, Any], owner: Person, shop: Shop, new_client: Any
) -> None:
    path = shop.path(f"api-keys/{made['api_key']['id']}/revocation")
    first = await owner.api.post(path)
    assert (first.status_code, first.json()["state"]) == (200, "revoked")
    assert (await owner.api.post(path)).json() == first.json()
    assert not await is_let_in(new_client(), made["token"])
    rotation = await owner.api.post(shop.path(f"api-keys/{made['api_key']['id']}/rotation"), {})
    assert (rotation.status_code, code_of(rotation)) == (409, "api_key.ended")


async def test_a_replaced_key_stays_good_beside_the_new_one_for_a_while(
    made: dict[str, Any], owner: Person, shop: Shop, new_client: Any, clock: Clock
) -> None:
    replaced_at = clock.now
    path = shop.path(f"api-keys/{made['api_key']['id']}/rotation")
    new = await owner.api.made(path, {"grace_hours": 48})
    assert new["api_key"]["replaces_id"] == made["api_key"]["id"]
    for name in ("name", "rights", "merchant_id"):
        assert new["api_key"][name] == made["api_key"][name]
    for hours, old_is_good in ((47, True), (48, False)):
        clock.now = replaced_at + timedelta(hours=hours)
        assert await is_let_in(new_client(), made["token"]) is old_is_good
        assert await is_let_in(new_client(), new["token"])


async def test_a_key_is_replaced_once(made: dict[str, Any], owner: Person, shop: Shop) -> None:
    path = shop.path(f"api-keys/{made['api_key']['id']}/rotation")
    answers = await asyncio.gather(*(owner.api.post(path, {}) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert {code_of(each) for each in answers if each.status_code == 409} == {"api_key.replaced"}


async def test_a_key_may_do_what_it_was_made_for_and_no_more(
    owner: Person, shop: Shop, new_client: Any
) -> None:
    made = await owner.api.made(shop.path("api-keys"), key_input(rights=["redemption.read"]))
    register = new_client()
    response = await balance(register, made["token"])
    assert (response.status_code, code_of(response)) == (403, "right.missing")
    allowed = await register.get(
        f"/api/v1/towns/{shop.town['id']}/redemptions/{fresh_id()}",
        headers={"authorization": f"Bearer {made['token']}"},
    )
    assert (allowed.status_code, code_of(allowed)) == (404, "redemption.unknown")


async def test_no_key_can_be_given_more_than_a_till_does(owner: Person, shop: Shop) -> None:
    for rights in ([], ["payment.book"], ["till.redeem", "api_key.manage"]):
        refused = await owner.api.post(shop.path("api-keys"), key_input(rights=rights))
        assert (refused.status_code, code_of(refused)) == (422, "request.invalid")


async def test_a_key_makes_no_keys(made: dict[str, Any], shop: Shop, new_client: Any) -> None:
    response = await new_client().post(
        shop.path("api-keys"),
        json=key_input(),
        headers={"authorization": f"Bearer {made['token']}"},
    )
    assert (response.status_code, code_of(response)) == (403, "right.missing")


async def test_a_key_redeems_for_its_own_merchant_only(
    made: dict[str, Any], other_shop: Shop, shop: Shop, new_client: Any
) -> None:
    register = new_client()
    for place, status, code in (
        (shop, 404, "voucher.unknown"),
        (other_shop, 403, "right.missing"),
    ):
        body = {"id": fresh_id(), "code": UNKNOWN_CODE, "amount_cents": 100} | place.names()
        response = await register.post(
            "/api/v1/redemptions", json=body, headers={"authorization": f"Bearer {made['token']}"}
        )
        assert (response.status_code, code_of(response)) == (status, code), response.text


async def test_only_the_merchant_and_its_town_manage_its_keys(
    shop: Shop, other_shop: Shop, new_person: NewPerson, api: Api
) -> None:
    town = await api.new_town()
    stranger = Shop(town, await api.new_merchant(town))
    for role, place, may in (
        (Role.OWNER, shop, True),
        (Role.ADMINISTRATOR, shop, True),
        (Role.CASHIER, shop, False),
        (Role.CLERK, shop, False),
        (Role.OWNER, other_shop, False),
        (Role.ADMINISTRATOR, stranger, False),
    ):
        person = await new_person(role, place)
        response = await person.api.post(shop.path("api-keys"), key_input())
        assert response.status_code == (201 if may else 403), (role, place.merchant["name"])
        listing = await person.api.get(shop.path("api-keys"))
        assert listing.status_code == (200 if may else 403)


async def test_an_auditor_sees_keys_and_changes_none(
    made: dict[str, Any], shop: Shop, new_person: NewPerson
) -> None:
    auditor = await new_person(Role.AUDITOR, shop)
    assert (await auditor.api.get(shop.path("api-keys"))).status_code == 200
    revocation = shop.path(f"api-keys/{made['api_key']['id']}/revocation")
    assert (await auditor.api.post(revocation)).status_code == 403


async def test_a_key_of_another_merchant_is_not_there(
    made: dict[str, Any], other_shop: Shop, new_person: NewPerson
) -> None:
    stranger = await new_person(Role.OWNER, other_shop)
    for action, body in (("rotation", {}), ("revocation", None)):
        path = other_shop.path(f"api-keys/{made['api_key']['id']}/{action}")
        response = await stranger.api.post(path, body)
        assert (response.status_code, code_of(response)) == (404, "api_key.unknown")


async def test_the_business_log_names_who_made_replaced_and_revoked_a_key(
    made: dict[str, Any], owner: Person, shop: Shop, database: Database
) -> None:
    new = await owner.api.made(shop.path(f"api-keys/{made['api_key']['id']}/rotation"), {})
    await owner.api.post(shop.path(f"api-keys/{new['api_key']['id']}/revocation"))
    subject = f"API-Schlüssel »Kasse am Eingang« von {shop.merchant['name']}"
    entries = [each for each in await logged(database, shop.town_id) if each[2] == subject]
    assert entries == [
        ("api_key.created", owner.name, subject),
        ("api_key.replaced", owner.name, subject),
        ("api_key.revoked", owner.name, subject),
    ]
