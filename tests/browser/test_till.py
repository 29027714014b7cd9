"""A cashier with a phone: pair, scan, redeem, take back, close the day. A real browser, its
camera, the real service.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from playwright.async_api import expect
from till_stage import Cashier

Till = Callable[..., Awaitable[Cashier]]


async def test_two_vouchers_pay_one_sale_and_one_is_taken_back(till: Till) -> None:
    """A purchase of 62.50 EUR: 50 EUR from one voucher, 12.50 EUR from another."""
    cashier = await till()
    market, page = cashier.market, cashier.page
    fifty, forty = await market.voucher(50_00), await market.voucher(40_00, market.partner)
    await cashier.pair()
    await cashier.look("01-scan")

    await cashier.scan_voucher(fifty)
    await cashier.heading("Gutschein von Zwönitz")
    await expect(page.get_by_text("50,00 €").first).to_be_visible()
    await cashier.key_in("6250")
    await expect(page.locator(".till-amount__note")).to_have_text("Danach sind noch 12,50 € offen.")
    await cashier.look("02-voucher")
    await cashier.press("50,00 € einlösen")
    await cashier.heading("50,00 € eingelöst.")
    await cashier.look("03-green-still-open")
    await cashier.press("Nächster Gutschein")
    await expect(page.get_by_text("Noch offen: 12,50 €.")).to_be_visible()
    await cashier.look("04-second")

    await cashier.scan_voucher(forty)
    await cashier.heading("Gutschein von Schneeberg")
    await cashier.press("12,50 € einlösen")  # what is open stands there already
    await cashier.heading("12,50 € eingelöst.")
    await expect(page.get_by_text("Rest 27,50 €")).to_be_visible()
    await expect(page.get_by_text("Einkauf über 62,50 € ist bezahlt.")).to_be_visible()
    await cashier.look("05-green")
    assert await market.balance(fifty) == 0
    assert await market.balance(forty) == 27_50

    await cashier.press("Nächster Kunde")
    await cashier.tab("Heute")
    await expect(page.get_by_text("62,50 €").first).to_be_visible()
    await cashier.look("06-today")
    await page.get_by_role("button", name="Schneeberg").click()
    await cashier.press("Stornieren")
    await cashier.look("07-sure")
    await cashier.press("12,50 € zurückbuchen")
    await cashier.heading("12,50 € zurückgebucht.")
    await cashier.look("08-reversed")
    assert await market.balance(forty) == 40_00

    await cashier.press("Heute")
    await expect(page.locator(".till-total__cents")).to_have_text("50,00 €")
    await expect(page.get_by_text("Einlösungen: 2, Stornos: 1")).to_be_visible()
    await cashier.look("09-day-end")
