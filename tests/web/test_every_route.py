"""What holds for every route, whatever it is about. New routes are tested by being there."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest
from api_fixtures import MAX_BODY_BYTES, Api, Clock, code_of, fresh_id
from furniture import furnish
from litestar import Litestar
from route_table import (
    PUBLIC,
    Operation,
    changed,
    example_body,
    leaves,
    operations,
    routed,
    written,
)

#: What no amount of money is, as it stands in JSON.
NO_AMOUNTS = [
    "-1",
    "12.50",
    "10.0",
    "1e3",
    '"10"',
    "true",
    "[]",
    "{}",
    "9007199254740992",
    "18446744073709551616",
    "1" + "0" * 400,
    "1e400",
]
#: What no text, id, day or choice is; PostgreSQL cannot store the first.
NO_TEXTS = ['"a\\u0000b"', '"a\\nb"', '"  "', '""', "5", "true", "{}", "[]", f'"{"x" * 5_000}"']
NO_JSON = [b"", b"{", b"\xff\xfe", b'{"a": NaN}', b'{"name": "\\ud800"}', b'{"name": "\xff"}']
#: What is described beside the API itself. Pages are for people.
OUTSIDE_THE_API = {
    "/health/live",
    "/health/ready",
    "/.well-known/gutschein/keys.json",
    "/.well-known/gutschein/keys.cbor",
    "/.well-known/gutschein/status/{town_id}",
}
NO_OBJECTS = [b"[]", b"null", b'"text"', b"1", b"[" * 5_000, b'{"no_such_field": 1}']


@pytest.fixture
async def things(api: Api, clock: Clock) -> dict[str, str]:
    return await furnish(api, clock)


@pytest.fixture
async def taking_bodies(api: Api, things: dict[str, str]) -> list[tuple[str, object, Operation]]:
    """Address, good body and description of every operation that takes one."""
    return [
        (operation.path.format(**things), await example_body(api, operation, things), operation)
        for operation in await operations(api)
        if operation.example is not None and not operation.signed
    ]


async def test_none_but_the_public_ones_answers_without_a_credential(
    anonymous: httpx.AsyncClient, app: Litestar
) -> None:
    for method, template in routed(app):
        if template in PUBLIC or method == "OPTIONS":
            continue
        path = template.format_map(dict.fromkeys(names_in(template), fresh_id()))
        response = await anonymous.request(method, path)
        assert (response.status_code, code_of(response)) == (401, "auth.required"), path
        assert response.headers["www-authenticate"] == "Bearer"


async def test_what_is_no_credential_lets_nobody_in(anonymous: httpx.AsyncClient) -> None:
    for headers, code in (
        ({"authorization": "Bearer wrong"}, "auth.required"),
        ({"authorization": "Bearer"}, "auth.required"),
        ({"authorization": "Basic dG9rZW4="}, "auth.required"),
        ({"authorization": "Bearer töken".encode()}, "auth.required"),
        ({"cookie": "sitzung=wrong"}, "session.ended"),
        ({"cookie": "sitzung="}, "session.ended"),
    ):
        response = await anonymous.get("/api/v1/towns", headers=headers)
        assert (response.status_code, code_of(response)) == (401, code), headers


def names_in(template: str) -> list[str]:
    return [part[1:-1] for part in template.split("/") if part.startswith("{")]


async def test_every_documented_example_is_taken(
    api: Api, taking_bodies: list[tuple[str, object, Operation]]
) -> None:
    for path, body, operation in taking_bodies:
        if operation.staged:
            continue
        response = await api.client.request(operation.method, path, json=body)
        documented = {int(status) for status in operation.description["responses"]}
        assert response.status_code in documented & {200, 201, 202}, response.text


async def test_things_of_another_town_are_not_there(api: Api, things: dict[str, str]) -> None:
    stranger = await api.new_town()
    for operation in await operations(api):
        things_named = operation.names - {"kind", "language"}
        if "town_id" not in things_named or len(things_named) == 1:
            continue
        path = operation.path.format(**things | {"town_id": stranger["id"]})
        body = await example_body(api, operation, things)
        response = await api.client.request(operation.method, path, json=body)
        assert is_not_there(response, operation.names & {"merchant_id"}), (operation, response.text)
        assert "Geheim" not in response.text


def is_not_there(response: httpx.Response, places: set[str]) -> bool:
    """Whether there is no such thing, or the caller has no right in such a place."""
    if response.status_code == 403 and places:
        return code_of(response) == "right.missing"
    return response.status_code == 404 and ".unknown" in code_of(response)


async def test_what_does_not_exist_is_not_there(api: Api, things: dict[str, str]) -> None:
    for operation in await operations(api):
        body = await example_body(api, operation, things)
        for name in operation.names - {"code", "presented", "kind", "language", "key"}:
            path = operation.path.format(**things | {name: fresh_id()})
            response = await api.client.request(operation.method, path, json=body)
            # A till names its shop in the body, and the example's shop is nobody's.
            places = {name} & {"region_id", "town_id", "merchant_id", "redemption_id"}
            assert is_not_there(response, places), (operation, name, response.text)
            path = operation.path.format(**things | {name: "1"})
            response = await api.client.request(operation.method, path, json=body)
            assert (response.status_code, code_of(response)) == (404, "request.not_found")


async def test_no_unreadable_body_is_taken(
    api: Api, taking_bodies: list[tuple[str, object, Operation]]
) -> None:
    for path, _, operation in taking_bodies:
        for sent in NO_JSON:
            response = await api.client.request(operation.method, path, content=sent)
            assert response.status_code in {400, 422}, (operation, sent, response.text)
            assert code_of(response) in {"request.malformed", "request.invalid"}
        for sent in NO_OBJECTS:
            response = await api.client.request(operation.method, path, content=sent)
            assert (response.status_code, code_of(response)) == (422, "request.invalid"), sent
            assert response.json()["errors"][0]["reason"]


async def test_nothing_but_whole_cents_is_an_amount(
    api: Api, taking_bodies: list[tuple[str, object, Operation]]
) -> None:
    tried = 0
    for path, body, operation in taking_bodies:
        for field, _ in leaves(body):
            if not str(field[-1]).endswith("_cents"):
                continue
            for token in NO_AMOUNTS:
                response = await sent_with(api, operation, path, (body, field, token))
                assert response.status_code == 422, (operation, field, token, response.text)
                assert code_of(response) == "amount.invalid"
                assert response.json()["errors"][0]["path"] == written(field)
                tried += 1
    assert tried


async def test_no_bad_text_is_taken(
    api: Api, taking_bodies: list[tuple[str, object, Operation]]
) -> None:
    for path, body, operation in taking_bodies:
        for field, value in leaves(body):
            for token in NO_TEXTS if isinstance(value, str) else ():
                response = await sent_with(api, operation, path, (body, field, token))
                assert response.status_code == 422, (operation, field, token, response.text)
                assert code_of(response) == "request.invalid", (operation, field, token)


async def sent_with(
    api: Api, operation: Operation, path: str, change: tuple[object, tuple[str | int, ...], str]
) -> httpx.Response:
    """Send a body with a JSON text in the place of a field."""
    body, field, token = change
    text = json.dumps(changed(body, field, "@token@")).replace('"@token@"', token)
    return await api.client.request(operation.method, path, content=text)


async def test_no_body_is_read_beyond_the_limit(
    api: Api, taking_bodies: list[tuple[str, object, Operation]]
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(MAX_BODY_BYTES // 1024 + 1):
            yield b" " * 1024

    for path, _, operation in taking_bodies:
        for sent in (b" " * (MAX_BODY_BYTES + 1), chunks()):
            response = await api.client.request(operation.method, path, content=sent)
            assert code_of(response) == "request.too_large", (operation, response.text)
            assert response.status_code == 413
            assert response.json()["max_bytes"] == MAX_BODY_BYTES


async def test_the_same_id_makes_one_thing(
    api: Api, taking_bodies: list[tuple[str, object, Operation]]
) -> None:
    """Sent eight times at once: made once, found seven times; with other data refused."""
    tried = 0
    for path, body, operation in taking_bodies:
        if operation.staged or not isinstance(body, dict) or "id" not in body:
            continue
        answers = await asyncio.gather(*(api.post(path, body) for _ in range(8)))
        statuses = sorted(answer.status_code for answer in answers)
        assert statuses == [200] * 7 + [201], (operation, statuses, answers[0].text)
        assert len({answer.text for answer in answers}) == 1
        assert len({answer.headers["location"] for answer in answers}) == 1
        other = await api.post(path, body | changed_input(body))
        assert (other.status_code, code_of(other)) == (409, "request.conflict"), operation
        older = await api.post(path, body | {"id": "6ba7b810-9dad-11d1-80b4-00c04fd430c8"})
        assert (older.status_code, code_of(older)) == (422, "request.invalid")
        assert older.json()["errors"][0]["path"] == "id"
        tried += 1
    assert tried


def changed_input(body: dict[str, object]) -> dict[str, object]:
    """The same request, but for one thing."""
    other = {"name": "Anders", "reference": "Anders", "value_cents": 3_000, "reason": "Anders"}
    return dict([next((name, value) for name, value in other.items() if name in body)])


async def test_the_description_covers_the_router(api: Api, app: Litestar) -> None:
    described = {(operation.method, operation.path) for operation in await operations(api)}
    known = {
        (method, path)
        for method, path in routed(app)
        if method != "OPTIONS" and path.startswith("/api/")
    }
    assert known <= described
    assert {path for _, path in described - known} == OUTSIDE_THE_API


async def test_head_answers_as_get_without_the_body(api: Api, things: dict[str, str]) -> None:
    for operation in await operations(api):
        if operation.method == "GET" and not operation.signed:
            path = operation.path.format(**things)
            head, get = await api.client.head(path), await api.get(path)
            assert (head.status_code, head.content) == (200, b""), operation
            # What is made while it is sent has no length that could be told before.
            told = head.headers.get("content-length", str(len(get.content)))
            assert told == str(len(get.content))
