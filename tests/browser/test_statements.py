"""A merchant's statements in a browser, at a desk and on a phone."""

from __future__ import annotations

from playwright.async_api import expect
from till_stage import Market
from visitor import Visiting, Visitor

from gutschein.kernel.clock import berlin_day, utc_now
from tests.everybody import ANNA, COOKIE, Everybody


async def reader(market: Market, visiting: Visiting, device: str, **looks: bool) -> Visitor:
    """Somebody of the town hall."""
    visitor = await visiting(device, **looks)
    people = market.api.client.auth
    assert isinstance(people, Everybody)
    cookie = {"name": COOKIE, "value": await people.session_of(ANNA), "url": visitor.base_url}
    await visitor.context.add_cookies([cookie])  # type: ignore[list-item]
    return visitor


async def settled(market: Market) -> str:
    """Let 50.00 be redeemed and settle them; return the statement's number."""
    await market.redeem_elsewhere(await market.voucher(50_00), 50_00)
    town, today = f"/api/v1/towns/{market.town['id']}", berlin_day(utc_now())
    rate = {"valid_from": "2020-01-01", "basis_points": 1_900}
    await market.api.made(f"{town}/vat-rates", rate)
    period = {"period_from": str(today.replace(day=1)), "period_to": str(today)}
    settlement = await market.api.made(f"{town}/settlements", period)
    terms = {"kind": "settlement", "settlement_id": settlement["id"]}
    await market.api.approved(market.town["id"], terms)
    return str(settlement["statements"][0]["number"])


async def test_a_statement_is_read_and_taken_home(market: Market, visiting: Visiting) -> None:
    desk = await reader(market, visiting, "desktop")
    path = f"/betrieb/{market.town['id']}/{market.merchant['id']}"
    await desk.goto(f"{path}/geraete")
    await desk.page.get_by_role("link", name="Abrechnungen dieses Betriebs").click()
    await expect(desk.page.get_by_role("heading", level=1)).to_have_text("Abrechnungen")
    await expect(desk.page.get_by_text("Noch keine.")).to_be_visible()
    await desk.check_accessibility()

    number = await settled(market)
    await desk.page.reload()
    await expect(desk.page.get_by_role("heading", level=2)).to_contain_text("unterwegs")
    await expect(desk.page.locator("dd").last).to_have_text("48,21 €")
    await desk.check_accessibility()
    await desk.check_width()
    await desk.screenshot("statements")
    for form in ("PDF", "CSV"):
        async with desk.page.expect_download() as download:
            await desk.page.get_by_role("link", name=form).click()
        name = (await download.value).suggested_filename
        assert name == f"abrechnung-{number}.{form.lower()}"

    phone = await reader(market, visiting, "phone", dark=True)
    await phone.goto(f"{path}/abrechnungen")
    await phone.check_accessibility()
    await phone.check_width()
    await phone.screenshot("statements-phone-dark")
