"""How many tries are left is told without using one up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gutschein.kernel.errors import Refusal
from gutschein.limits.counting import Limits
from gutschein.limits.rules import Limit

NOW = datetime(2026, 12, 5, 9, 0, tzinfo=UTC)
FIVE = Limit("left.five", 5, 50, "five at once, one more every ten seconds")
SEVEN = Limit("left.seven", 7, 7_000, "seven at once, one more every thousand seconds")


@pytest.mark.parametrize(
    ("used_seconds", "left"), [(-10, 5), (0, 5), (1, 4), (10, 4), (41, 0), (50, 0), (100, 0)]
)
def test_what_is_left_follows_from_the_instant(used_seconds: int, left: int) -> None:
    assert FIVE.left(NOW + timedelta(seconds=used_seconds), NOW) == left


async def test_each_failure_takes_one_and_time_brings_one_back(limits: Limits, key: str) -> None:
    both = [(FIVE, key), (SEVEN, key)]
    assert [await limits.left(both, NOW) for _ in range(3)] == [5, 5, 5]
    assert [await limits.note_all(both, NOW) for _ in range(4)] == [4, 3, 2, 1]
    assert await limits.left(both, NOW) == 1
    later = NOW + timedelta(seconds=50)
    assert await limits.left(both, later) == 3  # of the seven


async def test_where_none_is_left_it_is_refused(
    limits: Limits, other_worker: Limits, key: str
) -> None:
    for _ in range(5):
        await limits.note(FIVE, key, NOW)
    for worker in (limits, other_worker):
        with pytest.raises(Refusal) as refused:
            await worker.left([(FIVE, key)], NOW)
        assert refused.value.params == {"seconds": 10}
    assert await other_worker.left([(FIVE, key)], NOW + timedelta(seconds=10)) == 1
    assert await limits.note_all([(FIVE, key)], NOW) == 0
