"""Whoever waits too long is called, once, and nobody else."""

from __future__ import annotations

import asyncio
from functools import partial

from gutschein.web.deadlines import Deadlines


async def test_who_waits_too_long_is_called_once() -> None:
    deadlines, called = Deadlines(0.01), asyncio.Queue[str]()
    late = deadlines.begin(partial(called.put_nowait, "late"))
    assert await called.get() == "late"
    assert not deadlines.end(late)
    await asyncio.sleep(0.05)
    assert called.empty()


async def test_who_is_done_in_time_is_not_called() -> None:
    deadlines, called = Deadlines(0.02), asyncio.Queue[str]()
    early = deadlines.begin(partial(called.put_nowait, "early"))
    assert deadlines.end(early)
    await asyncio.sleep(0.06)
    assert called.empty()


async def test_each_has_a_time_of_its_own() -> None:
    deadlines, called = Deadlines(0.2), asyncio.Queue[str]()
    deadlines.begin(partial(called.put_nowait, "first"))
    await asyncio.sleep(0.1)
    deadlines.begin(partial(called.put_nowait, "second"))
    done = deadlines.begin(partial(called.put_nowait, "third"))
    deadlines.end(done)
    first_called = await called.get(), asyncio.get_running_loop().time()
    second_called = await called.get(), asyncio.get_running_loop().time()
    assert (first_called[0], second_called[0]) == ("first", "second")
    assert second_called[1] - first_called[1] > 0.05
    await asyncio.sleep(0.05)
    assert called.empty()


async def test_the_next_to_wait_is_called_too() -> None:
    deadlines, called = Deadlines(0.01), asyncio.Queue[str]()
    for name in ("one", "another"):
        deadlines.begin(partial(called.put_nowait, name))
        assert await called.get() == name
