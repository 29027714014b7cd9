"""What a redemption or a reversal must be, decided without a database."""

from __future__ import annotations

from datetime import UTC, date, datetime
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
from gutschein.redemption.rules import (
    Branch,
    Redemption,
    Shop,
    check_accepted,
    check_amount,
    check_exists,
    check_open,
    check_repetition,
    check_same_day,
    check_same_merchant,
)

ZWOENITZ, SCHNEEBERG = TownId(UUID(int=1)), TownId(UUID(int=2))
MERCHANT, OTHER_MERCHANT = MerchantId(UUID(int=3)), MerchantId(UUID(int=4))
BRANCH, OTHER_BRANCH = BranchId(UUID(int=5)), BranchId(UUID(int=6))
SHOP = Shop(ZWOENITZ, MERCHANT, BRANCH)
VOUCHER = (SCHNEEBERG, VoucherId(UUID(int=7)))
SALE, OTHER_SALE = UUID(int=8), UUID(int=9)
NOW = datetime(2026, 12, 5, 9, 0, tzinfo=UTC)


def redeemed(*, redeemed_at: datetime = NOW, sale_id: UUID | None = SALE) -> Redemption:
    """12.50 EUR of a voucher of Schneeberg, in a shop in Zwönitz."""
    return Redemption(
        id=RedemptionId(UUID(int=10)),
        sale_id=sale_id,
        shop=SHOP,
        issuing_town_id=VOUCHER[0],
        voucher_id=VOUCHER[1],
        programme_id=ProgrammeId(UUID(int=11)),
        fee_basis_points=300,
        amount_cents=12_50,
        balance_after_cents=37_50,
        redeemed_at=redeemed_at,
    )


def test_a_redemption_takes_a_cent_or_more() -> None:
    check_amount(1)
    with pytest.raises(Refusal) as refused:
        check_amount(0)
    assert refused.value.code == "amount.invalid"
    assert refused.value.params == {"max_cents": 1_000_00}  # as much as a voucher can hold


def test_an_open_shop_may_redeem() -> None:
    check_open(Branch(MERCHANT, BRANCH, closed_at=None))


@pytest.mark.parametrize(
    ("branch", "code"),
    [
        (None, "town.unknown"),
        (Branch(None, None, None), "merchant.unknown"),
        (Branch(MERCHANT, None, None), "branch.unknown"),
    ],
)
def test_a_shop_that_does_not_exist_may_nothing(branch: Branch | None, code: str) -> None:
    for check in (check_exists, check_open):
        with pytest.raises(Refusal) as refused:
            check(branch)
        assert refused.value.code == code


def test_a_shop_that_has_closed_exists_and_may_not_redeem() -> None:
    closed = Branch(MERCHANT, BRANCH, closed_at=NOW)
    check_exists(closed)
    with pytest.raises(Refusal, match=r"^branch\.closed\("):
        check_open(closed)


def test_a_voucher_is_good_in_towns_that_accept_it() -> None:
    check_accepted(SCHNEEBERG, "Schneeberg", [ZWOENITZ, SCHNEEBERG])
    with pytest.raises(Refusal) as refused:
        check_accepted(SCHNEEBERG, "Schneeberg", [ZWOENITZ])
    assert refused.value.code == "merchant.not_accepted"
    assert refused.value.params == {"town": "Schneeberg"}


def test_the_same_redemption_again_is_the_same() -> None:
    assert check_repetition(redeemed(), SHOP, SALE, VOUCHER, 12_50) == redeemed()
    alone = redeemed(sale_id=None)
    assert check_repetition(alone, SHOP, None, VOUCHER, 12_50) == alone


@pytest.mark.parametrize(
    ("shop", "sale_id", "voucher", "amount_cents"),
    [
        (Shop(ZWOENITZ, MERCHANT, OTHER_BRANCH), SALE, VOUCHER, 12_50),
        (Shop(ZWOENITZ, OTHER_MERCHANT, BRANCH), SALE, VOUCHER, 12_50),
        (SHOP, OTHER_SALE, VOUCHER, 12_50),
        (SHOP, None, VOUCHER, 12_50),
        (SHOP, SALE, (ZWOENITZ, VOUCHER[1]), 12_50),
        (SHOP, SALE, (SCHNEEBERG, VoucherId(UUID(int=99))), 12_50),
        (SHOP, SALE, None, 12_50),
        (SHOP, SALE, VOUCHER, 12_51),
    ],
    ids=["branch", "merchant", "sale", "no sale", "town", "voucher", "no voucher", "amount"],
)
def test_anything_else_under_its_id_is_a_conflict(
    shop: Shop, sale_id: UUID | None, voucher: tuple[TownId, VoucherId] | None, amount_cents: int
) -> None:
    with pytest.raises(Refusal, match=r"^redemption\.conflict\("):
        check_repetition(redeemed(), shop, sale_id, voucher, amount_cents)


def test_what_is_not_stored_cannot_be_repeated() -> None:
    with pytest.raises(Refusal, match=r"^redemption\.conflict\("):
        check_repetition(None, SHOP, SALE, VOUCHER, 12_50)


def test_any_branch_of_the_merchant_may_take_it_back() -> None:
    check_same_merchant(redeemed(), SHOP)
    check_same_merchant(redeemed(), Shop(ZWOENITZ, MERCHANT, OTHER_BRANCH))


@pytest.mark.parametrize(
    "shop", [Shop(ZWOENITZ, OTHER_MERCHANT, BRANCH), Shop(SCHNEEBERG, MERCHANT, BRANCH)]
)
def test_no_other_merchant_may(shop: Shop) -> None:
    with pytest.raises(Refusal, match=r"^reversal\.other_merchant\("):
        check_same_merchant(redeemed(), shop)


def test_the_day_is_that_of_the_shops_calendar() -> None:
    # In winter 22:59:59 UTC is the last second of the day in Germany.
    late = redeemed(redeemed_at=datetime(2026, 12, 5, 22, 59, 59, tzinfo=UTC))
    check_same_day(late, date(2026, 12, 5))
    past_midnight = redeemed(redeemed_at=datetime(2026, 12, 5, 23, 0, tzinfo=UTC))
    check_same_day(past_midnight, date(2026, 12, 6))
    for another_day in (date(2026, 12, 5), date(2026, 12, 7)):
        with pytest.raises(Refusal, match=r"^reversal\.too_late\("):
            check_same_day(past_midnight, another_day)
