from __future__ import annotations

from typing import Any

import pytest
from api_fixtures import Api, code_of, towns_path


@pytest.fixture
async def town(api: Api) -> dict[str, Any]:
    return await api.new_town()


async def test_a_programme_is_made_with_what_is_usual(api: Api, town: dict[str, Any]) -> None:
    programme = await api.made(towns_path(town, "programmes"), {"name": "Stadtgutschein"})
    assert programme == programme | {
        "fixed_values_cents": None,
        "minimum_cents": 100,
        "maximum_cents": 25_000,
        "cap_cents": 25_000,
        "validity": "end_of_year",
        "validity_count": 3,
        "validity_day": None,
        "partial_redemption": True,
        "merchant_fee_basis_points": 0,
        "payer": "citizen",
    }
    path = towns_path(town, f"programmes/{programme['id']}")
    assert (await api.get(path)).json() == programme
    assert (await api.get(towns_path(town, "programmes"))).json() == {"programmes": [programme]}


async def test_fixed_values_bring_their_bounds(api: Api, town: dict[str, Any]) -> None:
    programme = await api.new_programme(town, fixed_values_cents=[5_000, 1_000, 2_500])
    assert programme["fixed_values_cents"] == [1_000, 2_500, 5_000]
    assert (programme["minimum_cents"], programme["maximum_cents"]) == (1_000, 5_000)


async def test_a_town_gives_for_a_day(api: Api, town: dict[str, Any]) -> None:
    programme = await api.new_programme(
        town, payer="town", validity="fixed_day", validity_day="2026-12-24"
    )
    assert (programme["validity_count"], programme["validity_day"]) == (None, "2026-12-24")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"maximum_cents": 25_001}, "programme.rule_invalid"),
        ({"cap_cents": 100_001}, "programme.rule_invalid"),
        ({"validity_count": 2}, "programme.rule_invalid"),
        ({"validity_count": 10**30}, "programme.rule_invalid"),
        ({"validity": "fixed_day", "validity_day": "2026-12-24"}, "programme.rule_invalid"),
        ({"fixed_values_cents": [1_000, 1_000]}, "programme.rule_invalid"),
        ({"fixed_values_cents": []}, "amount.invalid"),
        ({"fixed_values_cents": [0]}, "amount.invalid"),
        ({"minimum_cents": 0}, "amount.invalid"),
        ({"validity": "for ever"}, "request.invalid"),
        ({"payer": "employer"}, "request.invalid"),
        ({"merchant_fee_basis_points": 10_001}, "request.invalid"),
        ({"merchant_fee_basis_points": 3.5}, "request.invalid"),
        ({"partial_redemption": "no"}, "request.invalid"),
        ({"validity_day": "2026-02-30"}, "request.invalid"),
    ],
)
async def test_what_contradicts_itself_is_refused(
    api: Api, town: dict[str, Any], changes: dict[str, Any], code: str
) -> None:
    response = await api.post(towns_path(town, "programmes"), {"name": "Stadtgutschein"} | changes)
    assert (response.status_code, code_of(response)) == (422, code)
    assert (await api.get(towns_path(town, "programmes"))).json() == {"programmes": []}


async def test_what_was_left_out_and_what_is_usual_are_the_same(
    api: Api, town: dict[str, Any]
) -> None:
    programme = await api.made(towns_path(town, "programmes"), {"name": "Stadtgutschein"})
    del programme["created_at"], programme["town_id"]
    response = await api.post(towns_path(town, "programmes"), programme)
    assert response.status_code == 200
