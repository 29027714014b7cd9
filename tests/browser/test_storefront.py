"""A citizen looks at a town, and for a shop: at a desk and on a phone, with and without script."""

from __future__ import annotations

import re
from base64 import b64decode
from uuid import uuid4

import httpx
import pytest_asyncio
from playwright.async_api import Browser, expect
from visitor import Visiting, Visitor

from gutschein.kernel.clock import utc_now
from tests.api_fixtures import Api, address_input, towns_path
from tests.everybody import Everybody
from tests.running_service import Served

ARMS = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 88 104"><path fill="#8a1c1c"'
    ' style="stroke:#e9c46a" d="M6 6h76v46c0 26-18 40-38 48C24 92 6 78 6 52z"/></svg>'
)
#: A picture of one dot.
TILE = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
SHOPS = {"Bücherstube Öhler": ("books", "yes"), "Café Silber": ("cafe", "no")}


@pytest_asyncio.fixture(loop_scope="session")
async def slug(service: Served) -> str:
    """The short name of a town with two shops."""
    people = Everybody(service.database_url, utc_now)
    async with httpx.AsyncClient(base_url=service.base_url, auth=people, timeout=30) as client:
        api = Api(client)
        town = await api.new_town(name="Schneeberg", brand_colour="#8a1c1c")
        await api.new_programme(town, name="Schneebergkarte", fixed_values_cents=[1_000, 5_000])
        await api.new_issuing_point(town)
        slug = f"schneeberg-{uuid4().hex[:8]}"
        front = {"slug": slug, "intro": "Barock und Lichterglanz.", "intro_en": "Baroque."}
        told = {"storefront": front | {"coat_of_arms_svg": ARMS, "contact_phone": "03772 350-0"}}
        told["storefront/texts/imprint/de"] = {"paragraphs": ["# Wer", "Stadt, a@b.example"]}
        for name, (category, wheelchair) in SHOPS.items():
            shop = await api.new_merchant(town, name=name)
            branch = f"merchants/{shop['id']}/branches/{shop['branches'][0]['id']}/profile"
            hours = ["Mo-Fr 9-18 Uhr", "Sa 9-13 Uhr"]
            told[branch] = {"category": category, "wheelchair": wheelchair, "opening_hours": hours}
            told[branch] |= {"address": address_input(), "latitude": 50.6}
            told[branch] |= {"longitude": 12.6, "phone": "03772 12-0"}
        for path, body in told.items():
            answer = await client.put(towns_path(town, path), json=body)
            assert answer.status_code == 200, answer.text
    await people.close()
    return slug


async def look(visitor: Visitor, path: str, name: str) -> None:
    assert (await visitor.goto(path)).status == 200
    await visitor.check_accessibility()
    await visitor.check_width()
    await visitor.screenshot(name)


async def test_a_town_is_shown_to_everybody(visiting: Visiting, slug: str) -> None:
    for device, dark, locale in (("desktop", False, "de-DE"), ("phone", True, "en-GB")):
        visitor = await visiting(device, dark=dark, locale=locale)
        await look(visitor, f"/{slug}", f"town-{device}")
        arms = visitor.page.locator(".town-hero__arms")
        assert await arms.evaluate("picture => picture.naturalWidth > 0")
        answer = visitor.page.locator("details").first
        await answer.locator("summary").press("Enter")
        await expect(answer.locator("p")).to_be_visible()
        await look(visitor, f"/{slug}/akzeptanzstellen", f"shops-{device}")
        await look(visitor, f"/{slug}/impressum", f"imprint-{device}")
    await look(visitor, "/", "start-with-towns")


async def test_the_list_follows_while_one_types(visiting: Visiting, slug: str) -> None:
    visitor = await visiting("phone")
    page = visitor.page
    await visitor.goto(f"/{slug}")
    await page.get_by_role("link", name="Wo er gilt").first.click()
    shops, count = page.locator(".listing:visible h3"), page.get_by_role("status")
    await expect(count).to_have_text("2 Läden gefunden")
    await page.get_by_label("Name, Straße oder Branche").press_sequentially("oehl")
    await expect(shops).to_have_text(["Bücherstube Öhler"])
    await expect(count).to_have_text("1 Laden gefunden")
    await expect(page).to_have_url(re.compile(r"\?q=oehl$"))
    await page.get_by_label("Name, Straße oder Branche").fill("")
    await page.get_by_label("Branche", exact=True).select_option("cafe")
    await expect(shops).to_have_text(["Café Silber"])
    await page.get_by_label("Ohne Stufen erreichbar").check()
    await expect(count).to_have_text("Kein Laden gefunden. Bitte anders suchen.")
    await page.reload()
    await expect(count).to_have_text("Kein Laden gefunden. Bitte anders suchen.")
    await page.get_by_label("Ohne Stufen erreichbar").uncheck()
    await expect(shops).to_have_text(["Café Silber"])


async def test_the_map_is_fetched_when_it_is_asked_for(visiting: Visiting, slug: str) -> None:
    visitor = await visiting()
    page, tiles = visitor.page, "**/GLOBAL_WEBMERCATOR/**"
    await page.route(tiles, lambda route: route.fulfill(body=TILE, content_type="image/png"))
    await visitor.goto(f"/{slug}/akzeptanzstellen")
    await visitor.page.wait_for_load_state("networkidle")
    visitor.check_quiet()
    button = page.get_by_role("button", name="Karte anzeigen")
    await button.click()
    await expect(button).to_be_hidden()
    pins = page.locator(".map__pin:visible")
    await expect(pins).to_have_count(2)
    shown = page.locator(".map__tile")
    await expect(shown.first).to_have_js_property("naturalWidth", 1)
    await visitor.check_accessibility()
    first = await shown.first.get_attribute("src")
    for key in ("-", "ArrowLeft", "ArrowDown", "+"):
        await page.keyboard.press(key)
    await page.get_by_role("button", name="Kleiner").click()
    assert await shown.first.get_attribute("src") != first
    await page.get_by_label("Name, Straße oder Branche").fill("silber")
    await expect(pins).to_have_count(1)
    await page.get_by_role("button", name="Café Silber").click()
    assert "Café Silber" in await visitor.focused()
    asked = {each for each in visitor.complaints if "sgx.geodatenzentrum.de" in each}
    assert asked == set(visitor.complaints)
    visitor.complaints.clear()


async def test_nothing_needs_a_script(browser: Browser, service: Served, slug: str) -> None:
    context = await browser.new_context(java_script_enabled=False, locale="de-DE")
    page = await context.new_page()
    await page.goto(f"{service.base_url}/{slug}")
    await page.get_by_role("link", name="Bücher").click()
    shops = page.locator(".listing:visible h3")
    await expect(shops).to_have_text(["Bücherstube Öhler"])
    await page.get_by_label("Branche", exact=True).select_option("")
    await page.get_by_label("Name, Straße oder Branche").fill("silber")
    await page.get_by_role("button", name="Suchen").click()
    await expect(shops).to_have_text(["Café Silber"])
    await expect(page.get_by_role("status")).to_have_text("1 Laden gefunden")
    await page.get_by_role("link", name="Alle Städte").click()
    await page.get_by_label("Stadt suchen").fill("keine")
    await page.get_by_role("button", name="Suchen").click()
    await expect(page.get_by_role("status")).to_have_text(
        "Keine Stadt gefunden. Bitte anders suchen."
    )
    await context.close()
