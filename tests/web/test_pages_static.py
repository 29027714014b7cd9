from __future__ import annotations

import base64
import gzip
import hashlib
import re
from pathlib import Path

import pytest
from page_app import browsing, page_app

from gutschein.web import static
from gutschein.web.static import files, stylesheet

HREF = re.compile(r'href="(?P<path>/static/[^"]+)" integrity="sha384-(?P<hash>[^"]+)"')


async def test_a_browser_keeps_the_styles_for_ever_and_knows_them_by_their_hash() -> None:
    found = HREF.search(stylesheet())
    assert found is not None
    async with browsing(page_app(), **{"accept-encoding": "gzip, br"}) as client:
        answer = await client.get(found["path"])
        again = await client.get(found["path"], headers={"if-none-match": answer.headers["etag"]})
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == "Accept-Encoding"
    hashed = base64.b64encode(hashlib.sha384(answer.content).digest()).decode()
    assert hashed == found["hash"]
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == answer.headers["etag"]


async def test_who_takes_no_gzip_gets_none() -> None:
    name, file = next((each, file) for each, file in files().items() if each.endswith(".css"))
    async with browsing(page_app(), **{"accept-encoding": "identity"}) as client:
        answer = await client.get(f"/static/{name}")
    assert "content-encoding" not in answer.headers
    assert answer.content == file.content
    assert file.gzipped is not None
    assert gzip.decompress(file.gzipped) == file.content


async def test_the_face_of_the_pages_is_our_own() -> None:
    fonts = [name for name in files() if name.endswith(".woff2")]
    assert len(fonts) == 3
    async with browsing(page_app()) as client:
        answer = await client.get(f"/static/{fonts[0]}")
    assert answer.headers["content-type"] == "font/woff2"
    assert "content-encoding" not in answer.headers
    css = next(file.content for name, file in files().items() if name.endswith(".css"))
    assert not re.search(rb"url\(\s*['\"]?(?:https?:)?//", css)


@pytest.mark.parametrize(
    "path",
    [
        "/static/nothing.css",
        "/static/",
        "/static/.vite/manifest.json",
        "/static/.fingerprint",
        "/static/../pages.py",
        "/static/%2e%2e/pages.py",
        "/static/..%2fpages.py",
        "/static//etc/passwd",
    ],
)
async def test_nothing_else_is_served(path: str) -> None:
    async with browsing(page_app(), accept="*/*") as client:
        answer = await client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "request.not_found")


async def test_the_tab_has_a_sign_and_search_engines_a_rule() -> None:
    async with browsing(page_app()) as client:
        sign, rule = await client.get("/favicon.svg"), await client.get("/robots.txt")
    assert sign.headers["content-type"] == "image/svg+xml; charset=utf-8"
    assert sign.headers["cache-control"] == "public, max-age=86400"
    assert rule.headers["content-type"] == "text/plain; charset=utf-8"
    assert "Disallow: /form$" in rule.text
    assert "Sitemap: http://test/sitemap.xml" in rule.text


def test_what_is_not_built_is_said_at_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(static, "MANIFEST", tmp_path / "manifest.json")
    files.cache_clear()
    try:
        with pytest.raises(static.NotBuilt, match="make set-up"):
            files()
    finally:
        files.cache_clear()


def test_a_script_that_is_not_there_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        static.script("no_such_script")
