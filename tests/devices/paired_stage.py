"""A device that is paired at the shop of a stage's first town, where vouchers live."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from shop_stage import NewPerson, Person, Shop, Till, new_code
from stage import Stage

from gutschein.web.rights import Role


@pytest.fixture
async def place(stage: Stage) -> Shop:
    """The shop of the stage's first town."""
    town = stage.zwoenitz
    merchant = await stage.api.get(town.path(f"merchants/{town.shop.merchant_id}"))
    return Shop({"id": town.id, "name": town.name}, merchant.json())


@pytest.fixture
async def keeper(new_person: NewPerson, place: Shop) -> Person:
    return await new_person(Role.OWNER, place)


@pytest.fixture
async def paired(new_till: Callable[..., Till], keeper: Person, place: Shop) -> Till:
    till = new_till()
    assert (await till.pair(await new_code(keeper, place))).status_code == 201
    return till
