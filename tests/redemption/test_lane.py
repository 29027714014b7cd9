"""How orders of one town come into batches."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from gutschein.kernel.ids import BranchId, MerchantId, RedemptionId, ReversalId, TownId, new_id
from gutschein.redemption.lane import MOST_ITEMS, MOST_UNDER_WAY, Lane
from gutschein.redemption.order import Item, Order, Place, Sale
from gutschein.redemption.presented import Presented
from gutschein.redemption.reversing import Asked, ReversalOrder
from gutschein.redemption.room import Room
from gutschein.redemption.rules import UNKNOWN, Shop
from gutschein.watch.stopwatch import Stopwatch
from gutschein.web.caller import SignIn

TOWN = TownId(UUID(int=1))
NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
Merchant = MerchantId(UUID(int=2))


def order(
    merchant_id: MerchantId = Merchant,
    id_: UUID | None = None,
    sign_in: SignIn | None = None,
    items: int = 1,
) -> Order:
    shop = Shop(TOWN, merchant_id, BranchId(uuid4()))
    wanted = [
        Item(RedemptionId(id_ or new_id()), Presented(code="0000"), 1_00) for _ in range(items)
    ]
    answer = asyncio.get_running_loop().create_future()
    places = [Place(((TOWN, b""),), None)] * items
    return Order(Sale(shop, wanted), places, NOW, sign_in, None, Stopwatch(), None, answer)


class Tills:
    """Takes the batches of a lane, and ends each when it is told to."""

    def __init__(self) -> None:
        self.batches: list[list[Order]] = []
        self._ends: list[asyncio.Event] = []
        self.error: Exception | None = None
        self.lane = Lane(self._run, Room(8, MOST_UNDER_WAY))

    async def _run(self, orders: list[Order]) -> None:
        self.batches.append(orders)
        end = asyncio.Event()
        self._ends.append(end)
        await end.wait()
        if self.error:
            raise self.error
        for each in orders:
            each.settle([])

    async def end(self, number: int) -> None:
        self._ends[number].set()
        await turn()


@pytest.fixture
async def tills() -> AsyncIterator[Tills]:
    tills = Tills()
    yield tills
    while not tills.lane.idle:  # none may be left behind
        for number in range(len(tills.batches)):
            await tills.end(number)


async def turn() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_alone_an_order_waits_for_nobody(tills: Tills) -> None:
    tills.lane.put(only := order())
    await turn()
    assert tills.batches == [[only]]


async def test_what_arrives_while_two_batches_are_under_way_goes_together(tills: Tills) -> None:
    for _ in range(MOST_UNDER_WAY):
        tills.lane.put(order())
        await turn()
    waiting = [order() for _ in range(5)]
    for each in waiting:
        tills.lane.put(each)
    await turn()
    assert len(tills.batches) == MOST_UNDER_WAY
    await tills.end(0)
    assert tills.batches[MOST_UNDER_WAY:] == [waiting]


async def test_a_busy_merchant_does_not_hold_up_the_others(tills: Tills) -> None:
    crowd = [order() for _ in range(2 * MOST_ITEMS)]
    for each in crowd:
        tills.lane.put(each)
    tills.lane.put(other := order(MerchantId(uuid4())))
    await turn()
    assert len(tills.batches[0]) == MOST_ITEMS
    assert tills.batches[0][:2] == [crowd[0], other]


async def test_a_batch_has_room_for_so_many_items_however_they_come(tills: Tills) -> None:
    for _ in range(20):
        tills.lane.put(order(items=50))
    await turn()
    items = [sum(len(each.sale.items) for each in batch) for batch in tills.batches]
    assert items == [300, 300]  # begun with room left; 50 at most too many


@pytest.mark.parametrize("shared", ["id_", "sign_in"])
async def test_one_id_or_nonce_is_once_in_a_batch(tills: Tills, shared: str) -> None:
    own: dict[str, Any] = {
        "id_": new_id(),
        "sign_in": SignIn(TOWN, device_id=uuid4(), nonce="n" * 16),
    }
    first, second, third = order(**own), order(**{shared: own[shared]}), order()
    for each in (first, second, third):
        tills.lane.put(each)
    await turn()
    assert tills.batches == [[first, third], [second]]


async def test_reversals_go_together_whatever_their_ids() -> None:
    batches: list[list[ReversalOrder]] = []

    async def run(orders: list[ReversalOrder]) -> None:
        batches.append(orders)

    def reversal() -> ReversalOrder:
        answer = asyncio.get_running_loop().create_future()
        shop = Shop(TOWN, MerchantId(uuid4()), BranchId(uuid4()))
        asked = Asked(ReversalId(own), RedemptionId(own), shop, NOW, UNKNOWN)
        return ReversalOrder(asked, Stopwatch(), None, answer)

    lane, own = Lane(run, Room(8)), new_id()
    orders = [reversal() for _ in range(MOST_ITEMS + 1)]
    for each in orders:
        lane.put(each)
    await turn()
    assert batches == [orders[:-1], orders[-1:]]


async def test_who_has_given_up_is_left_out(tills: Tills) -> None:
    gone, here = order(), order()
    tills.lane.put(gone)
    tills.lane.put(here)
    gone.answer.cancel()
    await turn()
    assert tills.batches == [[here]]


async def test_when_a_batch_fails_whoever_waits_for_it_hears_of_it(tills: Tills) -> None:
    tills.error = ValueError("broken")
    tills.lane.put(first := order())
    await turn()
    await tills.end(0)
    with pytest.raises(ValueError, match="broken"):
        await first.answer
    tills.error = None
    tills.lane.put(second := order())
    await turn()
    await tills.end(1)
    assert await second.answer == []


async def test_the_lane_is_drained_when_all_have_their_answers(tills: Tills) -> None:
    orders = [order() for _ in range(MOST_ITEMS + 1)]
    for each in orders:
        tills.lane.put(each)
    drained = asyncio.create_task(tills.lane.drained())
    await turn()
    await tills.end(0)
    assert not drained.done()
    await tills.end(1)
    await drained
    assert all(each.answer.done() for each in orders)
    assert tills.lane.idle
