"""What becomes of the orders of a batch, one after the other, decided without a database."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import (
    BranchId,
    MerchantId,
    ProgrammeId,
    RedemptionId,
    TownId,
    VoucherId,
)
from gutschein.redemption.deciding import Batch, KeyChanged, let_in, signed_in
from gutschein.redemption.facts import Facts, Voucher
from gutschein.redemption.order import Item, Order, Place, Sale, TownKey
from gutschein.redemption.presented import Presented
from gutschein.redemption.rules import UNKNOWN, Branch, By, Redemption, Shop
from gutschein.signing.keyset import PublicKey
from gutschein.vouchers.rules import Standing, VoucherState
from gutschein.watch.stopwatch import Stopwatch
from gutschein.web.caller import SignIn

ZWOENITZ, SCHNEEBERG = TownId(UUID(int=1)), TownId(UUID(int=2))
SHOP = Shop(ZWOENITZ, MerchantId(UUID(int=3)), BranchId(UUID(int=4)))
BRANCH = Branch(SHOP.merchant_id, SHOP.branch_id, closed_at=None)
PROGRAMME = ProgrammeId(UUID(int=5))
SALE = UUID(int=6)
DEVICE, CASHIER, API_KEY = UUID(int=7), UUID(int=8), UUID(int=9)
TILL = By(device_id=DEVICE, cashier_id=CASHIER)

NOW = datetime(2026, 12, 5, 9, 0, tzinfo=UTC)
TODAY, HOUR = date(2026, 12, 5), timedelta(hours=1)

ENDORSEMENT, MASTER = b"endorsed by the region", b"the region's master key"
KEY = TownKey(
    PublicKey(
        kid=b"key1",
        public=bytes(32),
        not_before=NOW - 100 * HOUR,
        not_after=NOW + 100 * HOUR,
        town_id=ZWOENITZ,
        endorsement=ENDORSEMENT,
    ),
    MASTER,
)


def voucher(
    number: int = 1,
    balance_cents: int = 50_00,
    *,
    town_id: TownId = ZWOENITZ,
    valid_until: date = TODAY,
) -> Voucher:
    return Voucher(
        town_id=town_id,
        id=VoucherId(UUID(int=100 + number)),
        town_name={ZWOENITZ: "Zwönitz", SCHNEEBERG: "Schneeberg"}[town_id],
        programme_id=PROGRAMME,
        fee_basis_points=300,
        standing=Standing(VoucherState.ACTIVE, valid_until, balance_cents, True),
    )


def facts(of: Voucher | None, **more: Any) -> Facts:
    """What the database says of one item; all is well unless *more* says otherwise."""
    well: dict[str, Any] = {
        "voucher": of,
        "branch": BRANCH,
        "accepted": False,
        "key_revoked_at": None,
        "endorsement": ENDORSEMENT,
        "master": MASTER,
        "device_known": True,
        "device_locked": False,
        "nonce_is_fresh": True,
        "cashier_id": None,
        "api_key_ends_at": None,
        "api_key_revoked_at": None,
        "stored": None,
        "sale_size": None,
        "seen_at": None,
        "used_at": None,
    }
    return Facts(**well | more)


def till_id(number: int) -> RedemptionId:
    return RedemptionId(UUID(int=1000 + number))


def order(
    *amounts_cents: int,
    ids: Sequence[int] = (),
    sale_id: UUID | None = None,
    key: TownKey | None = None,
    by: By | None = TILL,
    sign_in: SignIn | None = None,
    now: datetime = NOW,
) -> Order:
    """A sale that takes each amount from a voucher, scanned where there is a *key*."""
    ids = ids or range(1, len(amounts_cents) + 1)
    items = [
        Item(till_id(number), Presented(code="typed"), amount_cents)
        for number, amount_cents in zip(ids, amounts_cents, strict=True)
    ]
    return Order(
        sale=Sale(SHOP, items, sale_id),
        places=[Place(((ZWOENITZ, b"hash"),), key) for _ in items],
        now=now,
        sign_in=sign_in,
        by=by,
        waited=Stopwatch(),
        span=None,
        answer=asyncio.get_running_loop().create_future(),
    )


def redeemed(number: int, of: Voucher, amount_cents: int, **more: Any) -> Redemption:
    """What is booked: *amount_cents* of a voucher under the till's id."""
    fields: dict[str, Any] = {
        "id": till_id(number),
        "sale_id": None,
        "shop": SHOP,
        "issuing_town_id": of.town_id,
        "voucher_id": of.id,
        "programme_id": PROGRAMME,
        "fee_basis_points": 300,
        "amount_cents": amount_cents,
        "balance_after_cents": of.standing.balance_cents - amount_cents,
        "redeemed_at": NOW,
        "by": TILL,
    }
    return Redemption(**fields | more)


