"""What a phone loads before it sees the till stays light."""

from __future__ import annotations

import re

import httpx

MOST_BYTES = 70_000


async def test_scripts_and_styles_of_the_first_screen_stay_light(
    anonymous: httpx.AsyncClient,
) -> None:
    """The reader of QR codes comes after it, and only where browsers have none."""
    headers = {"accept": "text/html", "accept-encoding": "gzip"}
    page = (await anonymous.get("/kasse", headers=headers)).text
    named = set(re.findall(r'(?:src|href)="(/static/[^"]+\.(?:css|js))"', page))
    kinds = sorted(path.rpartition(".")[2] for path in named)
    assert kinds.count("css") == 2
    assert kinds.count("js") >= 2
    assert not [path for path in named if "ponyfill" in path or "zxing" in path]
    loaded = {}
    for path in named:
        answer = await anonymous.get(path, headers=headers)
        assert answer.headers["content-encoding"] == "gzip"
        loaded[path] = int(answer.headers["content-length"])
    assert sum(loaded.values()) <= MOST_BYTES, loaded
