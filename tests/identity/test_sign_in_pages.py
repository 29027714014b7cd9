"""Signing in and out as a browser without scripts does it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from http.cookies import SimpleCookie

import httpx
import pytest
from identity_stage import Give, NewPerson, Reader

from gutschein.db.unit_of_work import Database
from gutschein.identity.roles import revoke_role
from gutschein.identity.site import Site
from gutschein.identity.totp import code_at
from gutschein.web.rights import Role

NewReader = Callable[..., Reader]


def cookies_of(response: httpx.Response) -> SimpleCookie:
    cookies = SimpleCookie()
    for header in response.headers.get_list("set-cookie"):
        cookies.load(header)
    return cookies


async def test_password_and_code_open_the_account(reader: Reader, new_person: NewPerson) -> None:
    erika = await new_person(totp=True)
    answer = await reader.password(erika)
    assert (answer.status_code, answer.headers["location"]) == (303, "/anmelden/code")
    asked = await reader.get("/anmelden/code")
    assert 'autocomplete="one-time-code"' in asked.text
    answer = await reader.code(erika)
    assert (answer.status_code, answer.headers["location"]) == (303, "/konto")
    account = await reader.get("/konto")
    assert "Erika Muster" in account.text
    assert erika.email in account.text


async def test_signing_in_leads_to_where_somebody_wanted_and_nowhere_else(
    new_reader: NewReader, new_person: NewPerson
) -> None:
    erika = await new_person(totp=True)
    reader = new_reader()
    refused = await reader.get("/konto/sitzungen?erledigt=eine")
    assert refused.headers["location"] == "/anmelden?weiter=/konto/sitzungen%3Ferledigt%3Deine"
    asked = await reader.get(refused.headers["location"])
    assert 'name="weiter" value="/konto/sitzungen?erledigt=eine"' in asked.text
    answer = await reader.password(erika, weiter="/konto/sitzungen?erledigt=eine")
    asked = await reader.get(answer.headers["location"])
    assert 'name="weiter" value="/konto/sitzungen?erledigt=eine"' in asked.text
    reader.clock.now += timedelta(seconds=30)
    assert erika.totp_secret
    code = code_at(erika.totp_secret, reader.clock.now)
    answer = await reader.send("/anmelden/code", code=code, weiter="/konto/sitzungen?erledigt=eine")
    assert answer.headers["location"] == "/konto/sitzungen?erledigt=eine"
    max_ = await new_person()
    for elsewhere in ("//evil.example", "https://evil.example", "/\\evil.example", "javascript:1"):
        answer = await new_reader().password(max_, weiter=elsewhere)
        assert answer.headers["location"] == "/konto"


async def test_wrong_password_and_unknown_account_are_answered_alike(
    new_reader: NewReader, new_person: NewPerson, people: Database
) -> None:
    erika, invited, gone = await new_person(), await new_person(password=None), await new_person()
    async with people.unit_of_work() as work:
        await work.exec_driver_sql(
            f"UPDATE person SET disabled_at = '2026-12-01Z' WHERE id = '{gone.id}'"
        )
    tries = [
        (erika.email, "Falsch-geraten-27"),
        (invited.email, "Falsch-geraten-27"),
        (gone.email, gone.password),
        ("niemand@rathaus.example", "Falsch-geraten-27"),
        ("gar keine Adresse", "Falsch-geraten-27"),
    ]
    seen = set()
    for email, password in tries:
        answer = await new_reader().send("/anmelden", email=email, password=password)
        headers = {
            name: value
            for name, value in answer.headers.items()
            if name not in {"content-length", "date"}
        }
        seen.add(
            (answer.status_code, answer.text.replace(email, "…"), tuple(sorted(headers.items())))
        )
    assert len(seen) == 1
    status, text, _ = seen.pop()
    assert status == 422
    assert "E-Mail-Adresse oder Passwort stimmt nicht." in text


async def test_a_code_opens_once_also_for_two_requests_at_once(
    new_reader: NewReader, new_person: NewPerson
) -> None:
    erika = await new_person(totp=True)
    assert erika.totp_secret
    for _ in range(5):
        first, second = new_reader(), new_reader()
        for reader in (first, second):
            await reader.password(erika)
        first.clock.now += timedelta(seconds=90)
        code = code_at(erika.totp_secret, first.clock.now)
        answers = await asyncio.gather(
            *(reader.send("/anmelden/code", code=code) for reader in (first, second))
        )
        assert sorted(answer.status_code for answer in answers) == [303, 422]
        first.clock.now += timedelta(minutes=5)  # for the limit


async def test_a_code_that_was_used_opens_nothing_in_its_own_minute(
    new_reader: NewReader, new_person: NewPerson
) -> None:
    erika = await new_person(totp=True)
    assert erika.totp_secret
    first, thief = new_reader(), new_reader()
    await first.sign_in(erika)
    used = code_at(erika.totp_secret, first.clock.now)
    await thief.password(erika)
    answer = await thief.send("/anmelden/code", code=used)
    assert answer.status_code == 422
    assert "wurde schon benutzt" in answer.text
    assert (await thief.get("/konto")).headers["location"].startswith("/anmelden")


async def test_while_the_second_factor_is_missing_nothing_else_opens(
    reader: Reader, new_person: NewPerson
) -> None:
    erika = await new_person(totp=True)
    await reader.password(erika)
    for path in ("/konto", "/konto/app", "/konto/passwort", "/konto/passkeys/neu"):
        assert (await reader.get(path)).headers["location"].startswith("/anmelden?weiter=")
    assert (await reader.get("/anmelden")).headers["location"] == "/anmelden/code"
    assert (await reader.get("/anmelden/zweiter-faktor")).headers["location"] == "/anmelden/code"
    assert (await reader.get("/anmelden/zweiter-faktor/qr.svg")).status_code == 303
    other = await reader.send("/anmelden/zweiter-faktor", code="123456")
    assert other.status_code == 401 or other.headers["location"] == "/anmelden"
    changed = await reader.send("/konto/passwort", new="Etwas-ganz-anderes-5")
    assert changed.headers["location"] == "/anmelden"
    api = await reader.client.get("/api/v1/towns", headers={"accept": "application/json"})
    assert api.status_code == 401


async def test_after_signing_out_a_stolen_cookie_opens_nothing(
    new_reader: NewReader, new_person: NewPerson
) -> None:
    erika = await new_person(totp=True)
    reader, thief = new_reader(), new_reader()
    await reader.sign_in(erika)
    thief.client.cookies.set("sitzung", reader.session or "")
    assert (await thief.get("/konto")).status_code == 200
    out = await reader.send("/abmelden")
    assert (out.status_code, out.headers["location"]) == (303, "/")
    assert reader.session is None
    assert (await thief.get("/konto")).headers["location"] == "/anmelden?weiter=/konto"
    api = await thief.client.get("/api/v1/towns", headers={"accept": "application/json"})
    assert (api.status_code, api.json()["code"]) == (401, "session.ended")
    put_away = cookies_of(await thief.get("/anmelden"))
    assert put_away["sitzung"].value == ""
    assert put_away["sitzung"]["max-age"] == "0"
    assert (await reader.send("/abmelden")).status_code == 303  # once more does no harm


@pytest.mark.parametrize("path", ["/abmelden", "/konto/sitzungen/alle-beenden"])
async def test_the_browser_forgets_the_pages_of_a_session_that_was_ended(
    reader: Reader, new_person: NewPerson, path: str
) -> None:
    await reader.sign_in(await new_person(totp=True))
    assert (await reader.get("/konto")).headers["cache-control"] == "no-store"
    out = await reader.send(path)
    assert out.headers["clear-site-data"] == '"cache"'
    assert cookies_of(out)["sitzung"]["max-age"] == "0"


async def test_a_role_taken_away_opens_nothing_from_the_next_request_on(
    reader: Reader, new_person: NewPerson, give: Give, people: Database
) -> None:
    erika = await new_person(totp=True)
    granted = await give(erika, Role.CLERK)
    await reader.sign_in(erika)
    path = f"/api/v1/towns/{granted.town_id}"
    assert (await reader.get(path, accept="application/json")).status_code == 200
    async with people.unit_of_work() as work:
        await revoke_role(work, granted.id, by=None, now=reader.clock.now)
    refused = await reader.get(path, accept="application/json")
    assert (refused.status_code, refused.json()["code"]) == (403, "right.missing")


async def test_the_session_has_a_new_token_after_each_step(
    reader: Reader, new_person: NewPerson
) -> None:
    erika = await new_person(totp=True)
    reader.client.cookies.set("sitzung", "chosen-by-somebody-else", domain="test.local")
    await reader.password(erika)
    after_password = reader.session
    await reader.code(erika)
    after_code = reader.session
    await reader.sign_in(erika)
    assert len({"chosen-by-somebody-else", after_password, after_code, reader.session}) == 4


async def test_signing_in_again_ends_the_session_before(
    new_reader: NewReader, new_person: NewPerson
) -> None:
    erika = await new_person(totp=True)
    reader, other = new_reader(), new_reader()
    await reader.sign_in(erika)
    other.client.cookies.set("sitzung", reader.session or "")
    await reader.sign_in(erika)
    assert (await other.get("/konto")).status_code == 303


async def test_cookies_are_out_of_reach_of_scripts_and_other_sites(
    reader: Reader, new_person: NewPerson
) -> None:
    erika = await new_person()
    cookies = cookies_of(await reader.password(erika))
    assert set(cookies) == {"sitzung", "browser", "sprache"}
    for cookie in cookies.values():
        assert cookie["httponly"] is True
        assert cookie["samesite"].lower() == "lax"
        assert (cookie["path"], cookie["domain"]) == ("/", "")
    assert cookies["sitzung"]["max-age"] == ""  # gone with the browser
    assert int(cookies["browser"]["max-age"]) == 400 * 24 * 3600


@pytest.mark.parametrize(
    ("headers", "taken"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"sec-fetch-site": "cross-site", "origin": "http://127.0.0.1:8000"}, False),
        ({"origin": "http://127.0.0.1:8000"}, True),
        ({"origin": "http://127.0.0.1:8001"}, False),
        ({"origin": "https://127.0.0.1:8000"}, False),
        ({"origin": "null"}, False),
        ({}, False),
    ],
)
async def test_no_other_site_can_sign_somebody_in_or_out(
    reader: Reader, new_person: NewPerson, headers: dict[str, str], taken: bool
) -> None:
    erika = await new_person()
    del reader.client.headers["sec-fetch-site"]
    form = {"email": erika.email, "password": erika.password}
    answer = await reader.client.post("/anmelden", data=form, headers=headers)
    assert answer.status_code == (303 if taken else 403)
    assert ("sitzung" in answer.cookies) is taken
    for path in ("/abmelden", "/anmelden/code", "/anmelden/passkey/aufgabe"):
        refused = await reader.client.post(path, headers=headers)
        assert (refused.status_code == 403) is not taken, path


async def test_forms_without_the_sessions_proof_change_nothing(
    reader: Reader, new_person: NewPerson
) -> None:
    erika = await new_person()
    await reader.sign_in(erika)
    for token in ("", "0" * 64):
        answer = await reader.send("/konto/sprache", language="en", csrf_token=token)
        assert answer.status_code == 403
    assert (await reader.send("/konto/sprache", language="en")).status_code == 303


async def test_roles_with_two_factors_set_the_second_up_right_after_the_password(
    reader: Reader, new_person: NewPerson, give: Give
) -> None:
    erika = await new_person()
    await give(erika, Role.APPROVER)
    answer = await reader.password(erika, weiter="/konto/sitzungen")
    assert answer.headers["location"] == "/anmelden/zweiter-faktor?weiter=%2Fkonto%2Fsitzungen"
    assert (await reader.get("/konto")).headers["location"].startswith("/anmelden")
    page = await reader.get(answer.headers["location"])
    secret = "".join(page.text.split('class="secret"')[1].split(">")[1].split("<")[0].split())
    image = await reader.get("/anmelden/zweiter-faktor/qr.svg")
    assert image.headers["content-type"] == "image/svg+xml; charset=utf-8"
    assert image.headers["cache-control"] == "no-store"
    wrong = await reader.send("/anmelden/zweiter-faktor", code="000000")
    assert wrong.status_code == 422
    assert secret[:4] in wrong.text  # the app is set up already, so the secret stays
    done = await reader.send(
        "/anmelden/zweiter-faktor",
        code=code_at(secret, reader.clock.now),
        weiter="/konto/sitzungen",
    )
    assert done.headers["location"] == "/konto/sitzungen"
    assert (await reader.get("/konto")).status_code == 200
    again = await reader.password(erika)
    assert again.headers["location"] == "/anmelden/code"


async def test_a_missing_field_is_said_where_it_is_missing(reader: Reader) -> None:
    answer = await reader.send("/anmelden", email="erika@rathaus.example")
    assert answer.status_code == 422
    assert 'value="erika@rathaus.example"' in answer.text
    assert 'id="password-error"' in answer.text
    odd = await reader.send("/anmelden", email="a@b.de", password="x", admin="1")
    assert odd.status_code == 422


async def test_the_password_is_never_shown_again(reader: Reader, new_person: NewPerson) -> None:
    erika = await new_person()
    answer = await reader.send("/anmelden", email=erika.email, password="Falsch-geraten-27")
    assert "Falsch-geraten-27" not in answer.text


async def test_the_account_speaks_its_own_language_in_a_new_browser(
    new_reader: NewReader, new_person: NewPerson
) -> None:
    erika = await new_person()
    first = new_reader()
    await first.sign_in(erika)
    await first.send("/konto/sprache", language="en")
    second = new_reader()
    await second.sign_in(erika)
    assert "My account" in (await second.get("/konto")).text


async def test_the_technical_log_names_nobody_and_tells_no_secret(
    reader: Reader, new_person: NewPerson, caplog: pytest.LogCaptureFixture
) -> None:
    erika = await new_person(totp=True)
    with caplog.at_level(logging.INFO, "gutschein.identity"):
        await reader.send("/anmelden", email=erika.email, password="Falsch-geraten-27")
        await reader.password(erika)
        await reader.send("/anmelden/code", code="000000")
        await reader.code(erika)
    lines = [record.getMessage() for record in caplog.records if "identity" in record.name]
    assert [line.split(":")[0] for line in lines] == [
        "password refused",
        "password accepted",
        "one-time code refused",
        "one-time code accepted",
    ]
    told = "".join(lines)
    assert told.count(str(erika.id)) == 3
    for secret in (erika.email, erika.name, erika.password, "Falsch-geraten-27", "000000"):
        assert secret not in told


async def test_over_https_the_cookies_are_for_this_host_alone(
    reader: Reader, new_person: NewPerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    erika = await new_person()
    monkeypatch.setattr(reader.app.state, "site", Site.of("https://gutschein.example"))
    cookies = cookies_of(await reader.password(erika))
    assert set(cookies) == {"__Host-sitzung", "__Host-browser", "__Host-sprache"}
    for cookie in cookies.values():
        assert cookie["secure"] is True
        assert (cookie["path"], cookie["domain"]) == ("/", "")


async def test_owners_and_cashiers_stay_signed_in_when_the_browser_closes(
    reader: Reader, new_person: NewPerson, give: Give
) -> None:
    erika = await new_person()
    await give(erika, Role.CASHIER)
    cookies = cookies_of(await reader.password(erika))
    assert int(cookies["sitzung"]["max-age"]) == 7 * 24 * 3600
