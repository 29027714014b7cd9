"""The largest batch there is, in one call."""

from __future__ import annotations

import resource
import time

import pytest
from stage import Stage

SECONDS_AT_MOST = 120  # 15 where nothing else runs
MEGABYTES_AT_MOST = 300


@pytest.mark.slow
async def test_100_000_vouchers_are_issued_in_one_call(stage: Stage) -> None:
    town = stage.zwoenitz
    order = await stage.order(town, 10_00, 100_000)
    before_kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.monotonic()
    response = await stage.api.post(town.path("batches"), order)
    took_seconds = time.monotonic() - began
    grown_kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kilobytes
    assert response.status_code == 201, response.text
    assert response.json()["last_serial"] == 100_000
    assert took_seconds < SECONDS_AT_MOST
    assert grown_kilobytes < MEGABYTES_AT_MOST * 1024
    assert await stage.balance(town, "voucher") == 1_000_000_00
    assert (await stage.api.post(town.path("batches"), order)).status_code == 200
    await stage.audit()
