"""What happens at a counter: wrong codes, wrong clocks, nets that fail in the middle."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

from playwright.async_api import Route, expect
from till_stage import Cashier, Market
from visitor import Visiting

Till = Callable[..., Awaitable[Cashier]]

#: Vouchers of towns that this region does not have.
VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "token.json").read_text("utf-8"))

#: A device on which no further booking fits.
FULL = """((put) => {
    IDBObjectStore.prototype.put = function (thing, ...key) {
        if (thing.amountCents) throw new DOMException("", "QuotaExceededError");
        return put.call(this, thing, ...key);
    };
})(IDBObjectStore.prototype.put)"""

NOT_OURS = "Das ist kein Stadtgutschein. Bitte den QR-Code auf dem Gutschein scannen."
REDEMPTIONS = "**/api/v1/redemptions"


async def refused(cashier: Cashier, reason: str) -> None:
    await cashier.heading("Nicht angenommen")
    await expect(cashier.page.get_by_role("alert")).to_have_text(reason)


async def go_on(cashier: Cashier) -> None:
    await cashier.press("Anderen Gutschein scannen")
    await cashier.camera_is_on()


def forgive(cashier: Cashier, *statuses: str) -> None:
    """The browser notes answers that refuse; these were asked for."""
    assert {each.split(":")[0] for each in cashier.visitor.complaints} <= set(statuses)
    cashier.visitor.complaints.clear()


async def test_only_our_own_codes_are_taken_and_no_address_is_opened(till: Till) -> None:
    cashier = await till()
    await cashier.pair()
    for foreign in (
        "HTTPS://EXAMPLE.ORG/GEWINNSPIEL",
        "HTTPS://EXAMPLE.ORG/V/NOTATOKENATALLNOTATOKENATALLNOTATOKENATALLNOTATOKENATALL",
        "BCD:002:1:SCT:TESTVICTIM",
        "4006381333931",
    ):
        await cashier.scan(foreign)
        await refused(cashier, NOT_OURS)
        await go_on(cashier)
    assert cashier.page.url.endswith("/kasse")
    await cashier.scan("HTTPS://EXAMPLE.ORG/GEWINNSPIEL-2")
    await cashier.look("not-ours")


async def test_a_voucher_that_cannot_be_taken_says_why(till: Till) -> None:
    cashier = await till()
    market = cashier.market
    blocked, empty = await market.voucher(50_00), await market.voucher(10_00)
    await cashier.pair()
    await market.block(blocked)
    await market.redeem_elsewhere(empty, 10_00)
    await cashier.scan(blocked.qr)
    await refused(cashier, "Gesperrt. Bitte nicht annehmen und an die Ausgabestelle verweisen.")
    await expect(cashier.page.get_by_text("Es wurde nichts gebucht.")).to_be_visible()
    await cashier.look("blocked")
    await go_on(cashier)
    await cashier.scan(empty.qr)
    await refused(cashier, "Kein Guthaben mehr.")
    await go_on(cashier)

    altered = empty.qr[:-30] + ("A" if empty.qr[-30] != "A" else "B") + empty.qr[-29:]
    await cashier.scan(altered)
    await refused(cashier, "Der Gutschein ist nicht echt. Bitte nicht annehmen.")
    await go_on(cashier)
    foreign = next(each for each in VECTORS["cases"] if each["expect"] == "ok")
    await cashier.scan(f"HTTPS://EXAMPLE.ORG/V/{foreign['token']}")
    await refused(cashier, "Diese Stadt ist hier nicht bekannt. Bitte online erneut versuchen.")
    forgive(cashier, "422")


async def test_somebody_else_was_faster_and_the_rest_can_still_be_taken(till: Till) -> None:
    """20 EUR were there when it was scanned; another till takes 15 EUR before the tap."""
    cashier = await till()
    paper = await cashier.market.voucher(20_00)
    await cashier.pair()
    await cashier.scan_voucher(paper)
    await cashier.market.redeem_elsewhere(paper, 15_00)
    await cashier.press("Ganzes Guthaben 20,00 €")
    await cashier.press("20,00 € einlösen")
    await expect(cashier.page.get_by_role("status").first).to_contain_text("Guthaben 5,00 €.")
    await cashier.look("less-than-shown")
    await cashier.press("5,00 € einlösen")
    await cashier.heading("5,00 € eingelöst.")
    assert await cashier.market.balance(paper) == 0
    forgive(cashier, "409")


async def test_two_taps_redeem_once(till: Till) -> None:
    cashier = await till()
    paper = await cashier.market.voucher(50_00)
    await cashier.pair()
    await cashier.scan_voucher(paper)
    await cashier.key_in("1000")
    button = cashier.page.get_by_role("button", name="10,00 € einlösen")
    await button.evaluate("button => { button.click(); button.click(); button.click(); }")
    await cashier.heading("10,00 € eingelöst.")
    assert await cashier.market.balance(paper) == 40_00


async def test_an_answer_that_got_lost_is_asked_for_by_the_id(till: Till) -> None:
    """The redemption is booked, but its answer never arrives."""
    cashier = await till()
    paper = await cashier.market.voucher(50_00)
    await cashier.pair()
    asked: list[str] = []

    async def lose_the_answer(route: Route) -> None:
        await route.fetch()
        await route.abort("connectionreset")

    async def note(route: Route) -> None:
        asked.append(route.request.url)
        await route.continue_()

    await cashier.page.route(REDEMPTIONS, lose_the_answer, times=1)
    await cashier.page.route("**/redemptions/*", note)
    await cashier.scan_voucher(paper)
    await cashier.key_in("1250")
    await cashier.press("12,50 € einlösen")
    await cashier.heading("12,50 € eingelöst.")
    assert len(asked) == 1
    assert await cashier.market.balance(paper) == 37_50
    forgive(cashier, "failed")


async def test_a_request_that_never_arrived_is_sent_again_under_the_same_id(till: Till) -> None:
    cashier = await till()
    paper = await cashier.market.voucher(50_00)
    await cashier.pair()
    await cashier.page.route(REDEMPTIONS, lambda route: route.abort("connectionreset"), times=1)
    await cashier.scan_voucher(paper)
    await cashier.key_in("1250")
    await cashier.press("12,50 € einlösen")
    await cashier.heading("Noch keine Antwort")
    await cashier.look("no-answer-yet")
    await cashier.heading("12,50 € eingelöst.")
    assert await cashier.market.balance(paper) == 37_50
    forgive(cashier, "failed", "404")


async def test_a_page_that_is_closed_in_the_middle_knows_afterwards(till: Till) -> None:
    """Booked, the answer is on its way, and the cashier closes the page."""
    cashier = await till()
    paper = await cashier.market.voucher(50_00)
    await cashier.pair()
    booked = asyncio.Event()

    async def hold_the_answer(route: Route) -> None:
        await route.fetch()
        booked.set()

    await cashier.page.route(REDEMPTIONS, hold_the_answer, times=1)
    await cashier.scan_voucher(paper)
    await cashier.key_in("1250")
    await cashier.press("12,50 € einlösen")
    await booked.wait()
    await cashier.page.reload()
    await expect(cashier.page.get_by_text("12,50 € wurde doch gebucht.")).to_be_visible()
    await cashier.look("settled-later")
    await cashier.press("Schließen")
    await expect(cashier.page.get_by_text("wurde doch gebucht")).to_be_hidden()
    assert await cashier.market.balance(paper) == 37_50


async def test_back_leads_to_the_first_screen_and_not_out_of_a_booking(till: Till) -> None:
    cashier = await till()
    paper = await cashier.market.voucher(50_00)
    await cashier.pair()
    await cashier.scan_voucher(paper)
    await cashier.page.go_back()
    await cashier.camera_is_on()  # nothing was booked

    go_on_now = asyncio.Event()

    async def slowly(route: Route) -> None:
        await go_on_now.wait()
        await route.continue_()

    await cashier.page.route(REDEMPTIONS, slowly, times=1)
    await cashier.put_away()
    await cashier.scan_voucher(paper)
    await cashier.key_in("500")
    await cashier.press("5,00 € einlösen")
    await cashier.heading("Wird eingelöst …")
    await cashier.page.evaluate("history.back()")
    await asyncio.sleep(0.2)
    await cashier.heading("Wird eingelöst …")
    go_on_now.set()
    await cashier.heading("5,00 € eingelöst.")
    assert await cashier.market.balance(paper) == 45_00


async def test_a_clock_that_is_hours_off_is_said_and_put_right(till: Till) -> None:
    cashier = await till()
    paper = await cashier.market.voucher(50_00)
    slow = "Date.now = ((now) => () => now() - 3 * 3600e3)(Date.now)"
    await cashier.page.add_init_script(slow)
    await cashier.pair()
    await expect(cashier.page.get_by_text("Sie geht 3 Stunden nach.")).to_be_visible()
    await cashier.look("clock")
    await cashier.scan_voucher(paper)
    await cashier.key_in("100")
    await cashier.press("1,00 € einlösen")
    await cashier.heading("1,00 € eingelöst.")
    forgive(cashier, "401")


async def test_without_a_camera_the_code_is_typed(till: Till) -> None:
    cashier = await till(camera=False)
    paper = await cashier.market.voucher(50_00)
    page = cashier.page
    code = await cashier.market.pairing_code()
    await page.goto(f"{cashier.visitor.base_url}/kasse/koppeln#{code}")
    await page.get_by_role("button", name="Koppeln").click()
    await page.get_by_role("link", name="Zur Kasse", exact=True).click()
    await expect(page.get_by_role("heading", name="Die Kamera ist nicht erlaubt.")).to_be_visible()
    await cashier.look("no-camera")
    await cashier.press("Code eintippen")
    field = page.get_by_label("Code auf dem Gutschein")

    typed = paper.printed.typed_code
    await field.press_sequentially("7zü")
    await expect(page.get_by_role("alert")).to_have_text("Stelle 3 stimmt nicht.")
    await cashier.look("typed-wrong")
    await field.fill("")
    await field.press_sequentially(typed.lower().replace("-", " ").replace("0", "o"))
    await expect(field).to_have_value(typed)
    await field.press("Enter")
    await cashier.heading("Gutschein von Zwönitz")
    await cashier.press("Ganzes Guthaben 50,00 €")
    await cashier.press("50,00 € einlösen")
    await cashier.heading("50,00 € eingelöst.")


async def test_a_machine_without_a_camera_says_so(visiting: Visiting, market: Market) -> None:
    visitor = await visiting("desktop")
    await visitor.context.grant_permissions(["camera"])
    page = visitor.page
    await page.goto(f"{visitor.base_url}/kasse/koppeln#{await market.pairing_code()}")
    await page.get_by_role("button", name="Koppeln").click()
    await page.get_by_role("link", name="Zur Kasse", exact=True).click()
    await expect(page.get_by_role("heading", name="Keine Kamera gefunden.")).to_be_visible()
    await visitor.check_accessibility()


async def test_a_second_window_waits_and_can_take_over(till: Till) -> None:
    cashier = await till()
    await cashier.pair()
    second = await cashier.visitor.context.new_page()
    await second.goto(f"{cashier.visitor.base_url}/kasse")
    await expect(second.get_by_role("heading", name="Die Kasse ist schon offen")).to_be_visible()
    await second.get_by_role("button", name="Hier weitermachen").click()
    await expect(second.locator(".till-camera--on")).to_be_visible()
    await cashier.heading("Die Kasse ist schon offen")
    await cashier.look("two-windows")


async def test_a_locked_device_says_so_and_goes_on_when_it_is_released(till: Till) -> None:
    cashier = await till()
    paper = await cashier.market.voucher(50_00)
    await cashier.pair()
    device = cashier.market.path(f"devices/{await cashier.market.device_id()}")
    assert (await cashier.market.api.post(f"{device}/lock", {"reason": "Weg"})).is_success
    await cashier.scan(paper.qr)
    await cashier.heading("Dieses Gerät ist gesperrt.")
    await cashier.look("locked")
    assert (await cashier.market.api.post(f"{device}/release")).is_success
    await cashier.press("Noch einmal versuchen")
    await cashier.camera_is_on()
    forgive(cashier, "403")


async def test_a_browser_that_is_no_device_is_led_to_the_pairing(till: Till) -> None:
    cashier = await till()
    await cashier.visitor.goto("/kasse")
    await cashier.heading("Dieses Gerät ist noch nicht gekoppelt.")
    await cashier.look("not-paired")
    await cashier.page.get_by_role("link", name="Gerät koppeln").click()
    await cashier.heading("Dieses Gerät koppeln")


async def test_a_device_that_is_full_books_nothing(till: Till) -> None:
    """What cannot be kept is not sent."""
    cashier = await till()
    paper = await cashier.market.voucher(50_00)
    await cashier.page.add_init_script(FULL)
    await cashier.pair()
    await cashier.scan_voucher(paper)
    await cashier.key_in("1250")
    await cashier.press("12,50 € einlösen")
    await cashier.heading("Dieses Gerät kann nichts speichern.")
    assert await cashier.market.balance(paper) == 50_00
    cashier.visitor.complaints.clear()


async def test_a_browser_that_stores_nothing_is_told(till: Till) -> None:
    cashier = await till()
    await cashier.page.add_init_script(
        "IDBFactory.prototype.open = () => { throw new DOMException('', 'QuotaExceededError') }"
    )
    await cashier.visitor.goto("/kasse")
    await cashier.heading("Dieses Gerät kann nichts speichern.")
    await cashier.look("no-storage")
    cashier.visitor.complaints.clear()
