from __future__ import annotations

import re

import httpx
import pytest
from api_fixtures import fresh_id
from litestar import Litestar, Response, get
from page_app import BROWSER, approver, browsing, page_app
from route_table import routed

from gutschein.web.security_headers import DATA_POLICY, PAGE_POLICY
from gutschein.web.till_app import TILL_POLICY, WORKER_POLICY

ALWAYS = {
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
STYLE = "/farbe/0b5d3b.css"
#: The till needs more than any page, and says so itself.
POLICIES = {"/kasse": TILL_POLICY, "/kasse/worker.js": WORKER_POLICY}


def directives(policy: str) -> dict[str, list[str]]:
    parts = (part.split() for part in policy.split(";"))
    return {name: values for name, *values in parts}


def test_a_page_loads_nothing_but_ours_and_nothing_inline() -> None:
    policy = directives(PAGE_POLICY)
    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == ["'self'"]
    assert policy["frame-ancestors"] == policy["base-uri"] == ["'none'"]
    assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "https:", "http:"} & set(
        PAGE_POLICY.replace(";", "").split()
    )
    allowed_to_data = directives(DATA_POLICY)
    assert allowed_to_data.keys() == {"default-src", "base-uri", "form-action", "frame-ancestors"}
    assert all(sources == ["'none'"] for sources in allowed_to_data.values())


@pytest.mark.parametrize(
    ("path", "policy"),
    [
        ("/", PAGE_POLICY),
        ("/form", PAGE_POLICY),
        ("/nowhere", PAGE_POLICY),
        ("/refuses", PAGE_POLICY),
        ("/fails", PAGE_POLICY),
        ("/needs-sign-in", DATA_POLICY),
        ("/robots.txt", DATA_POLICY),
        ("/favicon.svg", DATA_POLICY),
        (STYLE, DATA_POLICY),
    ],
)
async def test_every_kind_of_answer_is_guarded(path: str, policy: str) -> None:
    async with browsing(page_app(approver())) as client:
        for method in ("GET", "HEAD", "OPTIONS", "DELETE"):
            headers = (await client.request(method, path)).headers
            assert ALWAYS.items() <= headers.items()
            assert headers["referrer-policy"] == "same-origin"
            assert "camera=()" in headers["permissions-policy"]
            assert "strict-transport-security" not in headers
            if method in {"GET", "HEAD"}:
                assert headers["content-security-policy"] == policy


async def test_no_answer_of_the_service_goes_without(
    anonymous: httpx.AsyncClient, app: Litestar
) -> None:
    for method, template in routed(app):
        path = re.sub(r"\{\w+\}", fresh_id(), template)
        for accept in ("*/*", BROWSER):
            answer = await anonymous.request(method, path, headers={"accept": accept})
            assert ALWAYS.items() <= answer.headers.items(), (method, path)
            assert answer.headers["referrer-policy"] in {"same-origin", "no-referrer"}
            is_page = answer.headers.get("content-type", "").startswith("text/html")
            policy = PAGE_POLICY if is_page else DATA_POLICY
            if method != "OPTIONS":
                policy = POLICIES.get(template, policy)
            assert answer.headers["content-security-policy"] == policy, (method, path)
            # Other sites' scripts read nothing here.
            assert not any(name.startswith("access-control-") for name in answer.headers)
    answer = await anonymous.get(f"/nowhere/{fresh_id()}")
    assert ALWAYS.items() <= answer.headers.items()


@pytest.mark.parametrize("path", ["/", "/robots.txt", "/favicon.svg", STYLE])
async def test_what_is_text_says_how_it_is_encoded(path: str) -> None:
    async with browsing(page_app()) as client:
        assert (await client.get(path)).headers["content-type"].endswith("; charset=utf-8")


async def test_nothing_is_kept_that_does_not_say_so() -> None:
    async with browsing(page_app(approver())) as client:
        for path in ("/", "/form", "/refuses", "/nowhere"):
            assert (await client.get(path)).headers["cache-control"] == "no-store"
        assert "immutable" in (await client.get(STYLE)).headers["cache-control"]


async def test_https_stays_https() -> None:
    async with browsing(page_app(public_url="https://gutschein.example")) as client:
        for path in ("/", "/nowhere", STYLE):
            sent = (await client.get(path)).headers["strict-transport-security"]
            assert sent == "max-age=63072000; includeSubDomains"


async def test_a_handler_may_ask_for_more() -> None:
    @get("/scanner")
    async def scanner() -> Response[str]:
        return Response("", media_type="text/html", headers={"permissions-policy": "camera=(self)"})

    app = page_app()
    app.register(scanner)
    async with browsing(app) as client:
        headers = (await client.get("/scanner")).headers
    assert headers.get_list("permissions-policy") == ["camera=(self)"]
    assert headers["content-security-policy"] == PAGE_POLICY
