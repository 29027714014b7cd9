"""One's own account: password, authenticator, and where one is signed in."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from identity_stage import PASSWORD, Give, NewPerson, Reader

from gutschein.db.unit_of_work import Database
from gutschein.identity.notices import tell
from gutschein.identity.totp import code_at
from gutschein.signing.service_keys import ServiceKeys
from gutschein.web.rights import Role
from tests import waiting_mails
from tests.conftest import ConnectAs

NewReader = Callable[..., Reader]
NEW = "Vorhang-Teelicht-Abfluss"
SESSIONS = "/konto/sitzungen"


Mails = Callable[[str], Awaitable[list[str]]]


def secret_on(page: str) -> str:
    """The secret that a page tells for typing."""
    found = re.search(r'class="secret"[^>]*>([A-Z2-7 ]+)<', page)
    assert found
    return "".join(found[1].split())


@pytest.fixture
def mails_to(connect: ConnectAs, database_url: str, keys: ServiceKeys) -> Mails:
    """The texts of the mails to somebody that wait in the outbox."""

    async def read(email: str) -> list[str]:
        mails = await waiting_mails.mails_to(await connect(database_url, None), keys, email)
        return [f"{mail.subject}\n{mail.text}" for mail in mails]

    return read


async def test_a_new_password_signs_out_everywhere_else_and_a_mail_tells_of_it(
    new_reader: NewReader,
    new_person: NewPerson,
    mails_to: Mails,
) -> None:
    erika = await new_person()
    reader, other = new_reader(), new_reader()
    for each in (reader, other):
        await each.sign_in(erika)
    before = reader.session
    done = await reader.send("/konto/passwort", current=PASSWORD, new=NEW)
    assert done.headers["location"] == "/konto?erledigt=passwort"
    assert "Passwort geändert" in (await reader.get("/konto?erledigt=passwort")).text
    assert reader.session != before
    assert (await other.get("/konto")).status_code == 303
    assert (await new_reader().password(erika)).status_code == 422
    assert (await new_reader().password(erika, password=NEW)).status_code == 303
    (mail,) = await mails_to(erika.email)
    assert "Ihr Passwort wurde geändert." in mail
    assert "05.12.2026 um 10:00 Uhr, in diesem Browser: Firefox, Windows" in mail


@pytest.fixture
async def clerk(reader: Reader, new_person: NewPerson, give: Give) -> Reader:
    """Somebody with a role in Zwönitz, signed in."""
    erika = await new_person(totp=True)
    await give(erika, Role.CLERK)
    await reader.sign_in(erika)
    return reader


@pytest.mark.parametrize(
    ("current", "new", "said"),
    [
        ("Falsch-geraten-27", NEW, "current: Das Passwort stimmt nicht"),
        ("", NEW, "current: Das Passwort stimmt nicht"),
        (PASSWORD, "", "new: Bitte ausfüllen"),
        (PASSWORD, "zu-kurz", "new: Das Passwort braucht mindestens 12 Zeichen"),
        (PASSWORD, "Passwort123456", "new: Dieses Passwort wird als eines der ersten geraten"),
        (PASSWORD, "Erika-Muster-27", "new: Name, E-Mail-Adresse oder Stadt sind leicht"),
        (PASSWORD, "Zwönitz-2026-12", "new: Name, E-Mail-Adresse oder Stadt sind leicht"),
    ],
)
async def test_a_password_that_will_not_do_is_said_where_it_is_typed(
    clerk: Reader, current: str, new: str, said: str
) -> None:
    answer = await clerk.send("/konto/passwort", current=current, new=new)
    assert answer.status_code == 422
    field, words = said.split(": ")
    error = re.search(rf'id="{field}-error".*?</p>', answer.text, re.S)
    assert error
    assert words in error[0]
    assert (await clerk.get("/konto")).status_code == 200


async def test_ten_tries_at_the_current_password_and_no_more(
    reader: Reader, new_person: NewPerson
) -> None:
    """A session left open is no way to find the password out."""
    await reader.sign_in(await new_person())
    for _ in range(10):
        answer = await reader.send("/konto/passwort", current="Falsch-geraten-27", new=NEW)
        assert answer.status_code == 422
    assert (await reader.send("/konto/passwort", current=PASSWORD, new=NEW)).status_code == 429


async def test_factors_change_only_right_after_they_were_shown(
    reader: Reader, new_person: NewPerson
) -> None:
    erika = await new_person(totp=True)
    assert erika.totp_secret
    await reader.sign_in(erika)
    reader.clock.now += timedelta(minutes=10)
    proof = "/konto/bestaetigen?weiter=%2Fkonto%2Fapp"
    assert (await reader.get("/konto/app")).headers["location"] == proof
    assert (await reader.send("/konto/app", code="123456")).headers["location"] == proof
    assert (await reader.get("/konto/app/qr.svg")).status_code == 403
    removed = await reader.send("/konto/app/entfernen")
    assert removed.headers["location"] == "/konto/bestaetigen?weiter=%2Fkonto"
    added = await reader.send("/konto/passkeys/aufgabe")
    assert added.status_code == 403
    asked = await reader.get(proof)
    assert 'name="weiter" value="/konto/app"' in asked.text
    before = reader.session
    right = code_at(erika.totp_secret, reader.clock.now)
    for password, code in (("Falsch-geraten-27", right), (PASSWORD, "000000")):
        answer = await reader.send("/konto/bestaetigen", password=password, code=code)
        assert answer.status_code == 422
    answer = await reader.send(
        "/konto/bestaetigen", password=PASSWORD, code=right, weiter="/konto/app"
    )
    assert answer.headers["location"] == "/konto/app"
    assert reader.session != before
    assert (await reader.get("/konto/app")).status_code == 200


async def test_an_app_takes_the_place_of_another_once_its_code_was_typed(
    new_reader: NewReader,
    new_person: NewPerson,
    mails_to: Mails,
) -> None:
    erika = await new_person(totp=True)
    assert erika.totp_secret
    reader, other = new_reader(), new_reader()
    await reader.sign_in(erika)
    secret = secret_on((await reader.get("/konto/app")).text)
    assert secret != erika.totp_secret
    old = code_at(erika.totp_secret, reader.clock.now)
    assert (await reader.send("/konto/app", code=old)).status_code == 422
    await other.sign_in(erika)  # the old one still counts
    done = await reader.send("/konto/app", code=code_at(secret, reader.clock.now))
    assert done.headers["location"] == "/konto?erledigt=app"
    assert (await other.get("/konto")).status_code == 303
    await other.password(erika)
    reader.clock.now += timedelta(seconds=60)
    old = code_at(erika.totp_secret, reader.clock.now)
    assert (await other.send("/anmelden/code", code=old)).status_code == 422
    new = code_at(secret, reader.clock.now)
    assert (await other.send("/anmelden/code", code=new)).status_code == 303
    (mail,) = await mails_to(erika.email)
    assert "Eine Authenticator-App wurde eingerichtet." in mail


async def test_each_session_sets_up_a_secret_of_its_own(
    new_reader: NewReader, new_person: NewPerson
) -> None:
    erika = await new_person()
    first, second = new_reader(), new_reader()
    for reader in (first, second):
        await reader.sign_in(erika)
    secrets = [secret_on((await each.get("/konto/app")).text) for each in (first, second, first)]
    assert secrets[0] == secrets[2] != secrets[1]


async def test_the_last_second_factor_stays_where_the_work_needs_one(
    new_reader: NewReader, new_person: NewPerson, give: Give
) -> None:
    clerk, cashier = await new_person(totp=True), await new_person(totp=True)
    await give(clerk, Role.CLERK)
    await give(cashier, Role.CASHIER)
    reader = new_reader()
    await reader.sign_in(clerk)
    kept = await reader.send("/konto/app/entfernen")
    assert kept.status_code == 409
    assert "Bitte zuerst einen anderen einrichten." in kept.text
    reader = new_reader()
    await reader.sign_in(cashier)
    dropped = await reader.send("/konto/app/entfernen")
    assert dropped.headers["location"] == "/konto?erledigt=app-entfernt"
    assert (await new_reader().password(cashier)).headers["location"] == "/konto"


async def test_the_list_shows_where_one_is_signed_in_and_ends_what_one_likes(
    new_reader: NewReader, new_person: NewPerson
) -> None:
    erika, max_ = await new_person(totp=True), await new_person()
    phone = "Mozilla/5.0 (Linux; Android 10; K) Chrome/142.0.0.0 Mobile Safari/537.36"
    here, there, third, waiting = (
        new_reader(),
        new_reader(user_agent=phone),
        new_reader(user_agent="curl/8"),
        new_reader(),
    )
    for each in (here, there, third):
        await each.sign_in(erika)
    await waiting.password(erika)
    stranger = new_reader()
    await stranger.sign_in(max_)
    shown = (await here.get("/konto/sitzungen")).text
    for words in ("Firefox, Windows", "Chrome, Android", "Unbekannter Browser", "zweite Schritt"):
        assert words in shown, words
    assert shown.count("dieser hier") == 1
    item = next(each for each in shown.split("<li") if "Chrome, Android" in each)
    path = re.findall(r'action="(/konto/sitzungen/[0-9a-f-]{36}/beenden)"', item)[0]
    await stranger.send(path)  # somebody else's
    assert (await there.get("/konto")).status_code == 200
    ended = await here.send(path)
    assert ended.headers["location"] == "/konto/sitzungen?erledigt=eine"
    assert (await there.get("/konto")).status_code == 303
    assert (await third.get("/konto")).status_code == 200
    await here.send("/konto/sitzungen/andere-beenden")
    assert (await third.get("/konto")).status_code == 303
    assert (await waiting.get("/anmelden/code")).headers["location"].startswith("/anmelden?")
    assert (await here.get("/konto")).status_code == 200
    out = await here.send("/konto/sitzungen/alle-beenden")
    assert out.headers["location"] == "/"
    assert here.session is None
    assert (await here.send(f"/konto/sitzungen/{uuid4()}/beenden")).status_code in {303, 401}


async def test_whoever_ends_other_sessions_shows_first_who_they_are(
    new_reader: NewReader, new_person: NewPerson
) -> None:
    erika = await new_person()
    here, there = new_reader(), new_reader()
    for each in (here, there):
        await each.sign_in(erika)
    listed = re.findall(r'action="(/konto/sitzungen/[^"]+)"', (await here.get(SESSIONS)).text)
    assert len(listed) == 3
    here.clock.now += timedelta(minutes=10)
    for path in listed:
        asked = await here.send(path)
        assert asked.headers["location"] == "/konto/bestaetigen?weiter=%2Fkonto%2Fsitzungen"
    assert (await there.get("/konto")).status_code == 200
    proved = await here.send("/konto/bestaetigen", password=PASSWORD, weiter=SESSIONS)
    assert proved.headers["location"] == SESSIONS
    await here.send("/konto/sitzungen/andere-beenden")
    assert (await there.get("/konto")).status_code == 303


async def test_notices_speak_the_persons_language(
    people: Database, keys: ServiceKeys, new_person: NewPerson, reader: Reader, mails_to: Mails
) -> None:
    erika = await new_person()
    await reader.sign_in(erika)
    await reader.send("/konto/sprache", language="en")
    now: datetime = reader.clock.now
    changes: tuple[Any, ...] = ("totp_removed", "passkey_added", "passkey_copied")
    async with people.unit_of_work() as work:
        for change in changes:
            await tell(work, keys, erika.id, change, browser="Firefox, Linux", now=now)
    mails = await mails_to(erika.email)
    assert len(mails) == 3
    assert all("Your sign-in to Gutschein" in mail for mail in mails)
