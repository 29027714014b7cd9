"""A redemption that is to be taken back: what waits for it, and what becomes of it."""

from __future__ import annotations

from asyncio import Future
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, ClassVar

from gutschein.kernel.clock import berlin_day
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import MerchantId, RedemptionId, ReversalId
from gutschein.redemption.rules import (
    Branch,
    By,
    CodeKey,
    Redemption,
    Reversal,
    Shop,
    VoucherKey,
    check_exists,
    check_same_day,
    check_same_merchant,
)
from gutschein.redemption.waiting import Waiting
from gutschein.vouchers.rules import VoucherState
from gutschein.watch.stopwatch import Stopwatch

if TYPE_CHECKING:
    from opentelemetry.trace import SpanContext  # is there only where traces are wanted


@dataclass(frozen=True, slots=True)
class Asked:
    """A redemption that a shop wants to take back, and through what it does."""

    id: ReversalId
    redemption_id: RedemptionId
    shop: Shop
    now: datetime
    by: By


@dataclass(frozen=True, slots=True)
class Living:
    """The voucher that gets the money: the one that was redeemed, or what has replaced it.

    :param codes: by which the engine locks it.
    """

    key: VoucherKey
    state: VoucherState
    valid_until: date
    balance_cents: int
    codes: frozenset[CodeKey] = frozenset()


@dataclass(frozen=True, slots=True)
class Facts:
    """What the database says of a redemption that took place.

    :param stored: the reversal that took it back, if one has.
    :param taken: whether the id of the new one is in one of the books already, as far as known.
    """

    redemption: Redemption
    branch: Branch | None
    stored: Reversal | None
    living: Living
    taken: bool = False


@dataclass(eq=False, slots=True)
class ReversalOrder(Waiting[Reversal]):
    """A reversal on its way.

    :param codes: of the voucher that gets the money, as it was read last.
    """

    asked: Asked
    waited: Stopwatch
    span: SpanContext | None
    answer: Future[Reversal] = field(repr=False)
    codes: frozenset[CodeKey] = frozenset()
    taken: ClassVar[str] = "request.conflict"
    size: ClassVar[int] = 1

    @property
    def lane(self) -> object:
        """That of the reversals in the merchant's town, where the redemption is."""
        return "reversal", self.asked.shop.town_id

    @property
    def merchant_id(self) -> MerchantId:
        return self.asked.shop.merchant_id

    @property
    def marks(self) -> set[object]:
        """None: a repetition, and a second one of a redemption, is found to be one in its batch."""
        return set()


def decide(asked: Asked, facts: Facts | None, *, any_day: bool = False) -> Reversal:
    """Return the reversal that is to be booked; of a repetition, ``facts.stored``.

    A blocked voucher is credited and stays blocked; a branch that has closed since may still
    set its day right.

    :param facts: ``None`` where there is no such redemption.
    :param any_day: whether a second person has approved it, so that the day does not matter.
    :raises Refusal: ``redemption.unknown``, what :func:`check_exists` says of the shop,
        ``reversal.other_merchant``, ``reversal.already``, ``reversal.too_late``,
        ``voucher.expired``, and ``request.conflict`` when the id stands for something else.
    """
    if facts is None:
        raise Refusal("redemption.unknown")
    redemption, living = facts.redemption, facts.living
    check_exists(facts.branch)
    check_same_merchant(redemption, asked.shop)
    if stored := facts.stored:
        if stored.id != asked.id:
            raise Refusal("reversal.already")
        if stored.shop != asked.shop:
            raise Refusal("request.conflict")
        return stored
    if not any_day:
        check_same_day(redemption, berlin_day(asked.now))
    if living.state is VoucherState.EXPIRED:
        raise Refusal("voucher.expired", date=living.valid_until)
    if facts.taken:
        raise Refusal("request.conflict")
    return Reversal(
        id=asked.id,
        redemption_id=redemption.id,
        shop=asked.shop,
        credited_voucher_id=living.key[1],
        amount_cents=redemption.amount_cents,
        balance_after_cents=living.balance_cents + redemption.amount_cents,
        reversed_at=max(asked.now, redemption.redeemed_at),  # the clock may have been set back
        by=asked.by,
    )


class Batch:
    """What the orders of a batch that are decided so far take back, and to which vouchers.

    :ivar fresh: what is to be booked.
    :ivar credited: the vouchers, as they were before the batch.
    """

    def __init__(self) -> None:
        self.fresh: dict[RedemptionId, tuple[Redemption, Reversal]] = {}
        self.credited: dict[VoucherKey, Living] = {}
        self._left: dict[VoucherKey, Living] = {}
        self._ids: set[ReversalId] = set()

    def decide(self, asked: Asked, facts: Facts | None) -> Reversal:
        """Decide one against what the ones before it leave.

        :param facts: as they were before the batch.
        :raises Refusal: as :func:`decide`.
        """
        if facts is None:
            return decide(asked, None)
        redemption, key = facts.redemption, facts.living.key
        _, stored = self.fresh.get(redemption.id, (None, facts.stored))
        living = self._left.get(key, facts.living)
        taken = facts.taken or asked.id in self._ids
        reversal = decide(asked, replace(facts, stored=stored, living=living, taken=taken))
        if reversal is not stored:
            self.fresh[redemption.id] = redemption, reversal
            self.credited.setdefault(key, living)
            self._left[key] = replace(living, balance_cents=reversal.balance_after_cents)
            self._ids.add(reversal.id)
        return reversal
