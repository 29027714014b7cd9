"""Make the demo region over the API. Every call can be repeated and then changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gutschein.demo import erzgebirge
from gutschein.demo.client import Client, fixed_id
from gutschein.demo.crew import Crew


@dataclass(frozen=True, slots=True)
class Till:
    """A branch that redeems, as the API wants it named."""

    town_id: str
    merchant_id: str
    branch_id: str

    @property
    def fields(self) -> dict[str, str]:
        return {
            "town_id": self.town_id,
            "merchant_id": self.merchant_id,
            "branch_id": self.branch_id,
        }


@dataclass(frozen=True, slots=True)
class DemoTown:
    """A town that was made: its ids by name."""

    data: erzgebirge.Town
    id: str
    tills: tuple[Till, ...]
    programme_ids: dict[str, str]
    issuing_point_id: str


@dataclass(frozen=True, slots=True)
class DemoRegion:
    """The region that was made."""

    run: str
    id: str
    name: str
    towns: dict[str, DemoTown]


def furnish(crew: Crew, run: str, name: str) -> DemoRegion:
    """Make the region with its towns, shops, programmes and agreements, or find it made."""
    region_id = fixed_id(run, "region")
    crew.staff.open_region(region_id, name)
    for each in erzgebirge.TOWNS:
        _open(crew, run, region_id, each)
    crew.staff.take_office([fixed_id(run, town.name) for town in erzgebirge.TOWNS])
    towns = {town.name: _furnished(crew, run, town) for town in erzgebirge.TOWNS}
    for town in towns.values():
        for partner in town.data.honoured_in:
            crew.post(
                f"towns/{town.id}/acceptances",
                {"accepting_town_id": towns[partner].id, "valid_from": "2026-01-01"},
            )
    return DemoRegion(run, region_id, name, towns)


def _open(client: Client, run: str, region_id: str, town: erzgebirge.Town) -> None:
    client.post(
        f"regions/{region_id}/towns",
        {
            "id": fixed_id(run, town.name),
            "name": town.name,
            "ags": town.ags,
            "trust_iban": erzgebirge.iban(town, 0),
            "trust_account_holder": f"Stadt {town.name}",
            "address": _address(town),
            "brand_colour": town.brand_colour,
            "minimum_payout_cents": town.minimum_payout_cents,
        },
    )


def _furnished(client: Client, run: str, town: erzgebirge.Town) -> DemoTown:
    town_id = fixed_id(run, town.name)
    client.post(
        f"towns/{town_id}/vat-rates",
        {
            "valid_from": erzgebirge.VAT_VALID_FROM,
            "basis_points": erzgebirge.VAT_BASIS_POINTS,
        },
    )
    point_id = fixed_id(run, f"{town.name} desk")
    client.post(f"towns/{town_id}/issuing-points", {"id": point_id, "name": "Bürgerbüro"})
    tills = [
        till
        for place, shop in enumerate(town.shops, 1)
        for till in _shop(client, run, (town_id, town), shop, place)
    ]
    programme_ids = {}
    for programme in town.programmes:
        programme_ids[programme.name] = fixed_id(run, f"{town.name} {programme.name}")
        client.post(
            f"towns/{town_id}/programmes",
            {"id": programme_ids[programme.name], "name": programme.name, **programme.terms},
        )
    return DemoTown(town, town_id, tuple(tills), programme_ids, point_id)


def _shop(
    client: Client, run: str, town: tuple[str, erzgebirge.Town], shop: erzgebirge.Shop, place: int
) -> list[Till]:
    town_id, data = town
    tills = tills_of(run, data, shop)
    client.post(
        f"towns/{town_id}/merchants",
        {
            "id": tills[0].merchant_id,
            "name": shop.name,
            "address": _address(data) | {"house_number": str(10 + place)},
            "branches": [
                {"id": till.branch_id, "name": branch}
                for till, branch in zip(tills, shop.branches, strict=True)
            ],
            "payout_account": {
                "iban": erzgebirge.iban(data, place),
                "account_holder": shop.holder,
            },
        },
    )
    return tills


def tills_of(run: str, town: erzgebirge.Town, shop: erzgebirge.Shop) -> list[Till]:
    """Return the tills of a shop, one for each of its branches."""
    name = f"{town.name} {shop.name}"
    return [
        Till(fixed_id(run, town.name), fixed_id(run, name), fixed_id(run, f"{name} {branch}"))
        for branch in shop.branches
    ]


def _address(town: erzgebirge.Town) -> dict[str, Any]:
    return {
        "street": town.street,
        "house_number": town.house_number,
        "postcode": town.postcode,
        "post_town": town.name,
    }
