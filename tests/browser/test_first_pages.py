from __future__ import annotations

import re

from playwright.async_api import expect
from visitor import Visiting, Visitor

LOOKS = [(device, dark) for device in ("desktop", "phone") for dark in (False, True)]


async def test_the_start_page_is_for_everybody(visiting: Visiting) -> None:
    for device, dark in LOOKS:
        visitor = await visiting(device, dark=dark)
        assert (await visitor.goto("/")).status == 200
        heading = visitor.page.get_by_role("heading", level=1)
        await expect(heading).to_have_text("Gutscheine, die in der Stadt bleiben.")
        await visitor.check_accessibility()
        await visitor.check_width()
        shot = await visitor.screenshot(f"start-{device}-{'dark' if dark else 'light'}")
        assert shot.stat().st_size > 10_000


async def test_an_address_that_is_not_there_says_so(visiting: Visiting) -> None:
    for device, dark in (("desktop", False), ("phone", True)):
        visitor = await visiting(device, dark=dark)
        assert (await visitor.goto("/nirgends")).status == 404
        await expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Nicht gefunden")
        await visitor.check_accessibility()
        await visitor.check_width()
        await visitor.screenshot(f"not-found-{device}-{'dark' if dark else 'light'}")
    await visitor.page.get_by_role("link", name="Zur Startseite").click()
    await expect(visitor.page).to_have_url(f"{visitor.base_url}/")


async def test_the_pages_follow_the_browsers_settings(visiting: Visiting) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    light, dark = await visiting(), await visiting(dark=True, locale="en-GB")
    await light.goto("/")
    await dark.goto("/")
    assert await light.page.evaluate(ground) != await dark.page.evaluate(ground)
    await expect(light.page.locator("html")).to_have_attribute("lang", "de")
    await expect(dark.page.locator("html")).to_have_attribute("lang", "en")


async def test_the_language_is_switched_and_stays(browser_page: Visitor) -> None:
    page = browser_page.page
    await browser_page.goto("/nirgends?a=1")
    await page.get_by_role("link", name="English").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Not found")
    await expect(page).to_have_url(f"{browser_page.base_url}/nirgends?a=1&sprache=en")
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await browser_page.goto("/")
    await expect(page).to_have_title(re.compile("^Welcome "))
    await browser_page.check_accessibility()
    await page.get_by_role("link", name="Deutsch").click()
    await expect(page.locator("html")).to_have_attribute("lang", "de")


async def test_the_keyboard_skips_to_the_content(visiting: Visiting) -> None:
    visitor = await visiting()
    await visitor.goto("/")
    await visitor.page.keyboard.press("Tab")
    assert await visitor.focused() == "Zum Inhalt springen"
    await expect(visitor.page.get_by_text("Zum Inhalt springen")).to_be_in_viewport()
    await visitor.page.keyboard.press("Enter")
    await expect(visitor.page.locator("#inhalt")).to_be_focused()


async def test_nothing_inline_would_run(visiting: Visiting) -> None:
    """The policy that says so is real: this test sees it at work."""
    visitor = await visiting()
    await visitor.goto("/")
    ran = await visitor.page.evaluate(
        """() => {
            const element = document.createElement("script");
            const types = window.trustedTypes;
            try { element.textContent = "window.ran = true"; document.body.append(element); }
            catch { return "refused"; }
            return window.ran === true ? "ran" : "refused";
        }"""
    )
    assert ran == "refused"
    assert any(
        "violates" in complaint or "Trusted" in complaint for complaint in visitor.complaints
    )
    visitor.complaints.clear()


async def test_the_pages_bring_their_own_face_and_can_be_printed(visiting: Visiting) -> None:
    visitor = await visiting()
    await visitor.goto("/")
    await visitor.page.evaluate("document.fonts.ready")
    assert await visitor.page.evaluate("document.fonts.check('600 16px \"Fira Sans\"')")
    await visitor.page.emulate_media(media="print")
    await expect(visitor.page.get_by_role("navigation", name="Sprache")).to_be_hidden()
    await expect(visitor.page.get_by_role("heading", level=1)).to_be_visible()
