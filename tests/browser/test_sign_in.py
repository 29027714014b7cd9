from __future__ import annotations

from playwright.async_api import expect
from sign_in_stage import PASSWORD, NewPerson, Somebody, add_authenticator, new_person
from visitor import Visiting, Visitor

__all__ = ["new_person"]


async def enter(visitor: Visitor, somebody: Somebody, *, password: str = PASSWORD) -> None:
    page = visitor.page
    await page.get_by_label("E-Mail-Adresse").fill(somebody.email)
    await page.get_by_label("Passwort").fill(password)
    await page.get_by_role("button", name="Anmelden", exact=True).click()


async def go(visitor: Visitor, path: str) -> None:
    """Open a page, once the one before has all it asked for."""
    await visitor.page.wait_for_load_state("networkidle")
    await visitor.goto(path)


async def sign_out(visitor: Visitor) -> None:
    await visitor.page.get_by_role("button", name="Abmelden").click()
    await expect(visitor.page).to_have_url(f"{visitor.base_url}/")


async def look(visitor: Visitor, name: str) -> None:
    await visitor.check_accessibility()
    await visitor.check_width()
    await visitor.screenshot(name)


async def test_password_and_code(browser_page: Visitor, new_person: NewPerson) -> None:
    erika, page = await new_person(totp=True, operator=True), browser_page.page
    await go(browser_page, "/konto/sitzungen")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Anmelden")
    await look(browser_page, "sign-in")
    await enter(browser_page, erika, password="Falsch-geraten-27")
    await expect(page.get_by_role("alert")).to_contain_text("E-Mail-Adresse oder Passwort")
    await expect(page.get_by_label("E-Mail-Adresse")).to_have_value(erika.email)
    await look(browser_page, "sign-in-refused")
    await enter(browser_page, erika)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Code eingeben")
    await look(browser_page, "code")
    await page.get_by_label("Sechs Ziffern").fill("000000")
    await page.get_by_role("button", name="Weiter").click()
    await expect(page.get_by_role("alert")).to_contain_text("Dieser Code gilt nicht")
    await look(browser_page, "code-refused")
    await page.get_by_label("Sechs Ziffern").fill(erika.code())
    await page.get_by_role("button", name="Weiter").click()
    await expect(page).to_have_url(f"{browser_page.base_url}/konto/sitzungen")
    await expect(page.get_by_text("dieser hier")).to_be_visible()
    await look(browser_page, "sessions")
    await go(browser_page, "/konto")
    await look(browser_page, "account")
    await sign_out(browser_page)
    await go(browser_page, "/konto")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Anmelden")


async def test_an_authenticator_is_set_up_right_after_the_password(
    browser_page: Visitor, new_person: NewPerson
) -> None:
    erika, page = await new_person(operator=True), browser_page.page
    await go(browser_page, "/anmelden")
    await enter(browser_page, erika)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Zugang doppelt schützen")
    image = page.get_by_role("img", name="QR-Code")
    # Waits for it, and fails where it cannot be shown.
    assert await image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    await look(browser_page, "set-up")
    await page.get_by_text("Das Scannen geht nicht?").click()
    erika.totp_secret = "".join((await page.locator(".secret").inner_text()).split())
    await page.get_by_label("Welche sechs Ziffern").fill(erika.code())
    await page.get_by_role("button", name="Einrichten und weiter").click()
    await expect(page.get_by_role("button", name="Abmelden")).to_be_visible()


async def test_a_passkey_is_made_named_used_and_removed(
    browser_page: Visitor, new_person: NewPerson
) -> None:
    erika, page = await new_person(totp=True), browser_page.page
    devices, device = await add_authenticator(page)
    await go(browser_page, "/konto")
    await enter(browser_page, erika)
    await page.get_by_label("Sechs Ziffern").fill(erika.code())
    await page.get_by_role("button", name="Weiter").click()
    await page.get_by_role("link", name="Passkey hinzufügen").click()
    await look(browser_page, "new-passkey")
    await page.get_by_role("button", name="Passkey einrichten").click()
    await expect(page.get_by_role("status")).to_contain_text("Passkey eingerichtet")
    kept = await devices.send("WebAuthn.getCredentials", {"authenticatorId": device})
    assert [each["rpId"] for each in kept["credentials"]] == ["localhost"]
    await page.get_by_role("link", name="Chrome, ").click()
    await look(browser_page, "passkey")
    await page.get_by_label("Name").fill("Laptop im Büro")
    await page.get_by_role("button", name="Namen speichern").click()
    await expect(page.get_by_role("link", name="Laptop im Büro")).to_be_visible()
    await look(browser_page, "account-with-passkey")

    await sign_out(browser_page)
    await go(browser_page, "/anmelden?weiter=/konto/sitzungen")
    await look(browser_page, "sign-in-with-passkey")
    await page.get_by_role("button", name="Mit Passkey anmelden").click()
    await expect(page).to_have_url(f"{browser_page.base_url}/konto/sitzungen")

    await go(browser_page, "/konto/passkeys/neu")
    await page.get_by_role("button", name="Passkey einrichten").click()
    await expect(page.get_by_role("alert")).to_have_text(
        "Dieses Gerät hat schon einen Passkey für Sie."
    )
    await go(browser_page, "/konto")
    await page.get_by_role("link", name="Laptop im Büro").click()
    await page.get_by_role("button", name="Passkey entfernen").click()
    await expect(page.get_by_role("status")).to_contain_text("Passkey entfernt")
    await sign_out(browser_page)
    await go(browser_page, "/anmelden")
    await page.get_by_role("button", name="Mit Passkey anmelden").click()
    await expect(page.get_by_role("alert")).to_contain_text("Dieser Passkey wurde hier nicht")
    await look(browser_page, "passkey-refused")
    assert browser_page.complaints == [f"422: {browser_page.base_url}/anmelden/passkey"]
    browser_page.complaints.clear()


