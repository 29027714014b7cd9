"""Pairing: one code makes one device, within five minutes, and only for who holds its key."""

from __future__ import annotations

import asyncio
import re
from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from api_fixtures import Clock, code_of, fresh_id
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from litestar import Litestar
from shop_stage import NewPerson, Person, Shop, Till, logged, new_code
from sqlalchemy import text

from gutschein.db.access import IDENTITY, JOBS, NOTHING
from gutschein.db.unit_of_work import Database
from gutschein.devices.purge import purge
from gutschein.web.rights import Role

NewTill = Callable[..., Till]


async def devices_of(owner: Person, shop: Shop) -> list[dict[str, Any]]:
    return list((await owner.api.get(shop.path("devices"))).json()["devices"])


async def test_a_code_makes_a_device_of_the_branch_it_was_made_for(
    owner: Person, shop: Shop, new_till: NewTill
) -> None:
    till = new_till()
    paired = await till.pair(await new_code(owner, shop, "Kasse hinten"))
    assert paired.status_code == 201, paired.text
    about = paired.json()
    assert about == (await till.send("GET", "/api/v1/device")).json()
    assert about["name"] == "Kasse hinten"
    assert about["key_id"] == f"{shop.town['id']}.{till.id}"
    assert (about["town_name"], about["merchant_name"]) == (
        shop.town["name"],
        shop.merchant["name"],
    )
    [device] = await devices_of(owner, shop)
    assert device["paired_by"] == owner.name
    assert device["branch_id"] == shop.branch["id"]
    assert device["locked_at"] is None


async def test_the_code_stands_in_an_address_that_no_server_is_told(
    owner: Person, shop: Shop
) -> None:
    body = {"branch_id": shop.branch["id"], "name": "Kasse 1"}
    made = await owner.api.made(shop.path("pairing-codes"), body)
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}", made["code"])
    assert made["address"] == f"http://127.0.0.1:8000/kasse/koppeln#{made['code']}"


async def test_a_code_can_be_typed_as_people_type(
    owner: Person, shop: Shop, new_till: NewTill
) -> None:
    code = await new_code(owner, shop)
    typed = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert (await new_till().pair(f" {typed} ")).status_code == 201


async def test_a_code_works_once(owner: Person, shop: Shop, new_till: NewTill) -> None:
    code = await new_code(owner, shop)
    assert (await new_till().pair(code)).status_code == 201
    second = await new_till().pair(code)
    assert (second.status_code, code_of(second)) == (403, "pairing.code")
    assert len(await devices_of(owner, shop)) == 1


async def test_of_several_at_the_same_moment_one_wins(
    owner: Person, shop: Shop, new_till: NewTill
) -> None:
    code = await new_code(owner, shop)
    answers = await asyncio.gather(*(new_till().pair(code) for _ in range(6)))
    assert sorted(each.status_code for each in answers) == [201] + 5 * [403]
    assert len(await devices_of(owner, shop)) == 1


async def test_a_device_that_got_no_answer_asks_again(
    owner: Person, shop: Shop, new_till: NewTill, clock: Clock
) -> None:
    till, code = new_till(), await new_code(owner, shop)
    answers = await asyncio.gather(*(till.pair(code) for _ in range(3)))
    assert sorted(each.status_code for each in answers) == [200, 200, 201]
    clock.now += timedelta(minutes=10)
    late = await till.pair(code)
    assert late.status_code == 200
    assert late.json() | {"server_time": ""} == answers[0].json() | {"server_time": ""}


async def test_a_code_works_for_five_minutes(
    owner: Person, shop: Shop, new_till: NewTill, clock: Clock
) -> None:
    begun = clock.now
    early, late = await new_code(owner, shop), await new_code(owner, shop)
    clock.now = begun + timedelta(seconds=299)
    assert (await new_till().pair(early)).status_code == 201
    clock.now = begun + timedelta(seconds=300)
    refused = await new_till().pair(late)
    assert (refused.status_code, code_of(refused)) == (403, "pairing.code")


async def test_guessing_codes_is_slow(
    owner: Person, shop: Shop, new_till: NewTill, clock: Clock
) -> None:
    """From one address, without a word on whether there is such a code."""
    till = new_till()
    till.client.headers["x-forwarded-for"] = "203.0.113.7"  # which nobody believes
    texts, refused = set(), 0
    for _ in range(40):
        response = await till.pair("".join(uuid4().hex[:12]))
        texts.add((response.status_code, code_of(response)))
        refused += response.status_code == 429
    assert texts == {(403, "pairing.code"), (429, "limit.rate")}
    assert refused >= 15
    clock.now += timedelta(minutes=10)
    code = await new_code(owner, shop)
    assert (await new_till().pair(code)).status_code == 201


async def test_the_key_must_be_in_the_hands_of_who_sends_it(
    owner: Person, shop: Shop, new_till: NewTill
) -> None:
    code = await new_code(owner, shop)
    thief, victim = new_till(), new_till()
    stolen = await thief.send(
        "POST",
        "/api/v1/devices",
        {"id": thief.id, "code": code, "public_key": victim.public_key},
    )
    assert (stolen.status_code, code_of(stolen)) == (401, "device.signature")
    unsigned = await thief.client.post(
        "/api/v1/devices", json={"id": thief.id, "code": code, "public_key": thief.public_key}
    )
    assert (unsigned.status_code, code_of(unsigned)) == (401, "device.signature")
    for change in ({"key_id": fresh_id()}, {"algorithm": "ed25519"}, {"authority": "else.example"}):
        assert code_of(await thief.pair(code, **change)) == "device.signature"
    assert code_of(await thief.pair(code, created=1)) == "device.clock"
    assert (await victim.pair(code)).status_code == 201  # the code was not used up


