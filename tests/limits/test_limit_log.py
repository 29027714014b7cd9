from __future__ import annotations

import logging
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from gutschein.kernel.errors import Refusal
from gutschein.limits.counting import Limits
from gutschein.limits.rules import Limit
from tests.running_service import served

NOW = datetime(2026, 12, 5, 9, 0, tzinfo=UTC)
TWO = Limit("test.log", 2, 60, "for this test")


async def test_a_limit_that_is_reached_is_told_once_and_without_whom(
    limits: Limits, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "gutschein.limits")
    await limits.take(TWO, key, NOW)
    assert caplog.messages == []
    await limits.take(TWO, key, NOW)
    for _ in range(5):
        with pytest.raises(Refusal):
            await limits.take(TWO, key, NOW)
    (line,) = caplog.messages
    assert line.startswith("limit test.log reached by ")
    assert key not in line
    with pytest.raises(Refusal):
        await limits.take(TWO, key, NOW + timedelta(seconds=1))
    assert len(caplog.messages) == 1


async def test_so_is_one_that_only_failures_count_for(
    limits: Limits, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "gutschein.limits")
    for _ in range(3):
        await limits.note(TWO, key, NOW)
    assert [line.rpartition(" ")[0] for line in caplog.messages] == ["limit test.log reached by"]


@pytest.mark.slow
def test_each_line_of_the_served_log_says_when_with_the_offset_from_utc(
    database_url: str, tmp_path: Path
) -> None:
    with served(database_url, tmp_path) as service:
        guessed = {"authorization": "Bearer gsk_geraten"}
        assert httpx.get(f"{service.url}/api/v1/regions", headers=guessed).status_code == 401
    log = service.log.read_text()
    (line,) = (line for line in log.splitlines() if "refusal_log" in line)
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4} WARNING gutschein\.web\.refusal_log "
        r"refused auth\.required: somebody unknown at GET /api/v1/regions",
        line,
    )
