"""The largest batch there is, in one call, and in little memory."""

from __future__ import annotations

import resource

import pytest
from stage import Stage

MEGABYTES_AT_MOST = 300


@pytest.mark.slow
async def test_100_000_vouchers_are_issued_in_one_call(stage: Stage) -> None:
    town = stage.zwoenitz
    order = await stage.order(town, 10_00, 100_000)
    before_kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    response = await stage.api.post(town.path("batches"), order)
    grown_kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kilobytes
    assert response.status_code == 201, response.text
    assert response.json()["last_serial"] == 100_000
    assert grown_kilobytes < MEGABYTES_AT_MOST * 1024
    assert await stage.balance(town, "voucher") == 1_000_000_00
    assert (await stage.api.post(town.path("batches"), order)).status_code == 200
    await stage.audit()


async def test_a_batch_of_several_parts_has_no_gap_and_no_double(stage: Stage) -> None:
    """Vouchers are made and written some thousands at a time."""
    town = stage.zwoenitz
    await stage.batch(town, 1_00)
    batch = await stage.batch(town, 1_00, 10_001)
    assert (batch["first_serial"], batch["last_serial"]) == (2, 10_002)
    path = town.path(f"batches/{batch['id']}/vouchers")
    for after, serials in ((4_999, range(5_000, 5_500)), (9_990, range(9_991, 10_003))):
        page = (await stage.api.get(f"{path}?after_serial={after}")).json()["vouchers"]
        assert [each["serial"] for each in page] == list(serials)
        assert {each["balance_cents"] for each in page} == {1_00}
    assert await stage.balance(town, "voucher") == 10_002 * 1_00
    await stage.audit()
