"""What a redemption or a reversal must be: pure decisions."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from gutschein.kernel.clock import berlin_day
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import (
    BranchId,
    MerchantId,
    ProgrammeId,
    RedemptionId,
    ReversalId,
    TownId,
    VoucherId,
)
from gutschein.kernel.money import is_amount

#: No programme sells a voucher above this, so no redemption can be above it.
LARGEST_VOUCHER_CENTS = 1_000_00


#: A voucher inside the whole region, and the keyed hash of a code in its town.
VoucherKey = tuple[TownId, VoucherId]
CodeKey = tuple[TownId, bytes]


class Shop(Struct, frozen=True):
    """Who redeems: a branch of a merchant in its town."""

    town_id: TownId
    merchant_id: MerchantId
    branch_id: BranchId


class By(Struct, frozen=True):
    """Through what somebody redeems: a device and who stands there, or an API key. Nothing
    of it is known of the first redemptions, or of what a town does itself.
    """

    device_id: UUID | None = None
    cashier_id: UUID | None = None
    api_key_id: UUID | None = None


UNKNOWN = By()


class Redemption(Struct, frozen=True):
    """A redemption that took place. Sent again, its id gets exactly this answer."""

    id: RedemptionId
    sale_id: UUID | None
    shop: Shop
    issuing_town_id: TownId
    voucher_id: VoucherId
    programme_id: ProgrammeId
    fee_basis_points: int
    amount_cents: int
    balance_after_cents: int
    redeemed_at: datetime
    by: By = UNKNOWN


class Reversal(Struct, frozen=True):
    """A redemption taken back whole."""

    id: ReversalId
    redemption_id: RedemptionId
    shop: Shop
    credited_voucher_id: VoucherId
    amount_cents: int
    balance_after_cents: int
    reversed_at: datetime
    by: By = UNKNOWN


def check_amount(amount_cents: int) -> None:
    """Refuse an amount that nothing can cost.

    :raises Refusal: ``amount.invalid``.
    """
    if not is_amount(amount_cents):
        raise Refusal("amount.invalid", max_cents=LARGEST_VOUCHER_CENTS)


class Branch(Struct, frozen=True):
    """What is known of a branch that somebody names; ``None`` where there is nothing."""

    merchant_id: MerchantId | None
    branch_id: BranchId | None
    closed_at: datetime | None


def check_open(branch: Branch | None) -> None:
    """Refuse a shop that does not exist or has closed.

    :raises Refusal: ``town.unknown``, ``merchant.unknown``, ``branch.unknown``,
        ``branch.closed``.
    """
    if check_exists(branch).closed_at is not None:
        raise Refusal("branch.closed")


def check_exists(branch: Branch | None) -> Branch:
    """Refuse a shop that does not exist.

    :returns: *branch*.
    :raises Refusal: ``town.unknown``, ``merchant.unknown``, ``branch.unknown``.
    """
    if branch is None:
        raise Refusal("town.unknown")
    if branch.merchant_id is None:
        raise Refusal("merchant.unknown")
    if branch.branch_id is None:
        raise Refusal("branch.unknown")
    return branch


def check_accepted(issuer: TownId, issuer_name: str, accepted: Collection[TownId]) -> None:
    """Refuse a voucher of a town whose vouchers are not honoured here today.

    :raises Refusal: ``merchant.not_accepted`` with the name of the town.
    """
    if issuer not in accepted:
        raise Refusal("merchant.not_accepted", town=issuer_name)


def check_repetition(
    stored: Redemption | None,
    shop: Shop,
    sale_id: UUID | None,
    voucher: VoucherKey | None,
    amount_cents: int,
) -> Redemption:
    """Let the same redemption through a second time, and nothing else under its id.

    :returns: *stored*.
    :raises Refusal: ``redemption.conflict``.
    """
    if stored is None or (
        stored.shop,
        stored.sale_id,
        (stored.issuing_town_id, stored.voucher_id),
        stored.amount_cents,
    ) != (shop, sale_id, voucher, amount_cents):
        raise Refusal("redemption.conflict")
    return stored


def check_same_merchant(redemption: Redemption, shop: Shop) -> None:
    """Refuse a reversal by another merchant than the one that redeemed.

    :raises Refusal: ``reversal.other_merchant``.
    """
    if (redemption.shop.town_id, redemption.shop.merchant_id) != (shop.town_id, shop.merchant_id):
        raise Refusal("reversal.other_merchant")


def check_same_day(redemption: Redemption, today: date) -> None:
    """Refuse a reversal on another day in Germany than that of the redemption.

    :raises Refusal: ``reversal.too_late``.
    """
    if berlin_day(redemption.redeemed_at) != today:
        raise Refusal("reversal.too_late")
