"""Requests that devices sign: what is signed counts, once, and for about a minute."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from api_fixtures import Api, Clock, code_of, fresh_id
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from http_message_signatures import HTTPMessageSigner, HTTPSignatureKeyResolver, algorithms
from shop_stage import NewPerson, Person, Shop, Till, new_code
from sqlalchemy import text

from gutschein.db.access import JOBS
from gutschein.db.unit_of_work import Database
from gutschein.devices.purge import purge
from gutschein.web.rights import Role

WHO_AM_I = "/api/v1/device"
UNKNOWN_CODE = "0000-0000-0000-0000-0"


async def refused(till: Till, **changes: Any) -> str:
    """Send a request whose signature differs in some way; return the code of the refusal."""
    response = await till.send("GET", WHO_AM_I, signing=till.signing(**changes))
    assert response.status_code in {401, 403}, response.text
    return code_of(response)


async def test_a_signed_request_is_let_in(till: Till, shop: Shop) -> None:
    response = await till.send("GET", WHO_AM_I)
    assert response.status_code == 200, response.text
    about = response.json()
    assert about["id"] == till.id
    assert about["merchant_id"] == shop.merchant["id"]
    assert about["branch_name"] == shop.branch["name"]
    assert about["cashier"] is None


async def test_ed25519_is_as_good(new_till: Callable[..., Till], owner: Person, shop: Shop) -> None:
    till = new_till(Ed25519PrivateKey.generate())
    assert (await till.pair(await new_code(owner, shop))).status_code == 201
    assert (await till.send("GET", WHO_AM_I)).status_code == 200


@pytest.mark.parametrize("key", ["ecdsa-p256-sha256", "ed25519"])
@pytest.mark.parametrize(
    "body", [b"", b'{"cashier_id":"01938f6e-5c00-7cc3-98c4-dc0c0c07398f","pin":"7391"}']
)
async def test_what_another_library_signs_is_understood(
    new_till: Callable[..., Till],
    owner: Person,
    shop: Shop,
    *,
    clock: Clock,
    key: str,
    body: bytes,
) -> None:
    till = new_till(Ed25519PrivateKey.generate() if key == "ed25519" else None)
    assert (await till.pair(await new_code(owner, shop))).status_code == 201

    class Keys(HTTPSignatureKeyResolver):
        def resolve_private_key(self, key_id: str) -> Any:  # noqa: ARG002 - the library's signature
            return till.key

    method, path = ("POST", f"{WHO_AM_I}/cashier") if body else ("GET", f"{WHO_AM_I}?von=%C3%BC")
    message = SimpleNamespace(method=method, url=f"http://127.0.0.1:8000{path}", headers={})
    algorithm = algorithms.ED25519 if key == "ed25519" else algorithms.ECDSA_P256_SHA256
    HTTPMessageSigner(signature_algorithm=algorithm, key_resolver=Keys()).sign(
        message,
        key_id=f"{till.town_id}.{till.id}",
        created=clock.now,
        nonce=fresh_id(),
        tag="gutschein",
        covered_component_ids=("@query", "@path", "@authority", "@method"),
        body=body or None,
    )
    response = await till.client.request(method, path, content=body, headers=message.headers)
    if body:
        assert (response.status_code, code_of(response)) == (404, "cashier.unknown")
    else:
        assert response.status_code == 200, response.text


async def test_a_request_is_taken_once(till: Till) -> None:
    signing = till.signing()
    assert (await till.send("GET", WHO_AM_I, signing=signing)).status_code == 200
    again = await till.send("GET", WHO_AM_I, signing=signing)
    assert (again.status_code, code_of(again)) == (401, "device.replayed")
    assert (await till.send("GET", WHO_AM_I)).status_code == 200


async def test_of_many_copies_at_once_one_is_taken(till: Till) -> None:
    headers = till.headers("GET", WHO_AM_I)
    answers = await asyncio.gather(*(till.client.get(WHO_AM_I, headers=headers) for _ in range(8)))
    assert sorted(each.status_code for each in answers) == [200] + 7 * [401]


async def test_each_device_has_nonces_of_its_own(
    till: Till, new_till: Callable[..., Till], owner: Person, shop: Shop
) -> None:
    neighbour = new_till()
    await neighbour.pair(await new_code(owner, shop))
    nonce = till.signing().nonce
    for each in (till, neighbour):
        response = await each.send("GET", WHO_AM_I, signing=each.signing(nonce=nonce))
        assert response.status_code == 200, response.text


async def test_a_nonce_counts_only_with_a_good_signature(
    till: Till, new_till: Callable[..., Till]
) -> None:
    """Nobody can use up another device's nonces."""
    stranger = new_till()
    stranger.id, stranger.town_id = till.id, till.town_id
    signing = till.signing()
    assert code_of(await stranger.send("GET", WHO_AM_I, signing=signing)) == "device.signature"
    assert (await till.send("GET", WHO_AM_I, signing=signing)).status_code == 200


