"""Guessing is slowed down; nobody is locked out by somebody else's guesses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from identity_stage import NewPerson, Reader, Somebody

from gutschein.identity.known_browsers import (
    ACCOUNTS_MAX,
    Browser,
    cookie_value,
    knows,
    new_browser,
    read_browser,
    remembering,
)
from gutschein.identity.totp import code_at
from gutschein.signing.service_keys import ServiceKeys

NewReader = Callable[..., Reader]
KEYS = ServiceKeys({"lookup": b"l" * 32})
OTHER_KEYS = ServiceKeys({"lookup": b"m" * 32})
ERIKA, MAX = b"e" * 32, b"m" * 32


async def guess(reader: Reader, somebody: Somebody) -> httpx.Response:
    return await reader.password(somebody, password="Falsch-geraten-27")


async def guess_out(new_reader: NewReader, somebody: Somebody) -> None:
    """Use up all guesses that strangers have for an account, from many addresses."""
    for _ in range(10):
        reader = new_reader()
        for _ in range(10):
            last = await guess(reader, somebody)
    assert last.status_code == 429


async def test_ten_wrong_passwords_from_one_address_and_no_more_for_a_while(
    new_reader: NewReader, new_person: NewPerson
) -> None:
    erika, max_ = await new_person(), await new_person()
    reader = new_reader()
    for _ in range(10):
        assert (await guess(reader, erika)).status_code == 422
    refused = await reader.password(erika)  # the right one this time
    assert refused.status_code == 429
    assert "Zu viele Versuche. Bitte 90 Sekunden warten." in refused.text
    assert (await new_reader().password(erika)).status_code == 303  # from anywhere else
    assert (await reader.password(max_)).status_code == 303  # for anybody else
    reader.clock.now += timedelta(seconds=90)
    assert (await reader.password(erika)).status_code == 303


async def test_an_account_that_does_not_exist_is_counted_just_as_well(
    reader: Reader, new_person: NewPerson
) -> None:
    erika = await new_person()
    for email in (erika.email, f"niemand.{erika.email}"):
        form = {"email": email, "password": "Falsch-geraten-27"}
        answers = [await reader.send("/anmelden", **form) for _ in range(11)]
        assert [answer.status_code for answer in answers] == [422] * 10 + [429]


async def test_many_guesses_at_once_are_no_way_around(
    reader: Reader, new_person: NewPerson
) -> None:
    erika = await new_person(totp=True)
    answers = await asyncio.gather(*(guess(reader, erika) for _ in range(15)))
    assert sorted(answer.status_code for answer in answers) == [422] * 10 + [429] * 5


@pytest.mark.slow
async def test_whatever_strangers_guess_the_owners_own_browser_still_opens(
    new_reader: NewReader, new_person: NewPerson
) -> None:
    erika = await new_person()
    own = new_reader()
    await own.sign_in(erika)
    await own.send("/abmelden")
    await guess_out(new_reader, erika)
    assert (await new_reader().password(erika)).status_code == 429
    assert (await own.password(erika)).status_code == 303
    assert (await guess(own, erika)).status_code == 422


async def test_the_owners_own_browser_opens_at_an_address_where_others_guessed(
    new_reader: NewReader, new_person: NewPerson
) -> None:
    erika = await new_person()
    address = "2001:db8:4242::7"
    own, others = new_reader(address), new_reader(address)
    await own.sign_in(erika)
    for number in range(4):
        stranger = await new_person(name=f"Person {number}")
        for _ in range(10):
            await guess(others, stranger)
    assert (await others.password(erika)).status_code == 429  # the address is used up
    assert (await own.password(erika)).status_code == 303


async def test_a_stolen_browser_cookie_has_ten_guesses_and_none_for_others(
    new_reader: NewReader, new_person: NewPerson
) -> None:
    erika, max_ = await new_person(), await new_person()
    own, thief = new_reader(), new_reader()
    await own.sign_in(erika)
    thief.client.cookies.set("browser", own.client.cookies["browser"], domain="test.local")
    for _ in range(10):
        assert (await guess(thief, erika)).status_code == 422
    assert (await guess(thief, erika)).status_code == 429
    for _ in range(10):
        assert (await guess(thief, max_)).status_code == 422
    assert (await guess(thief, max_)).status_code == 429


async def test_five_codes_and_no_more_for_a_minute(
    new_reader: NewReader, new_person: NewPerson
) -> None:
    erika = await new_person(totp=True)
    assert erika.totp_secret
    reader = new_reader()
    await reader.password(erika)
    right = code_at(erika.totp_secret, reader.clock.now)
    wrong = f"{(int(right) + 1) % 10**6:06}"
    for _ in range(5):
        assert (await reader.send("/anmelden/code", code=wrong)).status_code == 422
    assert (await reader.send("/anmelden/code", code=right)).status_code == 429
    elsewhere = new_reader()
    await elsewhere.password(erika)
    assert (await elsewhere.send("/anmelden/code", code=right)).status_code == 429
    reader.clock.now += timedelta(seconds=60)
    assert (await reader.code(erika)).status_code == 303


async def test_whoever_has_the_password_cannot_use_up_the_owners_codes(
    new_reader: NewReader, new_person: NewPerson
) -> None:
    erika = await new_person(totp=True)
    own, thief = new_reader(), new_reader()
    await own.sign_in(erika)
    await thief.password(erika)
    for _ in range(6):
        answer = await thief.send("/anmelden/code", code="000000")
    assert answer.status_code == 429
    await own.sign_in(erika)


async def test_challenges_for_passkeys_are_not_handed_out_without_end(reader: Reader) -> None:
    path = "/anmelden/passkey/aufgabe"
    answers = [await reader.client.post(path) for _ in range(61)]
    assert [answer.status_code for answer in answers] == [200] * 60 + [429]


# The cookie itself.


def test_a_browser_knows_the_accounts_it_was_signed_in_to() -> None:
    browser = remembering(KEYS, remembering(KEYS, None, ERIKA), MAX)
    found = read_browser(cookie_value(browser))
    assert found == browser
    assert knows(KEYS, browser, ERIKA)
    assert knows(KEYS, browser, MAX)
    assert not knows(KEYS, browser, b"x" * 32)
    assert not knows(OTHER_KEYS, browser, ERIKA)


def test_marks_count_in_their_own_browser_alone() -> None:
    browser = remembering(KEYS, None, ERIKA)
    assert not knows(KEYS, Browser(new_browser().number, browser.marks), ERIKA)


def test_a_browser_remembers_five_accounts_the_latest() -> None:
    accounts = [bytes([number]) * 32 for number in range(7)]
    browser = None
    for account in accounts:
        browser = remembering(KEYS, browser, account)
    assert browser is not None
    assert [knows(KEYS, browser, account) for account in accounts] == [False] * 2 + [True] * 5
    assert remembering(KEYS, browser, accounts[3]).marks[0] == browser.marks[3]
    assert len(remembering(KEYS, browser, accounts[3]).marks) == ACCOUNTS_MAX


@pytest.mark.parametrize(
    "value", [None, "", "x", "A" * 20, "A" * 22, "A" * 200, "ü", "A" * 42, "!" * 43]
)
def test_what_is_no_cookie_of_ours_is_no_browser(value: str | None) -> None:
    assert read_browser(value) is None
