"""A voucher with a PIN at the till: asked for, refused when wrong, and not kept."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

from playwright.async_api import Page, Route, expect
from till_stage import Cashier, Market, Paper

Till = Callable[..., Awaitable[Cashier]]

KEPT = """
() => new Promise((resolve, reject) => {
  const opening = indexedDB.open("gutschein");
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const asked = opening.result.transaction("bookings").objectStore("bookings").getAll();
    asked.onsuccess = () => { opening.result.close(); resolve(asked.result); };
  };
})
"""


async def sold(market: Market, town: dict[str, Any] | None = None) -> tuple[Paper, str]:
    """Sell a voucher of 150 EUR; return it and the PIN on its slip."""
    town = town or market.town
    programme = await market.api.new_programme(town, name="Großer Gutschein", pin_from_cents=100_00)
    market.programmes[town["id"]] = programme["id"]
    paper = await market.voucher(150_00, town)
    assert paper.printed.pin is not None
    return paper, paper.printed.pin


def wrong(pin: str) -> str:
    return f"{(int(pin) + 1) % 10**6:06}"


def forgive(cashier: Cashier, *statuses: str) -> None:
    """What the browser has complained about is what was done here on purpose."""
    assert {each.split(":")[0] for each in cashier.visitor.complaints} == set(statuses)
    cashier.visitor.complaints.clear()


def field(page: Page) -> Any:
    return page.get_by_label("PIN des Gutscheins")


async def test_the_pin_is_asked_for_and_not_kept(till: Till) -> None:
    cashier = await till()
    page = cashier.page
    paper, pin = await sold(cashier.market)
    await cashier.pair()
    await cashier.scan_voucher(paper)
    await expect(field(page)).to_have_attribute("type", "password")
    await expect(field(page)).to_have_attribute("inputmode", "numeric")
    await expect(field(page)).to_have_attribute("autocomplete", "off")
    await expect(field(page)).to_have_accessible_description(re.compile("getrennt vom Gutschein"))
    await cashier.key_in("3000")
    await expect(page.get_by_role("button", name="30,00 € einlösen")).to_be_disabled()
    await field(page).fill(wrong(pin))
    await cashier.look("pin")
    await cashier.press("30,00 € einlösen")

    await expect(page.get_by_text("PIN falsch. Noch 4 Versuche.")).to_be_in_viewport()
    await cashier.heading("Gutschein von Zwönitz")
    await expect(field(page)).to_have_value("")
    await expect(field(page)).to_be_focused()
    await expect(page.locator(".till-amount__cents")).to_have_text("30,00 €")
    await cashier.look("pin-wrong")
    assert await cashier.market.balance(paper) == 150_00

    await field(page).press_sequentially(f"{pin[:3]} {pin[3:]}")
    await page.keyboard.press("Enter")
    await cashier.heading("30,00 € eingelöst.")
    assert await cashier.market.balance(paper) == 120_00
    assert await page.evaluate(KEPT) == []
    forgive(cashier, "403")


async def test_by_keyboard_the_amount_comes_first_and_then_the_pin(till: Till) -> None:
    cashier = await till("desktop")
    page = cashier.page
    paper, pin = await sold(cashier.market)
    await cashier.pair()
    await cashier.scan_voucher(paper)
    await page.keyboard.type("1000", delay=120)
    await page.keyboard.press("Enter")
    await expect(field(page)).to_be_focused()
    await page.keyboard.type(pin, delay=120)
    await expect(page.locator(".till-amount__cents")).to_have_text("10,00 €")
    await page.keyboard.press("Enter")
    await cashier.heading("10,00 € eingelöst.")


async def test_too_many_wrong_ones_are_told_and_nothing_is_booked(till: Till) -> None:
    cashier = await till()
    page = cashier.page
    paper, pin = await sold(cashier.market)
    await cashier.pair()
    await cashier.scan_voucher(paper)
    await cashier.key_in("100")
    for _ in range(5):
        await field(page).fill(wrong(pin))
        await page.keyboard.press("Enter")
        await expect(field(page)).to_have_value("")
    await field(page).fill(pin)
    await page.keyboard.press("Enter")
    await cashier.heading("Nicht angenommen")
    await expect(page.get_by_text("Zu viele Versuche. Bitte 180 Sekunden warten.")).to_be_visible()
    assert await cashier.market.balance(paper) == 150_00
    forgive(cashier, "403", "429")


async def test_a_booking_without_an_answer_keeps_its_pin_until_it_has_one(till: Till) -> None:
    cashier = await till()
    page = cashier.page
    paper, pin = await sold(cashier.market)
    await cashier.pair()
    await cashier.scan_voucher(paper)
    await cashier.key_in("1000")
    await field(page).fill(pin)

    async def lost(route: Route) -> None:
        await route.abort()

    await page.route("**/api/v1/**redemptions**", lost)
    await cashier.press("10,00 € einlösen")
    await cashier.heading("Noch keine Antwort")
    [booking] = await page.evaluate(KEPT)
    assert booking["pin"] == pin
    assert await cashier.market.balance(paper) == 150_00
    await page.unroute("**/api/v1/**redemptions**", lost)
    await cashier.heading("10,00 € eingelöst.")
    assert await page.evaluate(KEPT) == []
    assert await cashier.market.balance(paper) == 140_00
    forgive(cashier, "failed", "404")


async def test_a_voucher_without_a_pin_asks_for_none(till: Till) -> None:
    cashier = await till()
    paper = await cashier.market.voucher(50_00)
    await cashier.pair()
    await cashier.scan_voucher(paper)
    await expect(field(cashier.page)).to_have_count(0)
