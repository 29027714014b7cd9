from __future__ import annotations

import logging

import pytest
from litestar import Litestar
from page_app import BROWSER, approver, browsing, page_app

from gutschein.kernel.error_texts import ERROR_TEXTS
from gutschein.web.problem_page import prefers_page


@pytest.fixture
def app() -> Litestar:
    return page_app()


@pytest.mark.parametrize(
    ("accept", "page"),
    [
        (BROWSER, True),
        ("text/html", True),
        ("TEXT/HTML;charset=utf-8", True),
        ("text/html;q=0.9, application/json;q=0.8", True),
        ("text/html;q=0.8, application/problem+json", False),
        ("text/html, application/json", False),
        ("text/html;q=0", False),
        ("*/*", False),
        ("text/*", False),
        ("application/json", False),
        ("", False),
        ("text/html;;q=1,,=", True),
        ("html", False),
    ],
)
def test_only_who_asks_for_a_page_gets_one(accept: str, page: bool) -> None:
    assert prefers_page(accept) is page


async def test_a_browser_reads_a_page_with_the_same_status(app: Litestar) -> None:
    async with browsing(app) as client:
        for path, status, heading in (
            ("/nowhere", 404, "Nicht gefunden"),
            ("/refuses", 409, "Passt nicht zum jetzigen Stand"),
        ):
            answer = await client.get(path)
            assert answer.status_code == status
            assert answer.headers["content-type"].startswith("text/html")
            assert f'<h1 class="kern-heading-large">{heading}</h1>' in answer.text
        allowed = await client.delete("/form")
        assert (allowed.status_code, "GET" in allowed.headers["allow"]) == (405, True)


async def test_a_program_reads_a_problem_document(app: Litestar) -> None:
    for accept in ("*/*", "application/json"):
        async with browsing(app, accept=accept) as client:
            answer = await client.get("/refuses")
        assert answer.status_code == 409
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] == "voucher.blocked"


async def test_the_public_is_not_told_why_and_staff_are(app: Litestar) -> None:
    text = ERROR_TEXTS["voucher.blocked"]
    async with browsing(app) as client:
        public = (await client.get("/refuses")).text
    assert text.public_de in public
    assert text.staff_de not in public
    async with browsing(page_app(approver())) as client:
        assert text.staff_de in (await client.get("/refuses")).text
    async with browsing(app, **{"accept-language": "en"}) as client:
        assert text.public_en in (await client.get("/refuses")).text


async def test_what_nobody_expected_is_not_told_on_a_page(
    app: Litestar, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        async with browsing(app) as client:
            answer = await client.get("/fails")
    assert answer.status_code == 500
    assert "Fehler bei uns" in answer.text
    assert "secret" not in answer.text
    assert "the secret of the house" in caplog.text


async def test_who_is_not_signed_in_is_led_there_and_back(app: Litestar) -> None:
    async with browsing(app) as client:
        answer = await client.get("/needs-sign-in?a=1&b=ü")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/anmelden?weiter=/needs-sign-in%3Fa%3D1%26b%3D%25C3%25BC"
    assert "www-authenticate" not in answer.headers


async def test_a_strange_address_leads_back_to_nowhere_else(app: Litestar) -> None:
    async with browsing(app) as client:
        for query in ("x=\\evil", "//evil.example", "%0d%0alocation:x"):
            location = (await client.get(f"/needs-sign-in?{query}")).headers["location"]
            assert location.startswith("/anmelden")
            assert "\n" not in location


async def test_programs_are_told_to_sign_in_and_not_led(app: Litestar) -> None:
    async with browsing(app, accept="*/*") as client:
        answer = await client.get("/needs-sign-in")
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    async with browsing(app) as client:
        assert (await client.get("/api/v1/needs-sign-in")).status_code == 401
