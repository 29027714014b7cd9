"""The short way of a redemption answers as the long way does, to the byte."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx
import pytest
from api_fixtures import code_of, fresh_id
from everybody import Everybody
from shop_stage import Till
from sqlalchemy import text
from stage import Stage

from gutschein.redemption import api, clearing
from gutschein.web.deadlines import Deadlines
from gutschein.web.plain_request import MOST_BYTES

PATH = "/api/v1/redemptions"
#: A request with a query goes the long way.
LONG = f"{PATH}?x="

Change = Callable[[dict[str, Any]], Any]


def changed(**changes: Any) -> Change:
    return lambda body: body | changes


CASES: dict[str, Change] = {
    "as it should be": changed(),
    "more than there is": changed(amount_cents=99_99),
    "nothing": changed(amount_cents=0),
    "a text for an amount": changed(amount_cents="10"),
    "a fraction": changed(amount_cents=1.5),
    "an unknown field": changed(tip_cents=1),
    "no voucher": changed(token=None),
    "no token": changed(token="HTTPS://GUTSCHEIN.EXAMPLE/V/AAAA"),
    "an id that is none": changed(id="1"),
    "an id of another making": changed(id="12345678-1234-4234-8234-123456789abc"),
    "no such branch": changed(branch_id="01990000-0000-7000-8000-000000000001"),
    "no such town": changed(town_id="01990000-0000-7000-8000-000000000001"),
    "a list": lambda _: [],
    "nothing at all": lambda _: None,
}
HEADERS: dict[str, dict[str, str]] = {
    "as a program": {},
    "in English": {"accept-language": "en"},
    "as a browser": {"accept": "text/html"},
}


@pytest.fixture
async def register(stage: Stage, everybody: Everybody) -> dict[str, str]:
    """What a cash register of the shop in Zwönitz sends with each request."""
    shop = stage.zwoenitz.shop
    key = await everybody.key_of((UUID(shop.town_id), UUID(shop.merchant_id)))
    return {"authorization": f"Bearer {key}"}


def told(answer: httpx.Response) -> tuple[int, dict[str, str], bytes]:
    """Return what one answer has in common with another."""
    own = {"x-request-id", "date"}
    headers = {name: value for name, value in answer.headers.items() if name not in own}
    return answer.status_code, headers, answer.content


async def both(
    stage: Stage, headers: dict[str, str], content: Any
) -> tuple[httpx.Response, httpx.Response]:
    client = stage.api.client
    sent = {"json": content} if not isinstance(content, bytes) else {"content": content}
    short = await client.post(PATH, headers=headers, auth=None, **sent)
    return short, await client.post(LONG, headers=headers, auth=None, **sent)


@pytest.mark.parametrize("accepting", HEADERS)
async def test_whatever_is_sent_both_ways_answer_alike(
    stage: Stage, register: dict[str, str], accepting: str
) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    for case, change in CASES.items():
        body = change(stage.sold(voucher, 5_00))
        short, long = await both(stage, register | HEADERS[accepting], body)
        if short.headers["content-type"].startswith("text/html"):  # it links to its own address
            assert short.status_code == long.status_code
        else:
            assert told(short) == told(long)
        assert (short.status_code == 200) == (case == "as it should be"), case
    assert await stage.left(voucher) == 45_00


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer gsk_geraten"},
        {"authorization": "Basic dGVzdDp0ZXN0"},
        {"signature": "sig=:AAAA:", "signature-input": "sig=()"},
        {"authorization": "Bearer gsk_geraten", "signature": "sig=:AAAA:"},
    ],
)
async def test_nor_does_it_matter_who_it_is(stage: Stage, headers: dict[str, str]) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    short, long = await both(stage, headers, stage.sold(voucher, 5_00))
    assert told(short) == told(long)
    assert short.status_code == 401
    assert await stage.left(voucher) == 50_00


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"{}" + b" " * MOST_BYTES])
async def test_nor_what_was_garbled(stage: Stage, register: dict[str, str], content: bytes) -> None:
    short, long = await both(stage, register, content)
    assert told(short) == told(long)
    assert short.status_code >= 400


async def test_what_is_ordinary_goes_the_short_way(
    stage: Stage, register: dict[str, str], paired: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    monkeypatch.setattr(api, "AtTheTill", None)  # the long way is closed
    body = stage.sold(voucher, 5_00)
    done = await stage.api.client.post(PATH, headers=register, json=body, auth=None)
    assert done.json()["balance_after_cents"] == 45_00
    signed = await paired.send("POST", PATH, stage.sold(voucher, 5_00))
    assert signed.json()["balance_after_cents"] == 40_00
    long = await stage.api.client.post(LONG, headers=register, json=body, auth=None)
    assert long.status_code == 500
    await stage.audit()


async def test_a_body_that_does_not_come_is_not_waited_for(
    stage: Stage, register: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    express = stage.app.asgi_handler.__closure__[0].cell_contents  # type: ignore[attr-defined]
    monkeypatch.setattr(express, "_deadlines", Deadlines(0.05))
    sent: list[Any] = []

    async def silence() -> Any:
        await asyncio.sleep(60)

    async def send(message: Any) -> None:
        sent.append(message)

    headers = {"content-length": "100", **register}
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "path": PATH,
        "raw_path": PATH.encode(),
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("gutschein.example", 443),
        "scheme": "https",
        "root_path": "",
    }
    await stage.app(scope, silence, send)  # type: ignore[arg-type]
    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]


@pytest.mark.parametrize("language", ["de", "en"])
async def test_when_too_many_wait_who_comes_is_turned_away_as_on_the_long_way(
    stage: Stage, register: dict[str, str], monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    monkeypatch.setattr(clearing, "MOST_WAITING", 0)
    said = register | {"accept-language": language}
    short, long = await both(stage, said, stage.sold(voucher, 5_00))
    assert told(short) == told(long)
    assert (short.status_code, short.headers["retry-after"]) == (503, "1")


async def test_an_order_waits_no_longer_than_it_may(
    stage: Stage, register: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    monkeypatch.setattr(stage.app.state.clearing, "_deadlines", Deadlines(0.2))
    body = stage.sold(voucher, 5_00) | {"id": fresh_id()}
    async with stage.database.unit_of_work() as work:
        held = text("SELECT FROM ledger_account WHERE id = :id FOR UPDATE")
        await work.execute(held, {"id": voucher.id})
        busy = await stage.api.client.post(PATH, headers=register, json=body, auth=None)
        assert code_of(busy) == "service.busy"
        assert busy.headers["retry-after"] == "1"
    monkeypatch.undo()
    again = await stage.api.client.post(PATH, headers=register, json=body, auth=None)
    assert again.json()["balance_after_cents"] == 45_00
    await stage.audit()
