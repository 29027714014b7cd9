"""The till's page, its worker, and what makes it installable."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest
from test_pages_headers import directives

from gutschein.web.security_headers import PAGE_POLICY
from gutschein.web.static import files
from gutschein.web.till_app import TILL_POLICY

PAGE = {"accept": "text/html"}


def told(worker: str) -> dict[str, Any]:
    """What the worker knows of its version."""
    found = re.match(r"const TILL = (\{.*\});\n", worker)
    assert found is not None
    return dict(json.loads(found[1]))


def test_the_till_may_do_little_more_than_a_page() -> None:
    """Use WebAssembly, start its one worker, and show the camera's picture."""
    page, till = directives(PAGE_POLICY), directives(TILL_POLICY)
    assert till["script-src"] == ["'self'", "'wasm-unsafe-eval'"]
    assert till["trusted-types"] == ["till"]
    assert till.keys() - page.keys() == {"worker-src", "media-src"}
    assert till["worker-src"] == till["media-src"] == ["'self'"]
    changed = {"script-src", "trusted-types"}
    assert {name: till[name] for name in page.keys() - changed} == {
        name: page[name] for name in page.keys() - changed
    }


async def test_the_camera_is_allowed_here_and_nowhere_else(anonymous: httpx.AsyncClient) -> None:
    till = await anonymous.get("/kasse", headers=PAGE)
    assert "camera=(self)" in till.headers["permissions-policy"]
    start = await anonymous.get("/", headers=PAGE)
    assert "camera=()" in start.headers["permissions-policy"]


@pytest.mark.parametrize("language", ["de", "en"])
async def test_the_page_is_the_same_for_everybody(
    anonymous: httpx.AsyncClient, language: str
) -> None:
    headers = {**PAGE, "accept-language": language}
    first = await anonymous.get("/kasse", headers=headers)
    again = await anonymous.get("/kasse", headers={**headers, "cookie": "sitzung=wrong"})
    assert first.status_code == 200
    assert first.text == again.text
    assert f'<html lang="{language}">' in first.text


async def test_the_worker_names_every_file_of_its_version(anonymous: httpx.AsyncClient) -> None:
    answer = await anonymous.get("/kasse/worker.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["service-worker-allowed"] == "/kasse"
    assert answer.headers["cache-control"] == "no-cache"
    version = told(answer.text)
    assert version["page"] == "/kasse"
    page = (await anonymous.get("/kasse", headers=PAGE)).text
    named = re.findall(r'(?:src|href)="(/static/assets/[^"]+)"', page)
    assert named
    assert set(named) <= set(version["files"])
    for path in version["files"]:
        assert path.removeprefix("/static/") in files()
    kinds = {path.rpartition(".")[2] for path in version["files"]}
    assert kinds == {"css", "js", "woff2"}
    # Browsers without WebCrypto for Ed25519 verify without a net too.
    assert any("/ed25519-" in path for path in version["files"])


async def test_the_till_can_be_installed(anonymous: httpx.AsyncClient) -> None:
    answer = await anonymous.get("/kasse/app.webmanifest")
    assert answer.headers["content-type"].startswith("application/manifest+json")
    manifest = answer.json()
    assert manifest["start_url"] == manifest["scope"] == "/kasse"
    for icon in manifest["icons"]:
        picture = await anonymous.get(icon["src"])
        assert picture.headers["content-type"] == "image/png"
        width, height = (int.from_bytes(picture.content[at : at + 4]) for at in (16, 20))
        assert icon["sizes"] == f"{width}x{height}"