def refusal(batch: Batch, wanted: Order, *known: Facts) -> tuple[str, int | None]:
    """The code of the refusal, and the place in the sale that it names."""
    with pytest.raises(Refusal) as refused:
        batch.decide(wanted, TILL, known)
    item = refused.value.params.get("item")
    assert item is None or isinstance(item, int)
    return refused.value.code, item


async def test_12_50_of_50_euros_are_to_be_booked() -> None:
    fifty = voucher()
    batch = Batch()
    decided = batch.decide(order(12_50), TILL, [facts(fifty)])
    assert decided.done == list(decided.fresh) == [redeemed(1, fifty, 12_50)]
    assert decided.done[0].balance_after_cents == 37_50
    assert batch.spent == {(ZWOENITZ, fifty.id): fifty.standing}


async def test_one_after_the_other_they_take_from_what_is_left() -> None:
    fifty, other = voucher(1), voucher(2)
    batch = Batch()
    batch.decide(order(30_00, ids=[1]), TILL, [facts(fifty)])
    batch.decide(order(10_00, ids=[2]), TILL, [facts(other)])
    [second] = batch.decide(order(15_00, ids=[3]), TILL, [facts(fifty)]).done
    assert second.balance_after_cents == 5_00
    assert refusal(batch, order(5_01, ids=[4]), facts(fifty)) == ("voucher.insufficient", None)
    [last] = batch.decide(order(5_00, ids=[5]), TILL, [facts(fifty)]).done
    assert last.balance_after_cents == 0
    assert refusal(batch, order(1, ids=[6]), facts(fifty)) == ("voucher.empty", None)
    assert batch.spent == {
        (ZWOENITZ, fifty.id): fifty.standing,
        (ZWOENITZ, other.id): other.standing,
    }


async def test_a_sale_may_take_twice_from_one_voucher() -> None:
    fifty = voucher()
    decided = Batch().decide(order(20_00, 30_00, sale_id=SALE), TILL, [facts(fifty)] * 2)
    assert [each.balance_after_cents for each in decided.done] == [30_00, 0]
    assert {each.sale_id for each in decided.done} == {SALE}
    assert refusal(Batch(), order(20_00, 30_01), facts(fifty), facts(fifty)) == (
        "voucher.insufficient",
        1,
    )


async def test_a_sale_is_booked_in_the_order_of_its_ids_and_answered_in_its_own() -> None:
    first, second = voucher(1), voucher(2)
    sale = order(10_00, 20_00, ids=[8, 7])
    decided = Batch().decide(sale, TILL, [facts(first), facts(second)])
    assert decided.done == [redeemed(8, first, 10_00), redeemed(7, second, 20_00)]
    assert list(decided.fresh) == decided.done[::-1]


async def test_a_sale_with_one_bad_voucher_takes_nothing() -> None:
    fifty, empty = voucher(1), voucher(2, balance_cents=0)
    batch = Batch()
    sale = order(20_00, 1_00)
    assert refusal(batch, sale, facts(fifty), facts(empty)) == ("voucher.empty", 1)
    assert batch.spent == {}
    [whole] = batch.decide(order(50_00), TILL, [facts(fifty)]).done
    assert whole.balance_after_cents == 0


async def test_a_refusal_names_its_place_where_there_are_several() -> None:
    fifty = voucher()
    assert refusal(Batch(), order(1_00), facts(None)) == ("voucher.unknown", None)
    sale = order(1_00, 1_00)
    assert refusal(Batch(), sale, facts(None), facts(fifty)) == ("voucher.unknown", 0)
    assert refusal(Batch(), sale, facts(fifty), facts(None)) == ("voucher.unknown", 1)


async def test_a_shop_that_has_closed_or_never_was_takes_nothing() -> None:
    for branch, code in [
        (Branch(SHOP.merchant_id, SHOP.branch_id, closed_at=NOW), "branch.closed"),
        (None, "town.unknown"),
    ]:
        known = [facts(voucher(number), branch=branch) for number in (1, 2)]
        assert refusal(Batch(), order(1_00), known[0]) == (code, None)
        assert refusal(Batch(), order(1_00, 1_00), *known) == (code, None)


async def test_a_partners_voucher_is_taken_where_it_is_accepted() -> None:
    partners = voucher(town_id=SCHNEEBERG)
    [done] = Batch().decide(order(20_00), TILL, [facts(partners, accepted=True)]).done
    assert done == redeemed(1, partners, 20_00, issuing_town_id=SCHNEEBERG)
    with pytest.raises(Refusal) as refused:
        Batch().decide(order(20_00), TILL, [facts(partners)])
    assert refused.value.code == "merchant.not_accepted"
    assert refused.value.params == {"town": "Schneeberg"}


