"""The net fails in the middle of a market day."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from playwright.async_api import Route, expect
from till_stage import Cashier, Market

Till = Callable[..., Awaitable[Cashier]]

#: Up to 30 EUR from a voucher, 100 EUR on a device, for four hours.
TERMS = {
    "enabled": True,
    "voucher_cents": 30_00,
    "device_cents": 100_00,
    "outage_minutes": 240,
    "bearer": "merchant",
}
TAKEN = "Ohne Netz angenommen. Gebucht wird, sobald das Netz da ist."

#: Whether the till has fetched what it needs without a net: keys, and the towns' lists.
KNOWS_LISTS = """async (count) => {
    const opened = await new Promise((resolve) => {
        const opening = indexedDB.open("gutschein");
        opening.onsuccess = () => resolve(opening.result);
    });
    const names = await new Promise((resolve) => {
        const asked = opened.transaction("things").objectStore("things").getAllKeys();
        asked.onsuccess = () => resolve(asked.result);
    });
    opened.close();
    const kept = names.filter((name) => name.includes("/status/")).length;
    return kept >= count && names.includes("keys");
}"""


async def allow(market: Market, **changes: Any) -> None:
    path = f"/api/v1/towns/{market.town['id']}/offline-terms"
    response = await market.api.post(path, TERMS | changes)
    assert response.is_success, response.text


async def is_ready(cashier: Cashier) -> None:
    """Wait until the till could do without a net."""
    page = cashier.page
    for _ in range(100):
        if await page.evaluate(KNOWS_LISTS, 2):
            break
        await page.wait_for_timeout(100)
    else:
        raise AssertionError("the till has no lists")
    await page.evaluate("async () => { await navigator.serviceWorker.ready }")


async def cut(cashier: Cashier, *, off: bool) -> None:
    await cashier.visitor.context.set_offline(off)
    banner = cashier.page.get_by_role("heading", name="Kein Netz")
    await (expect(banner).to_be_visible() if off else expect(banner).to_be_hidden())


async def take(cashier: Cashier, qr: str, digits: str, words: str) -> None:
    await cashier.scan(qr)
    await cashier.key_in(digits)
    await cashier.press(f"{words} einlösen")
    await cashier.heading(f"{words} eingelöst.")
    await expect(cashier.page.get_by_text(TAKEN)).to_be_visible()


async def test_five_claims_survive_a_killed_page_and_one_of_them_is_disputed(till: Till) -> None:
    """20 EUR from each of five vouchers fill the device; a sixth is refused with the reason."""
    cashier = await till()
    market, context = cashier.market, cashier.visitor.context
    await allow(market)
    papers = [await market.voucher(50_00) for _ in range(5)]
    papers.append(await market.voucher(50_00, market.partner))
    await cashier.pair()
    await is_ready(cashier)

    await cut(cashier, off=True)
    await cashier.look("no-net")
    for paper in papers[:5]:
        await take(cashier, paper.qr, "2000", "20,00 €")
        if paper is papers[0]:
            await cashier.look("taken")
        await cashier.press("Nächster Kunde")
    await cashier.scan(papers[5].qr)
    await cashier.heading("Nicht angenommen")
    await expect(cashier.page.get_by_role("alert")).to_have_text(
        "Kein Netz: höchstens 30,00 € je Gutschein, noch 0,00 € auf diesem Gerät."
    )
    await cashier.look("sixth")

    # Somebody spends the third voucher elsewhere, and the phone's page is killed.
    await market.redeem_elsewhere(papers[2], 45_00)
    await cashier.page.close()
    cashier.visitor.page = await context.new_page()
    await cashier.visitor.goto("/kasse")  # opens without a net
    await cashier.camera_is_on()
    await cashier.tab("Heute")
    await expect(cashier.page.get_by_text("wartet auf das Netz")).to_have_count(5)
    await cashier.look("waiting")

    await context.set_offline(False)
    page = cashier.page
    await expect(page.get_by_text("wartet auf das Netz")).to_have_count(0, timeout=20_000)
    await expect(page.get_by_text("20,00 € gebucht")).to_have_count(4)
    disputed = page.get_by_text("20,00 € strittig")
    await expect(disputed).to_have_count(1)
    await expect(disputed).to_contain_text("Das Guthaben reichte nicht mehr.")
    await expect(disputed).to_contain_text("Den Betrag trägt der Betrieb.")
    await cashier.look("handed-in")

    # Exactly once: handed in again, nothing moves.
    await page.reload()
    await cashier.camera_is_on()
    balances = [await market.balance(paper) for paper in papers]
    assert balances == [30_00, 30_00, 5_00, 30_00, 30_00, 50_00]
    await cashier.tab("Heute")
    await expect(page.locator(".till-total__cents")).to_have_text("125,00 €")
    for seen in range(5, 0, -1):
        await expect(page.get_by_role("button", name="Gelesen")).to_have_count(seen)
        await page.get_by_role("button", name="Gelesen").first.click()
    await expect(page.get_by_role("button", name="Gelesen")).to_have_count(0)
    audited = (await market.api.get("/api/v1/audit")).json()
    assert audited["findings"] == [], audited
    cashier.visitor.complaints.clear()  # what the browser says of a net that is off


async def test_what_was_handed_in_in_part_goes_on_with_the_rest(till: Till) -> None:
    """The net is back for one answer only; and the owner has locked the phone meanwhile."""
    cashier = await till()
    market, page = cashier.market, cashier.page
    await allow(market)
    papers = [await market.voucher(20_00) for _ in range(3)]
    await cashier.pair()
    await is_ready(cashier)
    await cut(cashier, off=True)
    for paper in papers:
        await take(cashier, paper.qr, "1000", "10,00 €")
        await cashier.press("Nächster Kunde")
    await cashier.tab("Heute")

    answered = 0

    async def one_answer(route: Route) -> None:
        nonlocal answered
        answered += 1
        await (route.continue_() if answered == 1 else route.abort("connectionreset"))

    await page.route("**/api/v1/claims", one_answer)
    await cashier.visitor.context.set_offline(False)
    await expect(page.get_by_text("10,00 € gebucht")).to_have_count(1, timeout=20_000)
    await expect(page.get_by_text("wartet auf das Netz")).to_have_count(2)

    device = market.path(f"devices/{await market.device_id()}")
    assert (await market.api.post(f"{device}/lock", {"reason": "Weg"})).is_success
    await page.unroute("**/api/v1/claims")
    await cashier.heading("Dieses Gerät ist gesperrt.")
    assert [await market.balance(paper) for paper in papers] == [10_00, 20_00, 20_00]
    assert (await market.api.post(f"{device}/release")).is_success
    await cashier.press("Noch einmal versuchen")
    await expect(page.get_by_text("10,00 € gebucht")).to_have_count(3, timeout=20_000)
    assert [await market.balance(paper) for paper in papers] == [10_00, 10_00, 10_00]
    cashier.visitor.complaints.clear()


async def test_a_second_scan_in_the_same_outage_is_seen(till: Till) -> None:
    cashier = await till()
    await allow(cashier.market)
    paper = await cashier.market.voucher(50_00)
    await cashier.pair()
    await is_ready(cashier)
    await cut(cashier, off=True)
    await take(cashier, paper.qr, "2000", "20,00 €")
    await cashier.press("Nächster Kunde")
    await cashier.put_away()
    await cashier.scan(paper.qr)
    await expect(
        cashier.page.get_by_text("In diesem Ausfall schon gescannt: 20,00 € angenommen.")
    ).to_be_visible()
    await expect(cashier.page.get_by_text("10,00 €").first).to_be_visible()  # of 30 EUR
    await cashier.look("again")
    await cashier.key_in("2500")
    await cashier.press("10,00 € einlösen")
    await cashier.heading("10,00 € eingelöst.")
    await cut(cashier, off=False)
    cashier.visitor.complaints.clear()


async def test_blocked_and_spent_vouchers_are_known_without_a_net(till: Till) -> None:
    cashier = await till()
    market = cashier.market
    await allow(market)
    blocked, spent = await market.voucher(50_00), await market.voucher(20_00)
    good = await market.voucher(20_00)
    await market.block(blocked)
    await market.redeem_elsewhere(spent, 20_00)
    await cashier.pair()
    await is_ready(cashier)
    await cut(cashier, off=True)
    for paper in (blocked, spent):
        await cashier.scan(paper.qr)
        await cashier.heading("Nicht angenommen")
        await expect(cashier.page.get_by_role("alert")).to_contain_text("ohne Netz nicht prüfen")
        await cashier.press("Anderen Gutschein scannen")
    altered = good.qr[:-30] + ("A" if good.qr[-30] != "A" else "B") + good.qr[-29:]
    await cashier.scan(altered)
    await expect(cashier.page.get_by_role("alert")).to_have_text(
        "Der Gutschein ist nicht echt. Bitte nicht annehmen."
    )
    await cashier.press("Anderen Gutschein scannen")
    await cashier.scan(good.qr)
    await cashier.heading("Gutschein von Zwönitz")
    cashier.visitor.complaints.clear()


async def test_where_the_town_allows_nothing_nothing_is_taken(till: Till) -> None:
    cashier = await till()
    paper = await cashier.market.voucher(50_00)
    await cashier.pair()
    await cut(cashier, off=True)
    await expect(
        cashier.page.get_by_text("Ohne Netz kann hier nichts eingelöst werden.")
    ).to_be_visible()
    await cashier.scan(paper.qr)
    await expect(cashier.page.get_by_role("alert")).to_have_text(
        "Kein Netz, und Offline-Annahme ist hier nicht erlaubt."
    )
    await cashier.look("offline-off")
    cashier.visitor.complaints.clear()


async def test_the_net_fails_in_the_middle_of_a_booking(till: Till) -> None:
    """It was sent and booked, the answer is lost with the net: taken on as a claim of the same
    id, it is booked once.
    """
    cashier = await till()
    await allow(cashier.market)
    paper = await cashier.market.voucher(50_00)
    await cashier.pair()
    await is_ready(cashier)
    context = cashier.visitor.context

    async def book_and_cut(route: Any) -> None:
        await route.fetch()
        await context.set_offline(True)
        await route.abort("internetdisconnected")

    await cashier.scan_voucher(paper)
    await cashier.page.route("**/api/v1/redemptions", book_and_cut, times=1)
    await cashier.key_in("1250")
    await cashier.press("12,50 € einlösen")
    await cashier.heading("12,50 € eingelöst.")
    await expect(cashier.page.get_by_text(TAKEN)).to_be_visible()
    await cashier.press("Nächster Kunde")
    await cut(cashier, off=False)
    await cashier.tab("Heute")
    await expect(cashier.page.get_by_text("12,50 € gebucht")).to_be_visible(timeout=20_000)
    assert await cashier.market.balance(paper) == 37_50
    cashier.visitor.complaints.clear()
