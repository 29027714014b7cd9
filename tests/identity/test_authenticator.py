"""What the guard learns from a session's cookie."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from identity_stage import Give, NewPerson, Reader

from gutschein.identity.site import Site
from gutschein.web.rights import Role

NewReader = Callable[..., Reader]


async def test_without_a_cookie_somebody_is_nobody(reader: Reader) -> None:
    answer = await reader.get("/api/v1/towns", accept="application/json")
    assert (answer.status_code, answer.json()["code"]) == (401, "auth.required")


async def test_whatever_is_wrong_with_a_session_it_has_ended(
    new_reader: NewReader, new_person: NewPerson
) -> None:
    erika = await new_person()
    idle, made_up, empty = new_reader(), new_reader(), new_reader()
    await idle.sign_in(erika)
    idle.clock.now += timedelta(minutes=30)
    made_up.client.cookies.set("sitzung", "A" * 43)
    empty.client.cookies.set("sitzung", "")
    for reader in (idle, made_up, empty):
        answer = await reader.get("/api/v1/towns", accept="application/json")
        assert (answer.status_code, answer.json()["code"]) == (401, "session.ended")
        assert (await reader.get("/konto")).headers["location"] == "/anmelden?weiter=/konto"
        assert (await reader.get("/anmelden")).status_code == 200


async def test_a_session_in_use_goes_on(reader: Reader, new_person: NewPerson) -> None:
    await reader.sign_in(await new_person())
    for _ in range(4):
        reader.clock.now += timedelta(minutes=20)
        assert (await reader.get("/konto")).status_code == 200


async def test_a_cashier_with_a_password_alone_is_let_in_until_they_become_an_owner(
    reader: Reader, new_person: NewPerson, give: Give
) -> None:
    erika = await new_person()
    await give(erika, Role.CASHIER)
    await reader.sign_in(erika)
    await give(erika, Role.OWNER)
    assert (await reader.get("/konto")).headers["location"] == "/anmelden?weiter=/konto"
    led = await reader.get("/anmelden?weiter=/konto")
    assert led.headers["location"] == "/anmelden/zweiter-faktor?weiter=%2Fkonto"


def test_over_https_no_other_host_can_set_the_cookies() -> None:
    site = Site.of("https://gutschein.example")
    assert site.cookie_name("sitzung") == "__Host-sitzung"
    assert (site.origin, site.host) == ("https://gutschein.example", "gutschein.example")
    assert site.takes_passkeys


def test_without_tls_the_prefix_would_keep_browsers_from_keeping_them() -> None:
    site = Site.of("http://localhost:8000")
    assert site.cookie_name("sitzung") == "sitzung"
    assert (site.origin, site.host) == ("http://localhost:8000", "localhost")


def test_a_usual_port_is_not_named_and_a_bare_address_has_no_passkeys() -> None:
    assert Site.of("https://gutschein.example:443").origin == "https://gutschein.example"
    assert Site.of("https://[2001:db8::1]:8443").origin == "https://[2001:db8::1]:8443"
    assert not Site.of("http://127.0.0.1:8000").takes_passkeys
    assert not Site.of("https://[2001:db8::1]").takes_passkeys
