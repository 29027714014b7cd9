"""Redemptions and reversals, as the API takes and gives them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct

from gutschein.kernel.ids import BranchId, MerchantId, TownId
from gutschein.redemption.presented import Presented
from gutschein.redemption.rules import Redemption, Reversal, Shop
from gutschein.towns.schemas import BrandColour
from gutschein.vouchers.schemas import Serial
from gutschein.web.fields import AmountCents, Id, Input, known_as

#: A sale is paid with at most this many vouchers.
MOST_VOUCHERS = 50
#: So many may be sent in one call.
MOST_ITEMS = 1_000

Token = Annotated[
    str,
    Meta(
        max_length=512,
        description="What the camera read: the whole text of the QR code.",
        examples=["HTTPS://GUTSCHEIN.EXAMPLE/V/2KCEZIQBE4CEI3…"],
    ),
]
Code = Annotated[
    str,
    Meta(
        max_length=64,
        description="The code typed by hand, such as `7Z2K-QF0M-9XWV-3D5H-C`: instead of `token`.",
    ),
]
Pin = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{6}$(?!\n)",
        description="The PIN of a voucher that has one: six digits, on a slip of its own.",
        examples=["482913"],
    ),
]
BalanceCents = Annotated[int, known_as("What is left on the voucher, in cents.", 3_750)]
At = Annotated[datetime, known_as("When, in UTC.", "2026-11-02T08:30:00Z")]


def check_till_made(id_: UUID) -> None:
    """Refuse an id of a version that tills do not make: the others are ours.

    :raises ValueError: which msgspec reports with the place of the object it is in.
    """
    if id_.version != 7:
        raise ValueError("Not a UUIDv7 in field `id`")


class _InShop:
    """What names the shop that redeems or reverses."""

    __slots__ = ()
    town_id: UUID
    merchant_id: UUID
    branch_id: UUID

    @property
    def shop(self) -> Shop:
        return Shop(TownId(self.town_id), MerchantId(self.merchant_id), BranchId(self.branch_id))


class NewItem(Input, frozen=True, kw_only=True):
    """One voucher, under an id that the till made and stored before it sends it."""

    id: Id
    token: Token | None = None
    code: Code | None = None
    pin: Pin | None = None
    amount_cents: AmountCents

    @property
    def presented(self) -> Presented:
        return Presented(self.token, self.code)

    def __post_init__(self) -> None:
        check_till_made(self.id)
        if (self.token is None) == (self.code is None):
            raise ValueError("Either `token` or `code`")


class NewRedemption(_InShop, NewItem, frozen=True, kw_only=True):
    """A voucher to be redeemed, in full or in part."""

    town_id: Id
    merchant_id: Id
    branch_id: Id


class NewSale(_InShop, Input, frozen=True, kw_only=True):
    """Several vouchers that pay one sale: all of them, or none."""

    id: Id
    town_id: Id
    merchant_id: Id
    branch_id: Id
    items: Annotated[
        list[NewItem],
        Meta(min_length=1, max_length=MOST_VOUCHERS, description="The vouchers."),
    ]

    def __post_init__(self) -> None:
        check_till_made(self.id)
        if len({item.id for item in self.items}) < len(self.items):
            raise ValueError("An id appears twice in `items`")


class NewRedemptions(Input, frozen=True, kw_only=True):
    """Many vouchers, each redeemed for itself: what a till booked without a net, or a cash
    register's day.
    """

    items: Annotated[
        list[NewRedemption],
        Meta(min_length=1, max_length=MOST_ITEMS, description="The redemptions."),
    ]

    def __post_init__(self) -> None:
        if len({(item.town_id, item.id) for item in self.items}) < len(self.items):
            raise ValueError("An id appears twice in `items`")


class NewReversal(_InShop, Input, frozen=True, kw_only=True):
    """A redemption to be taken back whole."""

    id: Id
    town_id: Id
    merchant_id: Id
    branch_id: Id

    def __post_init__(self) -> None:
        check_till_made(self.id)


class RedemptionDone(Struct, frozen=True, kw_only=True):
    """A redemption that took place; the same for ever."""

    id: Id
    sale_id: Annotated[UUID | None, known_as("The sale it was part of.", None)]
    town_id: Id
    merchant_id: Id
    branch_id: Id
    issuing_town_id: Id
    voucher_id: Id
    amount_cents: AmountCents
    balance_after_cents: BalanceCents
    redeemed_at: At
    reversal_id: Annotated[
        UUID | None, known_as("The reversal that took it back, if one has.", None)
    ] = None

    @classmethod
    def of(cls, done: Redemption, reversal: Reversal | None = None) -> RedemptionDone:
        return cls(
            id=done.id,
            sale_id=done.sale_id,
            town_id=done.shop.town_id,
            merchant_id=done.shop.merchant_id,
            branch_id=done.shop.branch_id,
            issuing_town_id=done.issuing_town_id,
            voucher_id=done.voucher_id,
            amount_cents=done.amount_cents,
            balance_after_cents=done.balance_after_cents,
            redeemed_at=done.redeemed_at,
            reversal_id=reversal.id if reversal else None,
        )


class ItemDone(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one item: either it took place, or it was refused."""

    id: Id
    redemption: RedemptionDone | None = None
    problem: Annotated[
        dict[str, Any] | None,
        Meta(description="A problem document, as the item would have been answered alone."),
    ] = None


class RedemptionsDone(Struct, frozen=True, kw_only=True):
    """What became of each item, in their order."""

    results: list[ItemDone]


class SaleDone(Struct, frozen=True, kw_only=True):
    """A sale that was paid with vouchers."""

    id: Id
    total_cents: AmountCents
    redemptions: list[RedemptionDone]


class ReversalDone(Struct, frozen=True, kw_only=True):
    """A reversal that took place; the same for ever."""

    id: Id
    redemption_id: Id
    credited_voucher_id: Id
    amount_cents: AmountCents
    balance_after_cents: BalanceCents
    reversed_at: At

    @classmethod
    def of(cls, done: Reversal) -> ReversalDone:
        return cls(
            id=done.id,
            redemption_id=done.redemption_id,
            credited_voucher_id=done.credited_voucher_id,
            amount_cents=done.amount_cents,
            balance_after_cents=done.balance_after_cents,
            reversed_at=done.reversed_at,
        )


class VoucherBalance(Struct, frozen=True, kw_only=True):
    """What a till needs to know of a voucher before it redeems."""

    town_id: Id
    town_name: Annotated[str, known_as("Who issued it.", "Zwönitz")]
    brand_colour: BrandColour
    voucher_id: Id
    serial: Serial
    programme_name: Annotated[str, known_as("What kind it is.", "Stadtgutschein Zwönitz")]
    face_value_cents: AmountCents
    balance_cents: BalanceCents
    valid_until: Annotated[date, known_as("The last day, included.", "2029-12-31")]
    partial_redemption: Annotated[bool, known_as("Whether a rest may stay.", example=True)]
    needs_pin: Annotated[
        bool, known_as("Whether it is redeemed with its PIN besides.", example=False)
    ]
    refusal: Annotated[
        str | None,
        known_as("Why nothing can be redeemed from it today, as an error code.", "voucher.empty"),
    ]
    message: Annotated[
        str | None, known_as("The same in words for the cashier.", "Kein Guthaben mehr.")
    ]