async def test_only_keys_of_our_kinds_are_taken(
    owner: Person, shop: Shop, new_till: NewTill
) -> None:
    till, code = new_till(), await new_code(owner, shop)

    def spki(key: Any) -> str:
        der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return b64encode(der).decode("ascii")

    for public_key in (
        "",
        "AAAA",
        "not base64!",
        spki(generate_private_key(SECP384R1())),
        spki(generate_rsa(65537, 2048))[:200],
        till.public_key[:-4] + "AAAA",
    ):
        body = {"id": till.id, "code": code, "public_key": public_key}
        response = await till.send("POST", "/api/v1/devices", body)
        assert (response.status_code, code_of(response)) == (422, "device.key"), public_key


async def test_a_key_belongs_to_one_device(owner: Person, shop: Shop, new_till: NewTill) -> None:
    till = new_till()
    await till.pair(await new_code(owner, shop))
    again, code = new_till(till.key), await new_code(owner, shop)
    refused = await again.pair(code)
    assert (refused.status_code, code_of(refused)) == (409, "request.conflict")
    assert (await new_till().pair(code)).status_code == 201  # the code was not used up


async def test_only_the_owner_shows_codes(
    owner: Person, shop: Shop, other_shop: Shop, new_person: NewPerson
) -> None:
    body = {"branch_id": shop.branch["id"], "name": "Kasse 1"}
    for role in (Role.ADMINISTRATOR, Role.CASHIER, Role.CLERK, Role.AUDITOR):
        person = await new_person(role, shop)
        response = await person.api.post(shop.path("pairing-codes"), body)
        assert (response.status_code, code_of(response)) == (403, "right.missing")
    foreign = await owner.api.post(other_shop.path("pairing-codes"), body)
    assert (foreign.status_code, code_of(foreign)) == (403, "right.missing")


async def test_a_code_is_made_for_an_open_branch_of_the_merchant(
    owner: Person, shop: Shop, other_shop: Shop, administrator: Person
) -> None:
    branch = await administrator.api.made(shop.path("branches"), {"name": "Bahnhof 1"})
    closed = await administrator.api.post(shop.path(f"branches/{branch['id']}/close"))
    assert closed.status_code == 200
    for branch_id, code in (
        (branch["id"], "branch.closed"),
        (other_shop.branch["id"], "branch.unknown"),
        (fresh_id(), "branch.unknown"),
    ):
        response = await owner.api.post(
            shop.path("pairing-codes"), {"branch_id": branch_id, "name": "Kasse 1"}
        )
        assert code_of(response) == code


async def test_what_stands_in_the_database_pairs_nothing(
    owner: Person, shop: Shop, database: Database, app: Litestar
) -> None:
    code = await new_code(owner, shop)
    async with database.reading() as work:
        query = text("SELECT * FROM pairing_code WHERE merchant_id = :id")
        row = (await work.execute(query, {"id": shop.merchant["id"]})).mappings().one()
    assert not [value for value in row.values() if code in str(value)]
    plain = code.replace("-", "").encode()
    assert plain not in row["code_hash"]
    assert app.state.service_keys.hmac("lookup", plain) != row["code_hash"]


async def test_the_town_of_a_code_is_found_and_nothing_else_of_it(
    owner: Person, shop: Shop, app: Litestar
) -> None:
    await new_code(owner, shop)
    service: Database = app.state.database
    async with service.acting(IDENTITY).reading() as work:
        found = await work.execute(text("SELECT town_id, code_hash FROM pairing_code"))
        assert shop.town_id in {row.town_id for row in found}
    with pytest.raises(Exception, match="permission denied"):
        async with service.acting(IDENTITY).reading() as work:
            await work.execute(text("SELECT merchant_id FROM pairing_code"))
    async with service.acting(NOTHING).reading() as work:
        assert not (await work.execute(text("SELECT 1 FROM pairing_code"))).all()


async def test_codes_that_nobody_used_are_cleared_away(
    owner: Person, shop: Shop, till: Till, clock: Clock, database: Database
) -> None:
    await new_code(owner, shop)
    clock.now += timedelta(days=2)
    async with database.acting(JOBS).unit_of_work() as work:
        await purge(work, clock.now)
    async with database.reading() as work:
        query = text("SELECT used_at IS NOT NULL FROM pairing_code WHERE merchant_id = :id")
        kept = (await work.execute(query, {"id": shop.merchant["id"]})).scalars().all()
    assert kept == [True]
    assert (await till.send("GET", "/api/v1/device")).status_code == 200


async def test_the_log_says_who_showed_the_code(
    till: Till, owner: Person, shop: Shop, database: Database
) -> None:
    assert till.town_id
    subject = f"Gerät »Kasse 1« von {shop.merchant['name']}"
    assert ("device.paired", owner.name, subject) in await logged(database, shop.town_id)
