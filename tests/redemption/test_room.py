"""How many batches are under way at once, all towns together."""

from __future__ import annotations

import asyncio

from gutschein.redemption import room
from gutschein.redemption.room import Place, Room

TWO = 2


class Town:
    """Wants so many batches, one after the other or at once."""

    def __init__(self, room: Room, batches: int) -> None:
        self._room = room
        self._wanted = batches
        self.places: list[Place] = []
        self.ask()

    def ask(self) -> None:
        while self._wanted:
            place = self._room.take(self.ask)
            if place is None:
                return
            self._wanted -= 1
            self.places.append(place)


async def test_few_are_under_way_at_once() -> None:
    room = Room(8, TWO)
    towns = [Town(room, 1) for _ in range(5)]
    assert sum(len(town.places) for town in towns) == TWO


async def test_towns_take_turns() -> None:
    room = Room(8, TWO)
    busy, quiet = Town(room, 100), Town(room, 1)
    busy.places[0].leave()
    busy.places[1].leave()
    assert len(quiet.places) == 1


async def test_nobody_is_forgotten() -> None:
    room = Room(8, TWO)
    towns = [Town(room, 3) for _ in range(4)]
    given = 0
    while places := [place for town in towns for place in town.places[given:]]:
        given = min(len(town.places) for town in towns)
        for place in places[:TWO]:
            place.leave()
        if all(len(town.places) == 3 for town in towns):
            return
    raise AssertionError([len(town.places) for town in towns])


async def test_one_that_takes_long_stands_aside() -> None:
    room_ = Room(3, TWO)
    slow = Town(room_, 2)
    others = Town(room_, 2)
    assert others.places == []
    await asyncio.sleep(2 * room.SECONDS_AT_ONCE)
    assert len(others.places) == 1  # of three connections, two are the slow ones'
    slow.places[0].leave()
    assert len(others.places) == 2
    for place in (slow.places[1], *others.places):
        place.leave()
    assert len(Town(room_, 9).places) == TWO  # all is as it was
