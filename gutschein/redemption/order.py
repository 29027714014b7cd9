"""What waits to be cleared: a sale whose vouchers are looked up, and whoever waits for it."""

from __future__ import annotations

from asyncio import Future
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import MerchantId, RedemptionId, TownId
from gutschein.redemption.presented import Presented
from gutschein.redemption.rules import By, CodeKey, Redemption, Shop
from gutschein.redemption.waiting import Waiting
from gutschein.signing.keyset import PublicKey
from gutschein.signing.sealing import CodeKeys
from gutschein.watch.stopwatch import Stopwatch
from gutschein.web.caller import SignIn

if TYPE_CHECKING:
    from opentelemetry.trace import SpanContext  # is there only where traces are wanted


@dataclass(frozen=True, slots=True)
class Item:
    """One voucher of a sale: the till's id, what it read, and what it takes, in cents.

    :param pin: as it was typed, where one was.
    :param pin_refusal: why the PIN is not looked at, where too many were wrong before.
    """

    id: RedemptionId
    presented: Presented
    amount_cents: int
    pin: str | None = field(default=None, repr=False)
    pin_refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Sale:
    """What one shop redeems at once: one voucher, or several that pay one sale.

    :param items: with ids that differ from one another.
    :param claimed_at: of a voucher that was taken without a net: the instant for whose day it
        had to be valid, not later than now.
    """

    shop: Shop
    items: Sequence[Item]
    id: UUID | None = None
    claimed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TownKey:
    """A town's public key as it was read, and the region's master key that endorsed it."""

    public: PublicKey
    master: bytes | None

    def is_still(self, endorsement: bytes | None, master: bytes | None) -> bool:
        """Tell whether what made the key trusted is what stands in the database now."""
        return self.master == master and (master is None or self.public.endorsement == endorsement)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the voucher of an item can be.

    :param codes: one place for a scanned token, one for each town of a region for a typed code.
    :param key: what signed the token; ``None`` for a typed code.
    :param keys: those of the towns of *codes*, by which a PIN is checked.
    """

    codes: tuple[CodeKey, ...]
    key: TownKey | None
    keys: tuple[CodeKeys, ...] = ()


@dataclass(eq=False, slots=True)
class Order(Waiting[list[Redemption]]):
    """A sale on its way.

    :param places: one for each item.
    :param by: through what it is redeemed; ``None`` until *sign_in* has been asked.
    :param waited: since it began to.
    :param span: of the request, where there are traces.
    """

    sale: Sale
    places: Sequence[Place]
    now: datetime
    sign_in: SignIn | None
    by: By | None
    waited: Stopwatch
    span: SpanContext | None
    answer: Future[list[Redemption]] = field(repr=False)
    taken: ClassVar[str] = "redemption.conflict"

    @property
    def sign_in_to_ask(self) -> SignIn | None:
        """The credential, as long as it is still to be asked."""
        return self.sign_in if self.by is None else None

    @property
    def merchant_id(self) -> MerchantId:
        return self.sale.shop.merchant_id

    @property
    def size(self) -> int:
        return len(self.sale.items)

    @property
    def marks(self) -> set[object]:
        marks: set[object] = {item.id for item in self.sale.items}
        if self.sign_in and self.sign_in.nonce:
            marks.add((self.sign_in.device_id, self.sign_in.nonce))
        return marks

    @property
    def codes(self) -> set[CodeKey]:
        return {code for place in self.places for code in place.codes}

    @property
    def lane(self) -> TownId:
        """The town in whose batches it goes: that of its first voucher, as far as known."""
        first = self.places[0]
        return first.codes[0][0] if first.key else self.sale.shop.town_id
