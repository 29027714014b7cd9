"""Let the demo's towns be seen by everybody: pages, texts, shops. Again changes nothing."""

from __future__ import annotations

import math
from itertools import count
from typing import Any

from gutschein.demo import erzgebirge
from gutschein.demo.client import Client, fixed_id
from gutschein.demo.furnish import DemoRegion, DemoTown, tills_of
from gutschein.demo.high_street import CLOSED, FRONTS, Front, Stall, coat_of_arms
from gutschein.demo.legal_texts import TEXTS

#: Degrees from the market to the first houses: some forty metres. Further ones stand around it,
#: as the seeds of a sunflower do, so that no two stand on one spot.
_STEP = 0.0004
_GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))
#: So much longer is a degree of latitude than one of longitude there.
_SLENDER = 1.57
#: The account numbers of further merchants begin here.
_FURTHER = 100


def dress(client: Client, region: DemoRegion) -> None:
    """Show all towns of the region."""
    for town in region.towns.values():
        front = FRONTS[town.data.name]
        _show(client, town, front)
        _say(client, town, front)
        houses = count()
        for shop in town.data.shops:
            for till in tills_of(region.run, town.data, shop):
                branch = f"merchants/{till.merchant_id}/branches/{till.branch_id}"
                _tell(client, town, branch, front.stalls[shop.name], next(houses))
        for place, (name, stall) in enumerate(front.others.items(), _FURTHER):
            branch = _admit(client, region.run, town, name, place)
            _tell(client, town, branch, stall, next(houses))


def _show(client: Client, town: DemoTown, front: Front) -> None:
    client.put(
        f"towns/{town.id}/storefront",
        {
            "slug": front.slug,
            "intro": front.intro,
            "intro_en": front.intro_en,
            "coat_of_arms_svg": coat_of_arms(front),
            "contact_email": _email(front),
            "contact_phone": f"03733 {town.data.ags[-4:]}0",
            "is_open": town.data.name not in CLOSED,
        },
    )


def _say(client: Client, town: DemoTown, front: Front) -> None:
    data = town.data
    facts = {
        "name": f"Stadt {data.name}",
        "address": f"{data.street} {data.house_number}, {data.postcode} {data.name}",
        "email": _email(front),
    }
    for (kind, language), paragraphs in TEXTS.items():
        client.put(
            f"towns/{town.id}/storefront/texts/{kind}/{language}",
            {"paragraphs": [each.format_map(facts) for each in paragraphs]},
        )


def _admit(client: Client, run: str, town: DemoTown, name: str, place: int) -> str:
    """Take a further merchant under contract; return the path of its branch."""
    merchant_id = fixed_id(run, f"{town.data.name} {name}")
    branch_id = fixed_id(run, f"{town.data.name} {name} branch")
    data = town.data
    client.post(
        f"towns/{town.id}/merchants",
        {
            "id": merchant_id,
            "name": name,
            "address": {
                "street": data.street,
                "house_number": str(place),
                "postcode": data.postcode,
                "post_town": data.name,
            },
            "branches": [{"id": branch_id, "name": "Hauptgeschäft"}],
            "payout_account": {"iban": erzgebirge.iban(data, place), "account_holder": name},
        },
    )
    return f"merchants/{merchant_id}/branches/{branch_id}"


def _tell(client: Client, town: DemoTown, branch: str, stall: Stall, house: int) -> None:
    front = FRONTS[town.data.name]
    angle, away = house * _GOLDEN_ANGLE, _STEP * math.sqrt(house + 1)
    latitude, longitude = front.place
    profile: dict[str, Any] = {
        "category": stall.category,
        "address": {
            "street": stall.street,
            "house_number": stall.house_number,
            "postcode": town.data.postcode,
            "post_town": town.data.name,
        },
        "phone": f"03733 {town.data.ags[-4:]}{house + 1:02d}",
        "opening_hours": stall.hours,
        "wheelchair": stall.wheelchair,
        "latitude": round(latitude + away * math.sin(angle), 6),
        "longitude": round(longitude + _SLENDER * away * math.cos(angle), 6),
    }
    client.put(f"towns/{town.id}/{branch}/profile", profile)


def _email(front: Front) -> str:
    return f"gutschein@{front.slug}.example"
