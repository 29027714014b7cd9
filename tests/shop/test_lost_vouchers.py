"""A voucher that was bought comes again, or is blocked and replaced, at its buyer's word."""

from __future__ import annotations

import asyncio

from buying_stage import Shop
from filled_forms import forms_of

from gutschein.vouchers.repository import list_vouchers


async def states(shop: Shop) -> dict[str, int]:
    """What each voucher of the town is, and how much is on it."""
    async with shop.database.reading() as work:
        rows = await list_vouchers(work, shop.town_id, limit=100)
    return {f"{row.serial} {row.state}": row.balance_cents for row in rows}


async def bought(shop: Shop, **wish: str) -> str:
    path = await shop.ordered(**{"amount": "50"} | wish)
    await shop.pay(await shop.reference(path), 50_00)
    return path


async def test_a_lost_voucher_is_blocked_and_replaced_however_often_one_clicks(shop: Shop) -> None:
    path = await bought(shop)
    page = await shop.get(f"{path}/gutschein/1/verloren")
    assert "50,00 €" in page
    for _ in range(2):
        answer = await shop.send(page, "verloren")
        assert (answer.status_code, answer.headers["location"]) == (303, path)
    assert await states(shop) == {"1 replaced": 0, "2 active": 50_00}
    assert "Nr. 000002" in await shop.get(path)
    file = await shop.citizen.get(f"{path}/gutschein/1/pdf")
    assert "gutschein-000002.pdf" in file.headers["content-disposition"]
    again = await shop.send(await shop.get(f"{path}/gutschein/1/verloren"), "verloren")
    assert again.status_code == 303
    assert await states(shop) == {"1 replaced": 0, "2 replaced": 0, "3 active": 50_00}


async def test_two_at_once_get_one_replacement(shop: Shop) -> None:
    path = await bought(shop)
    pages = [await shop.get(f"{path}/gutschein/1/verloren") for _ in range(2)]
    answers = await asyncio.gather(*(shop.send(page, "verloren") for page in pages))
    assert {answer.status_code for answer in answers} == {303}
    found = await states(shop)
    assert sum(found.values()) == 50_00
    assert len([state for state in found if state.endswith("active")]) == 1


async def test_a_blocked_voucher_is_not_replaced(shop: Shop) -> None:
    path = await bought(shop)
    page = await shop.get(f"{path}/gutschein/1/verloren")
    [item] = (await shop.order(path)).items
    vouchers = f"/api/v1/towns/{shop.town_id}/vouchers/{item.voucher_id}"
    blocked = await shop.stage.api.post(f"{vouchers}/block", {"reason": "Widerruf"})
    assert blocked.is_success
    answer = await shop.send(page, "verloren")
    assert answer.status_code == 409
    assert "lässt sich hier nicht ersetzen" in answer.text
    assert await states(shop) == {"1 blocked": 50_00}


async def test_it_is_sent_again_to_whoever_it_was_for_and_not_without_end(shop: Shop) -> None:
    friend = f"oma@{shop.slug}.example"
    path = await bought(shop, delivery="recipient", recipient=friend)
    await shop.deliver()
    form = forms_of(await shop.get(path))["senden"]
    answers = [await shop.citizen.post(form.action) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [303] * 10 + [429]


async def test_before_it_is_paid_there_is_nothing_to_take(shop: Shop) -> None:
    path = await shop.ordered(amount="50")
    for rest in ("pdf", "verloren"):
        answer = await shop.citizen.get(f"{path}/gutschein/1/{rest}")
        assert answer.status_code == 404
    assert (await shop.citizen.post(f"{path}/gutschein/1/senden")).status_code == 404
    assert (await shop.citizen.get(f"{path}/gutschein/7/pdf")).status_code == 404