async def test_each_voucher_of_a_sale_is_accepted_or_not() -> None:
    own, partners = voucher(1), voucher(2, town_id=SCHNEEBERG)
    known = [facts(own, accepted=True), facts(partners)]
    assert refusal(Batch(), order(1_00, 1_00), *known) == ("merchant.not_accepted", 1)


async def test_a_voucher_is_another_one_in_another_town() -> None:
    own, partners = voucher(1), voucher(1, town_id=SCHNEEBERG)
    batch = Batch()
    batch.decide(order(50_00, ids=[1]), TILL, [facts(own)])
    batch.decide(order(50_00, ids=[2]), TILL, [facts(partners, accepted=True)])
    assert batch.spent == {
        (ZWOENITZ, own.id): own.standing,
        (SCHNEEBERG, own.id): partners.standing,
    }


async def test_the_last_day_is_that_of_the_shops_calendar() -> None:
    last_day = voucher(valid_until=TODAY)
    in_time = order(1_00, now=datetime(2026, 12, 5, 22, 59, 59, tzinfo=UTC))
    Batch().decide(in_time, TILL, [facts(last_day)])
    too_late = order(1_00, now=datetime(2026, 12, 5, 23, 0, tzinfo=UTC))
    assert refusal(Batch(), too_late, facts(last_day)) == ("voucher.expired", None)


# A token is believed as long as its key is.


async def test_a_scanned_token_is_taken_as_long_as_its_key_is_believed() -> None:
    scanned = order(1_00, key=KEY)
    Batch().decide(scanned, TILL, [facts(voucher())])
    Batch().decide(scanned, TILL, [facts(voucher(), key_revoked_at=NOW + HOUR)])
    revoked = facts(voucher(), key_revoked_at=NOW)
    assert refusal(Batch(), scanned, revoked) == ("token.key_revoked", None)
    for at, code in [(-101, "token.key_not_yet"), (100, "token.key_expired")]:
        scanned = order(1_00, key=KEY, now=NOW + at * HOUR)
        assert refusal(Batch(), scanned, facts(voucher())) == (code, None)


async def test_of_several_tokens_the_one_that_is_not_believed_is_named() -> None:
    known = [facts(voucher(1)), facts(voucher(2), key_revoked_at=NOW)]
    assert refusal(Batch(), order(1_00, 1_00, key=KEY), *known) == ("token.key_revoked", 1)


async def test_a_typed_code_asks_for_no_key() -> None:
    Batch().decide(order(1_00), TILL, [facts(voucher(), key_revoked_at=NOW, master=b"another")])


@pytest.mark.parametrize(
    "now_known", [{"master": b"another"}, {"master": None}, {"endorsement": b"another"}], ids=str
)
async def test_a_key_that_is_trusted_otherwise_by_now_is_read_again(
    now_known: dict[str, bytes | None],
) -> None:
    known = [facts(voucher(1)), facts(voucher(2), **now_known)]
    with pytest.raises(KeyChanged, match=r"^6b657931$") as changed:
        Batch().decide(order(1_00, 1_00, key=KEY), TILL, known)
    assert changed.value.kid == b"key1"


async def test_where_the_region_has_no_master_key_no_endorsement_is_asked_for() -> None:
    unendorsed = TownKey(KEY.public, None)
    known = facts(voucher(), master=None, endorsement=b"another")
    Batch().decide(order(1_00, key=unendorsed), TILL, [known])
    with pytest.raises(KeyChanged):
        Batch().decide(order(1_00, key=unendorsed), TILL, [facts(voucher())])


# What was booked before is answered as it was then.


async def test_a_repetition_is_answered_as_the_first_time_and_booked_no_more() -> None:
    fifty = voucher(balance_cents=37_50)
    then = redeemed(1, voucher(), 12_50, redeemed_at=NOW - HOUR)
    batch = Batch()
    decided = batch.decide(order(12_50), TILL, [facts(fifty, stored=then)])
    assert decided.done == [then]
    assert list(decided.fresh) == []
    assert batch.spent == {}


async def test_a_repetition_asks_neither_for_the_shop_nor_for_what_is_left() -> None:
    then = redeemed(1, voucher(), 50_00, redeemed_at=NOW - HOUR)
    now = facts(voucher(balance_cents=0, valid_until=date(2026, 12, 1)), stored=then, branch=None)
    assert Batch().decide(order(50_00), TILL, [now]).done == [then]


async def test_a_repetition_is_judged_by_the_keys_of_its_first_time() -> None:
    then = redeemed(1, voucher(), 12_50, redeemed_at=NOW)
    known = facts(voucher(), stored=then, key_revoked_at=NOW + HOUR)
    again = order(12_50, key=KEY, now=NOW + 200 * HOUR)
    assert Batch().decide(again, TILL, [known]).done == [then]
    before = facts(voucher(), stored=then, key_revoked_at=NOW)
    assert refusal(Batch(), again, before) == ("token.key_revoked", None)


