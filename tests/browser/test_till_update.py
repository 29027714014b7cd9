"""The till on the device: it opens without a net, and a new version comes between two sales."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from camera_feed import Feed
from next_version import Release, released
from playwright.async_api import Browser, expect
from till_stage import Cashier, Market, opened_market
from visitor import Visitor

from tests.running_service import Served, served

CACHES = "caches.keys()"
WAITS = """async () => {
    const registration = await navigator.serviceWorker.getRegistration("/kasse");
    await registration.update();
    for (let tries = 0; tries < 100 && !registration.waiting; tries += 1) {
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return registration.waiting !== null;
}"""


@pytest_asyncio.fixture(loop_scope="session")
async def release(service: Served, tmp_path: Path) -> AsyncIterator[tuple[Release, Market]]:
    """The service behind an address of its own, whose version can change."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    address = f"http://localhost:{port}"
    with served(service.database_url, tmp_path, public_url=address) as behind:
        async with released(behind.port, port) as release, opened_market(behind) as market:
            yield release, market


async def test_a_new_version_waits_for_the_end_of_the_sale(
    release: tuple[Release, Market], camera_browser: Browser, feed: Feed, tmp_path: Path
) -> None:
    proxy, market = release
    context = await camera_browser.new_context(locale="de-DE", permissions=["camera"])
    page = await context.new_page()
    cashier = Cashier(Visitor(context, page, proxy.address, tmp_path), feed, market)
    fifty = await market.voucher(50_00)
    await cashier.pair()
    await page.evaluate("async () => { await navigator.serviceWorker.ready }")
    [before] = await page.evaluate(CACHES)
    await page.reload()  # now the worker stands between
    await cashier.camera_is_on()
    await page.evaluate("() => { window.sameAsBefore = true }")

    await cashier.scan_voucher(fifty)
    proxy.is_new = True
    assert await page.evaluate(WAITS)
    await cashier.key_in("6000")
    await cashier.press("50,00 € einlösen")
    await cashier.heading("50,00 € eingelöst.")
    await cashier.press("Nächster Gutschein")
    await cashier.camera_is_on()  # 10 EUR are still open
    assert await page.evaluate("window.sameAsBefore") is True

    async with page.expect_navigation():
        await cashier.press("Rest anders kassieren")
    await cashier.camera_is_on()
    assert await page.evaluate("window.sameAsBefore") is None
    [after] = await page.evaluate(CACHES)
    assert after != before
    assert "beef" in after

    await context.set_offline(True)
    await page.reload()
    await cashier.camera_is_on()
    await expect(page.get_by_role("heading", name="Kein Netz")).to_be_visible()
    await context.close()
