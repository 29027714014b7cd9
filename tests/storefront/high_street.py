"""A town that the public can see, with three shops and a partner town."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
from api_fixtures import Api, address_input, towns_path

ARMS = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8">'
    '<path d="M0 0h8v8z" fill="red"/></svg>'
)


@dataclass
class HighStreet:
    """What was made, and a caller who has no credential."""

    api: Api
    town: dict[str, Any]
    partner: dict[str, Any]
    slug: str
    shops: dict[str, dict[str, Any]]

    @property
    def path(self) -> str:
        return f"/{self.slug}"

    async def put(
        self, path: str, body: dict[str, Any], town: dict[str, Any] | None = None
    ) -> httpx.Response:
        return await self.api.client.put(towns_path(town or self.town, path), json=body)

    async def said(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = await self.put(path, body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def show(self, **changes: Any) -> dict[str, Any]:
        """Change the storefront of the town."""
        return await self.said("storefront", front(self.slug) | changes)

    async def see(self, path: str = "", **headers: str) -> httpx.Response:
        """Look at a page of the town, as anybody."""
        client = self.api.client
        auth, client.auth = client.auth, None
        try:
            asked = {"accept": "text/html", "accept-language": "de"} | headers
            return await client.get(f"{self.path}{path}", headers=asked)
        finally:
            client.auth = auth

    def profile_path(self, name: str) -> str:
        shop = self.shops[name]
        return f"merchants/{shop['id']}/branches/{shop['branches'][0]['id']}/profile"


def front(slug: str, **changes: Any) -> dict[str, Any]:
    return {"slug": slug, "intro": "Ein Gruß aus der Stadt.", "intro_en": None} | changes


def profile(**changes: Any) -> dict[str, Any]:
    return {"category": "books", "address": address_input()} | changes


async def opened(api: Api) -> HighStreet:
    region = await api.new_region()
    town = await api.new_town(region["id"], name="Schneeberg", brand_colour="#8a1c1c")
    partner = await api.new_town(region["id"], name="Zwönitz")
    agreed = {"accepting_town_id": partner["id"], "valid_from": "2026-01-01"}
    await api.made(towns_path(town, "acceptances"), agreed)
    await api.new_programme(town, name="Schneebergkarte", fixed_values_cents=[1_000, 2_550])
    shops = {
        name: await api.new_merchant(town, name=name)
        for name in ("Bücherstube Öhler", "Café Silber", "Fahrrad Müßig")
    }
    street = HighStreet(api, town, partner, f"schneeberg-{uuid4().hex[:12]}", shops)
    await street.show()
    told = {
        "Bücherstube Öhler": profile(wheelchair="yes", opening_hours=["Mo-Fr 9-18 Uhr"]),
        "Café Silber": profile(category="cafe", wheelchair="partly", phone="03772 1234"),
    }
    for name, each in told.items():
        await street.said(street.profile_path(name), each)
    return street