@pytest.mark.parametrize("seconds", [-61, 61, -3600, 86_400])
async def test_a_clock_that_is_wrong_is_told_the_time(
    till: Till, clock: Clock, seconds: int
) -> None:
    created = int(clock.now.timestamp()) + seconds
    response = await till.send("GET", WHO_AM_I, signing=till.signing(created=created))
    assert (response.status_code, code_of(response)) == (401, "device.clock")
    assert datetime.fromisoformat(response.json()["server_time"]) == clock.now


@pytest.mark.parametrize("seconds", [-60, 60])
async def test_a_clock_may_be_a_minute_off(till: Till, clock: Clock, seconds: int) -> None:
    created = int(clock.now.timestamp()) + seconds
    response = await till.send("GET", WHO_AM_I, signing=till.signing(created=created))
    assert response.status_code == 200


async def test_a_stale_request_is_worthless_even_when_its_nonce_is_forgotten(
    till: Till, clock: Clock, database: Database
) -> None:
    headers = till.headers("GET", WHO_AM_I)
    assert (await till.client.get(WHO_AM_I, headers=headers)).status_code == 200
    clock.now += timedelta(seconds=61)
    async with database.acting(JOBS).unit_of_work() as work:
        await purge(work, clock.now)
    async with database.reading() as work:
        query = text("SELECT count(*) FROM device_nonce WHERE device_id = :id")
        assert (await work.execute(query, {"id": till.id})).scalar_one() == 0
    response = await till.client.get(WHO_AM_I, headers=headers)
    assert (response.status_code, code_of(response)) == (401, "device.clock")


async def test_a_nonce_is_kept_as_long_as_its_request_could_be_taken(
    till: Till, clock: Clock, database: Database
) -> None:
    created = int(clock.now.timestamp()) + 60
    headers = till.headers("GET", WHO_AM_I, signing=till.signing(created=created))
    assert (await till.client.get(WHO_AM_I, headers=headers)).status_code == 200
    clock.now += timedelta(seconds=120)
    async with database.acting(JOBS).unit_of_work() as work:
        await purge(work, clock.now)
    response = await till.client.get(WHO_AM_I, headers=headers)
    assert (response.status_code, code_of(response)) == (401, "device.replayed")


async def test_nothing_that_is_signed_can_be_altered(till: Till) -> None:
    path, body = f"{WHO_AM_I}/cashier", {"cashier_id": fresh_id(), "pin": "7391"}
    content = json.dumps(body).encode()

    async def send(**changed: Any) -> str:
        headers = till.headers("POST", path, content)
        sent = {"method": "POST", "url": path, "content": content, "headers": headers} | changed
        if more := sent.pop("more", None):
            sent["headers"] |= {name: change(headers[name]) for name, change in more.items()}
        return code_of(await till.client.request(**sent))

    def swap(old: str, new: str) -> Callable[[str], str]:
        def change(value: str) -> str:
            assert old in value
            return value.replace(old, new)

        return change

    def always(value: str) -> Callable[[str], str]:
        return lambda _: value

    assert await send() == "cashier.unknown"
    assert await send(content=content.replace(b"7391", b"7392")) == "device.signature"
    assert await send(content=b"") == "device.signature"
    assert await send(method="PUT") in {"device.signature", "request.method"}
    assert await send(url=f"{path}?pin=7391") == "device.signature"
    assert await send(url=f"{path}/end") == "device.signature"
    assert await send(url="/api/v1/device/%63ashier") == "device.signature"
    for more in (
        {"signature-input": swap('nonce="', 'nonce="x')},
        {"signature-input": swap("created=1", "created=2")},
        {"signature-input": swap('"@method" ', "")},
        {"signature-input": swap('"@method" "@authority"', '"@authority" "@method"')},
        {"signature-input": swap(' "content-digest"', "")},
        {"signature-input": swap('tag="gutschein"', 'tag="other"')},
        {"signature-input": swap("ecdsa-p256-sha256", "ed25519")},
        {"signature-input": swap("sig=", "other=")},
        {"signature-input": lambda value: value + ";expires=99999999999"},
        {"signature-input": lambda value: value + f", b{value}"},
        {"signature-input": lambda value: value.replace(";", " ;", 1)},
        {"signature-input": always("")},
        {"signature": swap("sig=", "other=")},
        {"signature": lambda value: value[:10] + ("A" if value[10] != "A" else "B") + value[11:]},
        {"signature": always(f"sig=:{'A' * 86}==:")},
        {"signature": always("sig=:AAAA:")},
        {"signature": always("")},
        {"content-digest": swap("sha-256=:", "sha-256=:A")},
        {"content-digest": swap("sha-256", "sha-512")},
        {"content-digest": always("")},
    ):
        assert await send(more=more) in {"device.signature", "device.clock"}, more


