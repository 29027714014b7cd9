"""The reference for makers of cash registers: its examples are sent as they stand, one after the
other, and answered exactly as it says.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from api_fixtures import Api, Clock, served

from gutschein.demo.readback import read_pages
from gutschein.kernel.error_texts import ERROR_TEXTS

PAGE = (Path(__file__).parents[1] / "docs/reference/cash-registers.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```http\n(.*?)```", PAGE, re.DOTALL)
NOW = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)

TOWN, PARTNER = "01938f6e-5c00-7cc3-98c4-dc0c0c07398f", "01938f6f-2a10-7b44-8e6d-51c7d2f0a9b4"
MERCHANT, BRANCH = (
    "01938f70-8a31-7d02-b1c5-3f2a6b9c4d5e",
    "01938f70-8a31-7d02-b1c5-3f2a6b9c4d5f",
)
#: The vouchers of the page: town, value, and how they are written there.
VOUCHERS = (
    (TOWN, 50_00, "01938f75-0000-7000-8000-000000000001", "7Z2K-QF0M-9XWV-3D5H-C"),
    (PARTNER, 20_00, "01938f75-0000-7000-8000-000000000002", "04HM-ASW9-NF6Y-Y022-8"),
)
CALLS = (
    "/api/v1/vouchers/{presented}",
    "/api/v1/redemptions",
    "/api/v1/sales",
    "/api/v1/towns/{town_id}/redemptions/{redemption_id}",
    "/api/v1/redemptions/{redemption_id}/reversal",
)
#: Faults of a program or of the service, not of a voucher, or no matter of an API key.
SAID_APART = {
    code for code in ERROR_TEXTS if code.startswith(("request.", "device.", "key.", "session."))
}
QR_CODE = "HTTPS://GUTSCHEIN.EXAMPLE/V/2KCETIQBE4CEJINS…"
KEY = "gsk_…"


@dataclass(frozen=True)
class Message:
    """A request or an answer as it stands on the page."""

    start: list[str]
    headers: dict[str, str]
    body: Any

    @classmethod
    def read(cls, block: str, true: dict[str, str]) -> Message:
        """Read it, with what is true in place of what is only written there."""
        for written, really in true.items():
            block = block.replace(written, really)
        head, _, body = block.strip().partition("\n\n")
        start, *fields = head.splitlines()
        headers = dict(field.split(": ", 1) for field in fields)
        return cls(start.split(" ", 2), headers, json.loads(body) if body else None)


async def test_each_example_is_answered_as_it_says(fresh_database_url: str) -> None:
    clock = Clock()
    clock.now = NOW
    async with served(fresh_database_url, clock) as api:
        true = await shop(api)
        messages = iter([Message.read(block, true) for block in BLOCKS])
        assert len(BLOCKS) == 16
        for asked, told in zip(messages, messages, strict=True):
            answer = await send(api.client, asked)
            assert answer.json() == told.body, asked.start
            assert str(answer.status_code) == told.start[1]
            assert answer.headers["content-type"] == told.headers["Content-Type"]
            if asked.start[0] == "POST":
                assert (await send(api.client, asked)).json() == told.body  # sent again
        described = (await api.get("/schema/openapi.json")).json()["paths"]
    assert refusals(described) - SAID_APART <= in_its_table() <= ERROR_TEXTS.keys()


def refusals(described: dict[str, Any]) -> set[str]:
    """The codes that the calls of the page may be answered with."""
    return {
        code
        for path in CALLS
        for operation in described[path].values()
        for answer in operation["responses"].values()
        for content in answer.get("content", {}).values()
        for code in content.get("examples", {})
    }


def in_its_table() -> set[str]:
    table = PAGE.partition("| code | what the register does |")[2].partition("\n\n")[0]
    return set(re.findall(r"`([a-z_]+\.[a-z_]+)`", table))


async def send(client: httpx.AsyncClient, asked: Message) -> httpx.Response:
    method, path, _ = asked.start
    return await client.request(method, path, headers=asked.headers, json=asked.body)


async def shop(api: Api) -> dict[str, str]:
    """Open the shop of the page; return what is truly what the page calls otherwise."""
    town = await api.new_town(id=TOWN, name="Zwönitz", brand_colour="#0b5d3b")
    await api.new_town(town["region_id"], id=PARTNER, name="Schneeberg")
    await api.made(
        f"/api/v1/towns/{PARTNER}/acceptances",
        {"accepting_town_id": TOWN, "valid_from": "2026-01-01"},
    )
    branches = [{"id": BRANCH, "name": "Markt 3"}]
    await api.new_merchant(town, id=MERCHANT, branches=branches)
    key = await api.made(
        f"/api/v1/towns/{TOWN}/merchants/{MERCHANT}/api-keys",
        {"name": "Kasse 1", "rights": ["till.redeem", "till.balance", "redemption.read"]},
    )
    true = {KEY: str(key["token"])}
    for town_id, cents, voucher_id, code in VOUCHERS:
        issued, printed = await voucher(api, town_id, cents)
        true |= {voucher_id: issued, code: printed.typed_code}
        if town_id == TOWN:
            true[QR_CODE] = printed.qr_text
    return true


async def voucher(api: Api, town_id: str, cents: int) -> tuple[str, Any]:
    town = {"id": town_id}
    programme = await api.new_programme(town, name="Stadtgutschein Zwönitz")
    payment = await api.new_payment(town, amount_cents=cents)
    order = {
        "programme_id": programme["id"],
        "payment_id": payment["id"],
        "value_cents": cents,
    }
    batch = await api.made(f"/api/v1/towns/{town_id}/batches", order)
    path = f"/api/v1/towns/{town_id}/batches/{batch['id']}"
    [listed] = (await api.get(f"{path}/vouchers")).json()["vouchers"]
    [page] = read_pages((await api.get(f"{path}/document")).content)
    return str(listed["id"]), page