async def test_a_passkey_is_the_second_step_where_there_is_no_app(
    visiting: Visiting, new_person: NewPerson
) -> None:
    erika, visitor = await new_person(operator=True), await visiting("phone")
    page = visitor.page
    devices, device = await add_authenticator(page)
    await go(visitor, "/anmelden")
    await enter(visitor, erika)
    await page.get_by_role("button", name="Passkey einrichten").click()
    await expect(page.get_by_role("button", name="Abmelden")).to_be_visible()
    await sign_out(visitor)
    await go(visitor, "/anmelden")
    await enter(visitor, erika)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Passkey benutzen")
    await look(visitor, "second-step-passkey")
    # Somebody else holds the phone: the device does not know them.
    unknown = {"authenticatorId": device, "isUserVerified": False}
    await devices.send("WebAuthn.setUserVerified", unknown)
    await page.get_by_role("button", name="Passkey benutzen").click()
    await expect(page.get_by_role("alert")).to_contain_text("Abgebrochen.")
    await devices.send("WebAuthn.setUserVerified", unknown | {"isUserVerified": True})
    await page.get_by_role("button", name="Passkey benutzen").click()
    await expect(page.get_by_role("button", name="Abmelden")).to_be_visible()


async def test_changing_how_one_signs_in_asks_who_it_is(
    browser_page: Visitor, new_person: NewPerson
) -> None:
    erika, page = await new_person(), browser_page.page
    await go(browser_page, "/konto/bestaetigen?weiter=/konto/app")
    await enter(browser_page, erika)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Sind Sie es?")
    await look(browser_page, "proof")
    await page.get_by_label("Passwort").fill(PASSWORD)
    await page.get_by_role("button", name="Bestätigen").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("App einrichten")
    await look(browser_page, "app")
    await go(browser_page, "/konto/passwort")
    await page.get_by_label("Bisheriges Passwort").fill(PASSWORD)
    await page.get_by_label("Neues Passwort").fill("Sommer-2026!")
    await page.get_by_role("button", name="Passwort ändern").click()
    await expect(page.get_by_role("alert")).to_contain_text("als eines der ersten geraten")
    await look(browser_page, "password-refused")


async def test_the_pages_speak_english(visiting: Visiting, new_person: NewPerson) -> None:
    visitor, erika = await visiting(locale="en-GB"), await new_person(totp=True)
    page = visitor.page
    await go(visitor, "/anmelden")
    await page.get_by_label("E-mail address").fill(erika.email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await page.get_by_label("Six digits").fill(erika.code())
    await page.get_by_role("button", name="Continue").click()
    await go(visitor, "/konto?sprache=en")
    await expect(page.get_by_role("heading", level=1)).to_have_text("My account")
    await look(visitor, "account-english")


async def test_without_script_the_password_still_opens(
    visiting: Visiting, new_person: NewPerson
) -> None:
    visitor, erika = await visiting(), await new_person(totp=True)
    await visitor.page.route("**/*.js", lambda route: route.abort())
    await go(visitor, "/anmelden")
    await expect(visitor.page.get_by_role("button", name="Mit Passkey anmelden")).to_be_hidden()
    await enter(visitor, erika)
    await visitor.page.get_by_label("Sechs Ziffern").fill(erika.code())
    await visitor.page.get_by_role("button", name="Weiter").click()
    await expect(visitor.page.get_by_role("button", name="Abmelden")).to_be_visible()
    visitor.complaints.clear()  # the script that did not come
