"""One invites, another accepts in a browser of their own, and sees what the role may."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest_asyncio
from playwright.async_api import Page, expect
from sign_in_stage import add_authenticator
from visitor import Visiting, Visitor

from gutschein.identity.totp import code_at
from gutschein.kernel.clock import utc_now
from tests.api_fixtures import Api
from tests.everybody import ANNA, BERND, COOKIE, Everybody
from tests.running_service import Served

PASSWORD = "Ameise-Kochtopf-Fahrstuhl-17"


@dataclass
class Hall:
    """A town hall with Anna, who administers, and Bernd, who approves."""

    api: Api
    people: Everybody
    town_id: str
    region_id: str
    visiting: Visiting

    @property
    def path(self) -> str:
        return f"/stadt/{self.town_id}/personen"

    async def sits(self, who: Any, device: str = "desktop", **looks: Any) -> Visitor:
        """Let somebody sit down at a browser, signed in."""
        visitor = await self.visiting(device, **looks)
        token = await self.people.session_of(who)
        await visitor.context.add_cookies(
            [{"name": COOKIE, "value": token, "url": visitor.base_url}]
        )
        return visitor

    async def invited(self, email: str) -> str:
        """Let Anna invite a clerk; return the path of the link that is shown her."""
        anna = await self.sits(ANNA)
        await anna.goto(self.path)
        await anna.page.get_by_role("link", name="Person einladen").click()
        await anna.page.get_by_label("Vor- und Nachname").fill("Jana Beispiel")
        await anna.page.get_by_label("E-Mail-Adresse").fill(email)
        await anna.page.get_by_label("Ausgabestelle").check()
        await anna.page.get_by_role("button", name="Einladen", exact=True).click()
        await expect(anna.page.get_by_text("nur dieses eine Mal gezeigt")).to_be_visible()
        await anna.check_accessibility()
        await anna.screenshot("invited")
        shown = await anna.page.locator("#link").text_content() or ""
        return shown.removeprefix(anna.base_url)


@pytest_asyncio.fixture(loop_scope="session")
async def hall(service: Served, visiting: Visiting) -> AsyncIterator[Hall]:
    people = Everybody(service.database_url, utc_now)
    async with httpx.AsyncClient(base_url=service.base_url, auth=people) as client:
        api = Api(client)
        town = await api.new_town()
        yield Hall(api, people, town["id"], town["region_id"], visiting)
    await people.close()


def new_email() -> str:
    return f"jana.{uuid4().hex[:8]}@rathaus.example"


async def menu(page: Page) -> list[str]:
    """What the menu offers."""
    return (
        await page.get_by_role("navigation", name="Hauptmenü").get_by_role("link").all_inner_texts()
    )


async def test_invited_accepted_signed_in_and_shown_what_the_role_may(hall: Hall) -> None:
    email = new_email()
    link = await hall.invited(email)
    jana = await hall.visiting("phone")
    await jana.goto(link)
    await expect(jana.page.get_by_text("Ausgabestelle: Zwönitz")).to_be_visible()
    await expect(jana.page.get_by_label("Vor- und Nachname")).to_have_value("Jana Beispiel")
    await jana.page.get_by_label("Passwort wählen").fill("kurz")
    await jana.page.get_by_role("button", name="Konto anlegen und annehmen").click()
    await expect(jana.page.get_by_role("alert")).to_contain_text("12 Zeichen")
    await jana.page.get_by_label("Passwort wählen").fill(PASSWORD)
    await jana.page.get_by_role("button", name="Konto anlegen und annehmen").click()
    await expect(jana.page.get_by_role("heading", name="Zugang doppelt schützen")).to_be_visible()
    await jana.page.get_by_text("Das Scannen geht nicht?").click()
    secret = (await jana.page.locator(".secret").text_content() or "").replace(" ", "")
    await jana.page.get_by_label("Welche sechs Ziffern").fill(code_at(secret, utc_now()))
    await jana.page.get_by_role("button", name="Einrichten und weiter").click()
    await expect(jana.page.get_by_text("Jana Beispiel").first).to_be_visible()
    await jana.page.get_by_role("button", name="Abmelden").click()

    again = await hall.visiting()
    await again.goto("/anmelden")
    await again.page.get_by_label("E-Mail-Adresse").fill(email)
    await again.page.get_by_label("Passwort").fill(PASSWORD)
    await again.page.get_by_role("button", name="Anmelden", exact=True).click()
    # Each code once; the next half minute's is good already, for clocks that are fast.
    code = code_at(secret, utc_now() + timedelta(seconds=30))
    await again.page.get_by_label(re.compile("Code|Ziffern")).fill(code)
    await again.page.get_by_role("button", name=re.compile("Weiter|Anmelden")).last.click()
    await again.page.wait_for_url(re.compile("/(konto|uebersicht)$"))
    assert "Personen" not in await menu(again.page)
    assert "Freigaben" in await menu(again.page)
    refused = await again.goto(hall.path)
    assert refused.status == 403

    anna = await hall.sits(ANNA)
    await anna.goto(hall.path)
    card = anna.page.get_by_role("listitem").filter(has_text="Jana Beispiel").first
    await expect(card).to_contain_text("Zuletzt angemeldet am")
    await card.get_by_role("link", name="Wegnehmen").click()
    await anna.check_accessibility()
    await anna.screenshot("take-away")
    await anna.page.get_by_role("button", name="Wegnehmen").click()
    await expect(anna.page.get_by_role("status")).to_contain_text("Die Aufgabe ist weg")
    await again.goto("/konto")
    assert "Freigaben" not in await menu(again.page)


async def test_a_passkey_alone_accepts_an_invitation(hall: Hall) -> None:
    link = await hall.invited(new_email())
    jana = await hall.visiting()
    await add_authenticator(jana.page)
    await jana.goto(link)
    await jana.page.get_by_role("button", name="Ohne Passwort, mit Passkey").click()
    await jana.page.get_by_role("button", name="Passkey einrichten und annehmen").click()
    await jana.page.wait_for_url(re.compile("/(konto|uebersicht)$"))
    assert "Freigaben" in await menu(jana.page)


async def test_who_lost_everything_is_let_back_in_by_two(hall: Hall) -> None:
    email = new_email()
    link = await hall.invited(email)
    jana = await hall.visiting()
    await jana.goto(link)
    await jana.page.get_by_label("Passwort wählen").fill(PASSWORD)
    await jana.page.get_by_role("button", name="Konto anlegen und annehmen").click()
    await expect(jana.page.get_by_role("heading", name="Zugang doppelt schützen")).to_be_visible()

    anna, bernd = await hall.sits(ANNA), await hall.sits(BERND)
    await anna.goto(hall.path)
    await anna.page.get_by_role("link", name=re.compile("Kommt nicht mehr hinein.*Jana")).click()
    await anna.check_accessibility()
    await anna.screenshot("ask-for-recovery")
    await anna.page.get_by_label("Was ist passiert").fill("Handy verloren, sie war hier")
    await anna.page.get_by_role("button", name="Freigabe beantragen").click()
    await expect(anna.page).to_have_url(re.compile("/freigaben/"))
    request = anna.page.url
    await bernd.page.goto(request)
    await bernd.page.get_by_label(re.compile("Ich habe die Angaben geprüft")).check()
    await bernd.page.get_by_role("button", name="Freigeben").click()
    shown = await bernd.page.get_by_text("/wiederherstellung/").text_content() or ""
    back = await hall.visiting("phone")
    await back.goto(shown.strip().removeprefix(back.base_url))
    await back.check_accessibility()
    await back.check_width()
    await back.screenshot("recovery")
    await back.page.get_by_label("Neues Passwort").fill("Vorhang-Teelicht-Abfluss")
    await back.page.get_by_role("button", name="Passwort speichern und weiter").click()
    await expect(back.page.get_by_role("heading", name="Zugang doppelt schützen")).to_be_visible()


async def test_the_pages_read_well_on_every_screen_and_in_english(hall: Hall) -> None:
    link = await hall.invited(new_email())
    await hall.api.new_merchant({"id": hall.town_id})
    region = f"/verbund/{hall.region_id}/personen"
    for device, dark, locale in (("desktop", False, "de-DE"), ("phone", True, "en-GB")):
        anna = await hall.sits(ANNA, device, dark=dark, locale=locale)
        stranger = await hall.visiting(device, dark=dark, locale=locale)
        for visitor, path, name in (
            (anna, hall.path, "people"),
            (anna, f"{hall.path}/einladen", "invite"),
            (anna, region, "region"),
            (anna, "/personen", "choose"),
            (stranger, link, "invitation"),
            (stranger, "/zugang-verloren", "lost"),
        ):
            await visitor.goto(path)
            await visitor.check_accessibility()
            await visitor.check_width()
            await visitor.screenshot(f"{name}-{device}")
