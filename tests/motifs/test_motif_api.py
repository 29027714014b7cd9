"""A town brings a motif over HTTP, and everybody sees the picture in the town's colour."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest
from api_fixtures import Api, code_of, towns_path
from brought_pictures import motif_input, picture

from gutschein.motifs.built_in import BUILT_IN, drawing


@pytest.fixture
async def town(api: Api) -> dict[str, Any]:
    """A town with a storefront, in its own colour."""
    made = await api.new_town(brand_colour="#8a1538")
    slug = f"stadt-{uuid4().hex[:12]}"
    facts = {"slug": slug, "intro": "Ein Gutschein, viele Läden.", "intro_en": None}
    put = await api.client.put(towns_path(made, "storefront"), json=facts)
    assert put.status_code == 200, put.text
    return made | {"slug": slug}


async def put(api: Api, town: dict[str, Any], key: str, body: object) -> httpx.Response:
    return await api.client.put(towns_path(town, f"motifs/{key}"), json=body)


async def test_a_motif_is_brought_once_and_called_anew(api: Api, town: dict[str, Any]) -> None:
    first = await put(api, town, "bergparade", motif_input())
    assert first.status_code == 201, first.text
    assert first.headers["location"] == towns_path(town, "motifs/bergparade")
    assert first.json()["media_type"] == "image/png"
    assert (await put(api, town, "bergparade", motif_input())).json() == first.json()
    words = {name: text for name, text in motif_input("Parade").items() if name != "picture"}
    again = await put(api, town, "bergparade", words | {"is_active": False})
    assert again.status_code == 200
    listed = (await api.get(towns_path(town, "motifs"))).json()
    assert listed == {"motifs": [again.json()]}
    assert "picture" not in again.json()


async def test_what_is_refused(api: Api, town: dict[str, Any]) -> None:
    svg = {"picture": "PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciLz4="}
    for key, changes, code in (
        ("x", svg, "motif.picture"),
        ("x", {"picture": None}, "motif.unknown"),
        ("x", {"picture": "?"}, "request.invalid"),
        ("x", {"name_de": ""}, "request.invalid"),
        ("x", {"alt_en": "a\nb"}, "request.invalid"),
        ("town", {}, "motif.exists"),
        ("Gross", {}, "motif.unknown"),
    ):
        assert code_of(await put(api, town, key, motif_input() | changes)) == code, (key, changes)


async def test_everybody_sees_the_pictures(
    api: Api, town: dict[str, Any], anonymous: httpx.AsyncClient
) -> None:
    for key in BUILT_IN:
        answer = await anonymous.get(f"/{town['slug']}/motive/{key}")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("image/svg+xml")
        assert answer.content == drawing(key, "#8a1538")
        assert "sandbox" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "public, max-age=3600"
    await put(api, town, "bergparade", motif_input(is_active=False))
    answer = await anonymous.get(f"/{town['slug']}/motive/bergparade")
    assert (answer.content, answer.headers["content-type"]) == (picture(), "image/png")
    assert answer.headers["x-content-type-options"] == "nosniff"
    for nothing in (f"/{town['slug']}/motive/none", "/nirgendwo/motive/town"):
        assert (await anonymous.get(nothing)).status_code == 404
