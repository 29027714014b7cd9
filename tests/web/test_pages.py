from __future__ import annotations

from datetime import UTC, datetime

import pytest
from litestar import get
from page_app import BROWSER, CSRF_TOKEN, approver, browsing, page_app

from gutschein.web.instants import format_instant, machine_instant
from gutschein.web.local_path import is_local, local_or_home, sign_in_path
from gutschein.web.navigation import NAVIGATION
from gutschein.web.pages import LegalPages, see_other


async def test_the_start_page_is_german_unless_asked() -> None:
    async with browsing(page_app()) as client:
        answer = await client.get("/")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-language"] == "de"
    assert '<html lang="de">' in answer.text
    assert "Gutscheine, die in der Stadt bleiben." in answer.text


async def test_the_browsers_language_counts() -> None:
    async with browsing(page_app(), **{"accept-language": "en-GB,en;q=0.9,de;q=0.5"}) as client:
        answer = await client.get("/")
    assert answer.headers["content-language"] == "en"
    assert '<html lang="en">' in answer.text
    assert "Vouchers that stay in town." in answer.text
    assert answer.headers["vary"] == "Accept-Language, Cookie"


async def test_the_chosen_language_counts_more_and_stays() -> None:
    async with browsing(page_app(), **{"accept-language": "en"}) as client:
        chosen = await client.get("/?sprache=de")
        assert chosen.headers["content-language"] == "de"
        cookie = chosen.headers["set-cookie"].lower()
        assert cookie.startswith("sprache=de;")
        assert {"samesite=lax", "path=/", "httponly"} <= set(cookie.split("; "))
        assert "secure" not in cookie
        assert (await client.get("/")).headers["content-language"] == "de"
        assert (await client.get("/?sprache=en")).headers["content-language"] == "en"
        assert (await client.get("/")).headers["content-language"] == "en"


async def test_its_cookie_is_secure_where_the_service_is() -> None:
    app = page_app(public_url="https://test")
    async with browsing(app) as client:
        cookie = (await client.get("/?sprache=en")).headers["set-cookie"]
    assert cookie.startswith("__Host-sprache=en;")
    assert "secure" in cookie.lower()
    async with browsing(app, cookie="__Host-sprache=en") as client:
        assert (await client.get("/")).headers["content-language"] == "en"


@pytest.mark.parametrize("chosen", ["", "fr", "de,en", "%0d%0aset-cookie:a=b"])
async def test_no_other_language_can_be_chosen(chosen: str) -> None:
    async with browsing(page_app()) as client:
        answer = await client.get(f"/?sprache={chosen}")
    assert answer.headers["content-language"] == "de"
    assert "set-cookie" not in answer.headers


async def test_the_switch_leads_to_the_same_page_in_the_other_language() -> None:
    async with browsing(page_app()) as client:
        answer = await client.get('/?stadt=Zw%C3%B6nitz&sprache=de&x="><b>')
    assert 'href="?stadt=Zw%C3%B6nitz&amp;x=%22%3E%3Cb%3E&amp;sprache=en"' in answer.text
    assert "<b>" not in answer.text


async def test_who_is_signed_in_sees_so_and_can_sign_out() -> None:
    async with browsing(page_app(approver())) as client:
        text = (await client.get("/form")).text
    assert "Jana Beispiel" in text
    assert '<form class="account" method="post" action="/abmelden">' in text
    proof = '<input type="hidden" name="csrf_token" value="proof&#34;of&lt;the&gt;session">'
    assert text.count(proof) == 2  # to sign out, and the page's own form
    assert CSRF_TOKEN not in text


async def test_the_start_page_knows_who_is_signed_in() -> None:
    async with browsing(page_app(approver())) as client:
        assert "Jana Beispiel" in (await client.get("/")).text
        ended = await client.get("/", headers={"cookie": "bad=session"})
    assert ended.status_code == 200
    assert "Jana Beispiel" not in ended.text


async def test_who_is_not_signed_in_gets_no_proof() -> None:
    async with browsing(page_app()) as client:
        text = (await client.get("/form")).text
    assert "csrf_token" not in text
    assert "/abmelden" not in text


async def test_no_link_leads_nowhere() -> None:
    app = page_app(approver())
    async with browsing(app) as client:
        text = (await client.get("/")).text
    for path in ("/anmelden", "/guthaben", "/uebersicht", *(entry.path for entry in NAVIGATION)):
        assert f'href="{path}"' not in text


async def test_the_menu_shows_what_one_may_do() -> None:
    @get(["/freigaben", "/uebersicht", "/konto"])
    async def page_there() -> None:
        return None

    app = page_app(approver())
    app.register(page_there)
    async with browsing(app) as client:
        text = (await client.get("/form")).text
    assert '<a class="site-nav__link" href="/freigaben">Freigaben</a>' in text
    assert 'href="/konto"' in text
    nobody = page_app()
    nobody.register(page_there)
    async with browsing(nobody) as client:
        assert "site-nav" not in (await client.get("/form")).text


async def test_the_operators_imprint_stands_at_the_foot() -> None:
    app = page_app()
    async with browsing(app) as client:
        assert "Impressum" not in (await client.get("/")).text
        app.state.legal_pages = LegalPages(imprint="https://stadt.example/impressum?a=1&b=2")
        text = (await client.get("/")).text
    assert 'href="https://stadt.example/impressum?a=1&amp;b=2">Impressum</a>' in text
    assert "Datenschutz" not in text


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "javascript:alert(1)",
        "evil.example",
        " /",
        "/a\\b",
        "/a b",
        "/\x00",
        "",
    ],
)
def test_a_redirect_never_leaves_the_service(path: str) -> None:
    assert not is_local(path)
    assert local_or_home(path) == "/"
    assert sign_in_path(path) == "/anmelden"
    with pytest.raises(ValueError, match="not a path of ours"):
        see_other(path)


@pytest.mark.parametrize("path", ["/", "/konto", "/freigaben/1?stadt=Zw%C3%B6nitz&a=b#c", "/a//b"])
def test_within_the_service_it_leads_anywhere(path: str) -> None:
    assert local_or_home(path) == path
    answer = see_other(path)
    assert (answer.status_code, answer.url) == (303, path)


def test_the_way_back_survives_the_sign_in_page() -> None:
    assert sign_in_path("/a?b=c&d=ä") == "/anmelden?weiter=/a%3Fb%3Dc%26d%3D%C3%A4"
    assert local_or_home(None) == "/"


def test_instants_are_those_of_the_town() -> None:
    summer = datetime(2026, 7, 1, 22, 5, tzinfo=UTC)
    assert format_instant(summer) == "02.07.2026, 00:05 Uhr"
    assert format_instant(summer, "en") == "02.07.2026, 00:05"
    assert machine_instant(summer) == "2026-07-02T00:05:00+02:00"
    with pytest.raises(ValueError, match="time zone"):
        format_instant(datetime(2026, 7, 1))  # noqa: DTZ001 - the point


async def test_a_page_of_a_browser_accepts_what_browsers_send() -> None:
    async with browsing(page_app()) as client:
        assert client.headers["accept"] == BROWSER
        assert (await client.head("/")).status_code == 200
