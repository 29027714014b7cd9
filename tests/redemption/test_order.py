"""What an order knows of itself, and that it is answered once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import BranchId, MerchantId, RedemptionId, TownId
from gutschein.redemption.order import Item, Order, Place, Sale, TownKey
from gutschein.redemption.presented import Presented
from gutschein.redemption.rules import By, Shop
from gutschein.signing.keyset import PublicKey
from gutschein.watch.stopwatch import Stopwatch
from gutschein.web.caller import SignIn

ZWOENITZ, SCHNEEBERG, AUE = (TownId(UUID(int=number)) for number in (1, 2, 3))
SHOP = Shop(ZWOENITZ, MerchantId(UUID(int=4)), BranchId(UUID(int=5)))
NOW = datetime(2026, 12, 5, 9, 0, tzinfo=UTC)
SIGN_IN = SignIn(ZWOENITZ, device_id=UUID(int=6))


def town_key(endorsement: bytes | None = b"endorsed", master: bytes | None = b"master") -> TownKey:
    window = (NOW, NOW + timedelta(days=1))
    public = PublicKey(b"key1", bytes(32), *window, SCHNEEBERG, endorsement=endorsement)
    return TownKey(public, master)


def order(*places: Place, by: By | None = None, sign_in: SignIn | None = SIGN_IN) -> Order:
    items = [
        Item(RedemptionId(UUID(int=10 + number)), Presented(code="typed"), 1_00)
        for number in range(len(places))
    ]
    answer = asyncio.get_running_loop().create_future()
    return Order(Sale(SHOP, items), places, NOW, sign_in, by, Stopwatch(), None, answer)


SCANNED = Place(((SCHNEEBERG, b"hash"),), town_key())
SCANNED_TOO = Place(((ZWOENITZ, b"hash"),), town_key())
TYPED = Place(((AUE, b"one"), (SCHNEEBERG, b"other")), None)


def test_a_key_is_still_trusted_when_nothing_of_it_has_changed() -> None:
    assert town_key().is_still(b"endorsed", b"master")
    assert not town_key().is_still(b"endorsed otherwise", b"master")
    assert not town_key().is_still(b"endorsed", b"another master")
    assert not town_key().is_still(b"endorsed", None)


def test_without_a_master_key_there_is_nothing_to_endorse() -> None:
    unendorsed = town_key(None, None)
    assert unendorsed.is_still(None, None)
    assert unendorsed.is_still(b"endorsed since", None)
    assert not unendorsed.is_still(b"endorsed since", b"master since")


async def test_a_scanned_voucher_goes_to_its_town_and_a_typed_one_to_the_shops() -> None:
    assert order(SCANNED).lane == SCHNEEBERG
    assert order(TYPED).lane == ZWOENITZ
    assert order(SCANNED, SCANNED_TOO).lane == SCHNEEBERG
    assert order(SCANNED_TOO, SCANNED, TYPED).lane == ZWOENITZ


async def test_a_merchant_has_its_turn_and_each_voucher_takes_room() -> None:
    assert order(SCANNED).merchant_id == SHOP.merchant_id
    assert order(SCANNED).size == 1
    assert order(SCANNED, SCANNED_TOO, TYPED).size == 3


async def test_an_id_and_a_nonce_are_once_in_a_batch() -> None:
    ids = {UUID(int=10), UUID(int=11)}
    signed = SignIn(ZWOENITZ, device_id=UUID(int=6), nonce="once")
    assert order(SCANNED, TYPED, sign_in=signed).marks == ids | {(UUID(int=6), "once")}
    assert order(SCANNED, TYPED, sign_in=SIGN_IN).marks == ids
    assert order(SCANNED, TYPED, sign_in=None).marks == ids


async def test_it_may_change_the_vouchers_of_all_its_places() -> None:
    assert order(SCANNED, SCANNED_TOO, TYPED).codes == {
        (SCHNEEBERG, b"hash"),
        (ZWOENITZ, b"hash"),
        (AUE, b"one"),
        (SCHNEEBERG, b"other"),
    }


async def test_an_id_that_stands_for_something_else_is_a_conflict() -> None:
    assert Order.taken == "redemption.conflict"


async def test_a_credential_is_asked_for_once() -> None:
    assert order(TYPED).sign_in_to_ask is SIGN_IN
    assert order(TYPED, by=By(device_id=SIGN_IN.device_id)).sign_in_to_ask is None
    assert order(TYPED, sign_in=None).sign_in_to_ask is None


async def test_whoever_waits_is_answered_once() -> None:
    waiting = order(TYPED)
    waiting.settle([])
    waiting.settle(Refusal("voucher.empty"))
    assert waiting.answer.result() == []


async def test_a_refusal_is_an_answer_too() -> None:
    waiting = order(TYPED)
    waiting.settle(Refusal("voucher.empty"))
    waiting.settle([])
    with pytest.raises(Refusal, match=r"^voucher\.empty\("):
        waiting.answer.result()


async def test_whoever_has_given_up_is_not_answered() -> None:
    gone = order(TYPED)
    gone.answer.cancel()
    gone.settle([])
    assert gone.answer.cancelled()


async def test_what_takes_too_long_is_to_be_asked_for_again() -> None:
    waiting = order(TYPED)
    waiting.give_up()
    with pytest.raises(Refusal, match=r"^service\.busy\("):
        waiting.answer.result()