async def test_something_else_under_the_same_id_is_a_conflict() -> None:
    then = redeemed(1, voucher(), 12_50)
    for known in (facts(voucher(2), stored=then), facts(None, stored=then)):
        assert refusal(Batch(), order(12_50), known) == ("redemption.conflict", None)
    elsewhere = facts(voucher(1, town_id=SCHNEEBERG), stored=then, accepted=True)
    assert refusal(Batch(), order(12_50), elsewhere) == ("redemption.conflict", None)
    known = facts(voucher(), stored=then)
    assert refusal(Batch(), order(12_51), known) == ("redemption.conflict", None)
    in_a_sale = order(12_50, sale_id=SALE)
    assert refusal(Batch(), in_a_sale, known) == ("redemption.conflict", None)


async def test_a_sale_is_repeated_whole() -> None:
    first, second = voucher(1), voucher(2)
    then = [redeemed(1, first, 10_00, sale_id=SALE), redeemed(2, second, 20_00, sale_id=SALE)]
    sale = order(10_00, 20_00, sale_id=SALE)
    known = [
        facts(of, stored=stored, sale_size=2)
        for of, stored in zip((first, second), then, strict=True)
    ]
    assert Batch().decide(sale, TILL, known).done == then
    # One more than before, or one less.
    unknown = facts(voucher(3))
    longer = order(10_00, 20_00, 5_00, sale_id=SALE)
    assert refusal(Batch(), longer, *known, unknown) == ("redemption.conflict", 2)
    shorter = order(10_00, sale_id=SALE)
    assert refusal(Batch(), shorter, known[0]) == ("redemption.conflict", None)
    # What was redeemed alone is part of no sale, and so of no size.
    alone = redeemed(1, first, 10_00)
    assert Batch().decide(order(10_00), TILL, [facts(first, stored=alone)]).done == [alone]


async def test_an_item_without_facts_is_a_mistake_before_anything_is_decided() -> None:
    for known in (facts(voucher(), key_revoked_at=NOW), facts(None)):
        with pytest.raises(ValueError, match=r"^zip\(\) argument"):
            Batch().decide(order(1_00, 1_00, key=KEY), TILL, [known])


# Who is at the till.


async def test_who_has_signed_in_before_is_not_asked_again() -> None:
    asked_already = order(1_00, by=TILL, sign_in=SignIn(ZWOENITZ, device_id=DEVICE))
    assert signed_in(asked_already, facts(voucher(), device_known=False)) == TILL
    assert asked_already.sign_in_to_ask is None


async def test_what_a_town_does_itself_is_done_through_nothing() -> None:
    itself = order(1_00, by=None)
    assert signed_in(itself, facts(voucher())) is UNKNOWN


async def test_a_device_is_let_in_with_whoever_stands_there() -> None:
    sign_in = SignIn(ZWOENITZ, device_id=DEVICE, nonce="n" * 16)
    wanted = order(1_00, by=None, sign_in=sign_in)
    assert wanted.sign_in_to_ask is sign_in
    assert signed_in(wanted, facts(voucher(), cashier_id=CASHIER)) == By(
        device_id=DEVICE, cashier_id=CASHIER, api_key_id=None
    )


@pytest.mark.parametrize(
    ("known", "code"),
    [
        ({"device_known": False}, "device.unknown"),
        ({"device_locked": True}, "device.locked"),
        ({"nonce_is_fresh": False}, "device.replayed"),
        ({"nonce_is_fresh": False, "device_locked": True}, "device.replayed"),
    ],
    ids=str,
)
async def test_a_device_that_may_not_act_is_not(known: dict[str, bool], code: str) -> None:
    with pytest.raises(Refusal, match=rf"^{code}\("):
        let_in(SignIn(ZWOENITZ, device_id=DEVICE), facts(voucher(), **known), NOW)


async def test_an_api_key_is_let_in_until_it_ends() -> None:
    sign_in = SignIn(ZWOENITZ, api_key_id=API_KEY)
    good = facts(voucher(), api_key_ends_at=NOW + HOUR, device_known=False)
    assert signed_in(order(1_00, by=None, sign_in=sign_in), good) == By(api_key_id=API_KEY)
    for over in ({}, {"api_key_ends_at": NOW}):
        with pytest.raises(Refusal, match=r"^auth\.required\("):
            let_in(sign_in, facts(voucher(), **over), NOW)
    revoked = facts(voucher(), api_key_ends_at=NOW + HOUR, api_key_revoked_at=NOW)
    with pytest.raises(Refusal, match=r"^auth\.required\("):
        let_in(sign_in, revoked, NOW)
