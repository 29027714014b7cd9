"""What a till is told of a voucher that it holds up, before anything is redeemed."""

from __future__ import annotations

from typing import Any

import pytest
from api_fixtures import code_of, fresh_id
from shop_stage import Person, Shop, Till
from stage import Paper, Stage, new_town


async def seen(till: Till, voucher: Paper, language: str = "de") -> dict[str, Any]:
    bare = voucher.token.rpartition("/")[2]
    reads: dict[str, Any] = {"accept-language": language}
    response = await till.send("GET", f"/api/v1/vouchers/{bare}", **reads)
    assert response.status_code == 200, response.text
    return dict(response.json())


async def test_the_voucher_is_named_by_its_number_and_its_towns_colour(
    stage: Stage, paired: Till
) -> None:
    first, second = await stage.vouchers(stage.zwoenitz, 50_00, 2)
    assert [(await seen(paired, each))["serial"] for each in (first, second)] == [1, 2]
    green = await new_town(stage.api, stage.zwoenitz.region_id, "Aue", brand_colour="#1f5c3a")
    assert (await seen(paired, await stage.voucher(green)))["brand_colour"] == "#1f5c3a"


async def test_a_partners_voucher_is_taken_and_a_strangers_is_refused_in_words(
    stage: Stage, paired: Till, place: Shop
) -> None:
    """The till is told beforehand what the redemption would say."""
    partners = await stage.voucher(stage.schneeberg)
    assert (await seen(paired, partners))["refusal"] is None

    aue = await new_town(stage.api, stage.zwoenitz.region_id, "Aue")
    strangers = await stage.voucher(aue)
    told = await seen(paired, strangers)
    assert (told["refusal"], told["balance_cents"]) == ("merchant.not_accepted", 50_00)
    assert "Aue" in told["message"]
    assert (await seen(paired, strangers, "en"))["message"] != told["message"]

    body = {"id": fresh_id(), "amount_cents": 100} | strangers.shown | place.names()
    refused = await paired.send("POST", "/api/v1/redemptions", body)
    assert code_of(refused) == told["refusal"]
    assert refused.json()["detail"] == told["message"]


async def test_what_is_said_first_is_what_the_redemption_would_say(
    stage: Stage, paired: Till, place: Shop
) -> None:
    """A stranger's voucher that is blocked besides is a stranger's."""
    aue = await new_town(stage.api, stage.zwoenitz.region_id, "Aue")
    voucher = await stage.voucher(aue)
    await stage.block(voucher)
    told = await seen(paired, voucher)
    body = {"id": fresh_id(), "amount_cents": 100} | voucher.shown | place.names()
    refused = await paired.send("POST", "/api/v1/redemptions", body)
    assert told["refusal"] == code_of(refused) == "merchant.not_accepted"


@pytest.mark.parametrize("day", ["2026-12-04", "2026-12-05"])
async def test_the_last_day_of_an_agreement_counts(stage: Stage, paired: Till, day: str) -> None:
    aue = await new_town(stage.api, stage.zwoenitz.region_id, "Aue")
    body = {"accepting_town_id": stage.zwoenitz.id, "valid_from": "2026-01-01"}
    await stage.api.made(aue.path("acceptances"), body | {"valid_until": day})
    told = await seen(paired, await stage.voucher(aue))
    over = None if day == "2026-12-05" else "merchant.not_accepted"
    assert told["refusal"] == over


async def test_a_locked_device_is_told_nothing(
    stage: Stage, paired: Till, keeper: Person, place: Shop
) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    await keeper.api.post(place.path(f"devices/{paired.id}/lock"), {"reason": "Gestohlen"})
    bare = voucher.token.rpartition("/")[2]
    refused = await paired.send("GET", f"/api/v1/vouchers/{bare}")
    assert (refused.status_code, code_of(refused)) == (403, "device.locked")