async def test_what_is_not_covered_is_not_signed(till: Till) -> None:
    everything = till.signing().components
    for missing in everything:
        components = tuple(name for name in everything if name != missing)
        assert await refused(till, components=components) == "device.signature", missing
    assert await refused(till, components=(*everything, "@scheme")) == "device.signature"
    assert await refused(till, components=(*everything, "@path")) == "device.signature"


async def test_what_was_signed_for_another_service_is_worthless_here(till: Till) -> None:
    assert await refused(till, authority="gutschein.example") == "device.signature"
    assert await refused(till, tag="gutschein-test") == "device.signature"


async def test_a_weak_nonce_is_none(till: Till) -> None:
    for nonce in ("", "short", "x" * 65, "with space in it...."):
        assert await refused(till, nonce=nonce) == "device.signature"


async def test_nobody_signs_for_another_device(
    till: Till, new_till: Callable[..., Till], owner: Person, shop: Shop, api: Api
) -> None:
    neighbour = new_till()
    await neighbour.pair(await new_code(owner, shop))
    assert await refused(neighbour, key_id=f"{till.town_id}.{till.id}") == "device.signature"
    stranger = await api.new_town()
    for key_id in (
        f"{till.town_id}.{fresh_id()}",
        f"{stranger['id']}.{till.id}",
        till.id,
        f"{till.town_id}.{till.id}".upper(),
        "' OR true --",
        "",
    ):
        assert await refused(till, key_id=key_id) == "device.unknown", key_id


async def test_a_request_with_only_half_a_signature_is_refused(till: Till) -> None:
    headers = till.headers("GET", WHO_AM_I)
    for name in ("signature", "signature-input"):
        half = {key: value for key, value in headers.items() if key != name}
        response = await till.client.get(WHO_AM_I, headers=half)
        assert (response.status_code, code_of(response)) == (401, "device.signature")


async def test_the_body_is_hashed_as_it_was_sent(till: Till) -> None:
    """White space and the order of members count, though JSON means the same."""
    path, cashier_id = f"{WHO_AM_I}/cashier", fresh_id()
    content = f'{{ "pin" : "7391",\r\n"cashier_id":"{cashier_id}" }}'.encode()
    response = await till.client.post(
        path, content=content, headers=till.headers("POST", path, content)
    )
    assert code_of(response) == "cashier.unknown"


async def test_a_device_acts_for_its_own_branch_and_no_other(
    till: Till, shop: Shop, other_shop: Shop, administrator: Person
) -> None:
    branch = await administrator.api.made(shop.path("branches"), {"name": "Bahnhof 1"})
    for names, code in (
        (shop.names(), "voucher.unknown"),
        (shop.names() | {"branch_id": branch["id"]}, "right.missing"),
        (other_shop.names(), "right.missing"),
    ):
        body = {"id": fresh_id(), "code": UNKNOWN_CODE, "amount_cents": 100} | names
        response = await till.send("POST", "/api/v1/redemptions", body)
        assert code_of(response) == code


async def test_a_device_does_nothing_but_what_tills_do(till: Till, shop: Shop) -> None:
    for path in ("devices", "cashiers", "api-keys"):
        response = await till.send("GET", shop.path(path))
        assert (response.status_code, code_of(response)) == (403, "right.missing")


async def test_a_person_is_no_device(new_person: NewPerson, shop: Shop) -> None:
    for role in (Role.OWNER, Role.CASHIER, Role.ADMINISTRATOR):
        person = await new_person(role, shop)
        response = await person.api.get(WHO_AM_I)
        assert (response.status_code, code_of(response)) == (403, "right.missing")


async def test_a_device_is_noted_as_seen_every_few_minutes(
    till: Till, owner: Person, shop: Shop, clock: Clock
) -> None:
    paired_at = clock.now
    for minutes, seen in ((4, 0), (6, 6), (10, 6), (12, 12)):
        clock.now = paired_at + timedelta(minutes=minutes)
        await till.send("GET", WHO_AM_I)
        [device] = (await owner.api.get(shop.path("devices"))).json()["devices"]
        assert datetime.fromisoformat(device["seen_at"]) == paired_at + timedelta(minutes=seen)
