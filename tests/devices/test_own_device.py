"""What a device is told of itself, its shop, and whose vouchers the shop takes today."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from shop_stage import Till
from stage import Stage, agree, new_town


async def own(till: Till) -> dict[str, Any]:
    response = await till.send("GET", "/api/v1/device")
    assert response.status_code == 200, response.text
    return dict(response.json())


async def test_a_device_knows_what_a_receipt_needs(paired: Till) -> None:
    about = await own(paired)
    assert about["address"] == "Bahnhofstraße 12 a, 08297 Zwönitz"
    assert about["brand_colour"] == "#004b93"
    assert about["offline"] is None


async def test_it_names_the_towns_whose_vouchers_are_taken_its_own_first(
    stage: Stage, paired: Till
) -> None:
    """Of Aue an agreement has yet to begin; of Lauter none was made this way round."""
    region_id = stage.zwoenitz.region_id
    aue = await new_town(stage.api, region_id, "Aue")
    await agree(stage.api, aue, stage.zwoenitz, valid_from="2026-12-06", valid_until="2026-12-07")
    lauter = await new_town(stage.api, region_id, "Lauter")
    await agree(stage.api, stage.zwoenitz, lauter)

    zwoenitz = {"id": stage.zwoenitz.id, "name": "Zwönitz"}
    schneeberg = {"id": stage.schneeberg.id, "name": "Schneeberg"}
    assert (await own(paired))["accepted_towns"] == [zwoenitz, schneeberg]

    stage.clock.now = datetime(2026, 12, 5, 23, 0, tzinfo=UTC)  # midnight in Germany
    assert (await own(paired))["accepted_towns"] == [
        zwoenitz,
        {"id": aue.id, "name": "Aue"},
        schneeberg,
    ]
    stage.clock.now = datetime(2026, 12, 7, 23, 0, tzinfo=UTC)
    assert (await own(paired))["accepted_towns"] == [zwoenitz, schneeberg]
