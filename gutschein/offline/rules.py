"""What may be taken without a net, what becomes of a claim, and who bears one that fails.

Pure decisions. A claim is what a device took while it could not reach the service: a
redemption that has not taken place yet.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from gutschein.devices.rules import CLOCK_TOLERANCE
from gutschein.kernel.errors import Refusal, RefusalParam
from gutschein.kernel.ids import RedemptionId
from gutschein.redemption.rules import Shop, VoucherKey

Bearer = Literal["merchant", "town"]
Outcome = Literal["received", "accepted", "disputed"]

#: No limit is above 100,000 EUR.
LARGEST_LIMIT_CENTS = 10_000_000

#: An attempt to clear a claim that has not ended by now never will: the clearing engine gives
#: an order up after ten seconds, and its batch after thirty more.
ATTEMPT = timedelta(seconds=60)

#: What a till sees by itself without a net. Who takes such a voucher all the same bears it.
_SEEN_AT_THE_TILL = frozenset(
    {
        "token.unreadable",
        "token.signature",
        "token.key_unknown",
        "token.key_not_yet",
        "token.key_expired",
    }
)


class Terms(Struct, frozen=True, kw_only=True):
    """What a town's shops may take without a net, from an instant on.

    :param voucher_cents: most that is taken from one voucher in one outage.
    :param device_cents: most that one device takes in one outage.
    :param outage_minutes: so long after its last contact a device may take anything.
    :param bearer: who bears what turns out not to be covered.
    """

    begins_at: datetime
    enabled: bool
    voucher_cents: int
    device_cents: int
    outage_minutes: int
    bearer: Bearer
    set_by: UUID


class Claimed(Struct, frozen=True, kw_only=True):
    """What a device says it has taken.

    :param outage_began_at: of its last contact with the service before that.
    """

    id: RedemptionId
    shop: Shop
    token: str
    amount_cents: int
    claimed_at: datetime
    outage_began_at: datetime

    def __repr__(self) -> str:
        return f"Claimed({self.id})"  # whoever has the token can redeem


class Taken(Struct, frozen=True):
    """What claims of one device and one outage have taken already, in cents."""

    from_voucher_cents: int
    by_device_cents: int


class Claim(Struct, frozen=True, kw_only=True):
    """A claim as it is kept.

    :param content_hash: of what was sent, so that the same is known again.
    :param voucher: as far as it is known.
    :param terms_begun_at: those that were in force, ``None`` where there were none.
    :param tried_at: since when an attempt to clear it is under way, or was the last time.
    """

    id: RedemptionId
    shop: Shop
    device_id: UUID
    cashier_id: UUID | None
    voucher: VoucherKey | None
    amount_cents: int
    claimed_at: datetime
    outage_began_at: datetime
    received_at: datetime
    content_hash: bytes
    terms_begun_at: datetime | None
    tried_at: datetime
    outcome: Outcome
    decided_at: datetime | None = None
    refusal: Refusal | None = None
    bearer: Bearer | None = None


def check_time(terms: Terms | None, claimed: Claimed, now: datetime) -> Terms:
    """Refuse what was taken when nothing was to be taken.

    :param terms: those in force when the outage began: a device knows no others.
    :returns: *terms*.
    :raises Refusal: ``offline.off``, ``offline.too_late``.
    """
    if terms is None or not terms.enabled:
        raise Refusal("offline.off")
    first = claimed.outage_began_at - CLOCK_TOLERANCE  # which is our clock's, not the device's
    last = claimed.outage_began_at + timedelta(minutes=terms.outage_minutes)
    if not first <= claimed.claimed_at <= min(last, now + CLOCK_TOLERANCE):
        raise Refusal("offline.too_late", minutes=terms.outage_minutes)
    return terms


def check_limits(terms: Terms, amount_cents: int, taken: Taken) -> None:
    """Refuse what is above a limit together with what was taken before in the same outage.

    :raises Refusal: ``offline.voucher_limit``, ``offline.device_limit``.
    """
    if taken.from_voucher_cents + amount_cents > terms.voucher_cents:
        raise Refusal("offline.voucher_limit", voucher_cents=terms.voucher_cents)
    if taken.by_device_cents + amount_cents > terms.device_cents:
        raise Refusal("offline.device_limit", device_cents=terms.device_cents)


def is_last_word(refusal: Refusal) -> bool:
    """Tell whether a claim that is refused so is disputed for good.

    Of others the till is told as of any request: its credential is not good, the service is
    busy, the id is taken.
    """
    subject = refusal.code.partition(".")[0]
    return subject in {"token", "voucher", "offline"} or refusal.code in {
        "merchant.not_accepted",
        "branch.closed",
    }


def bearer_of(refusal: Refusal, terms: Terms | None) -> Bearer:
    """Return who bears a disputed claim: whoever the town's terms say, if it was within them
    and nothing was to be seen at the till; else the shop.
    """
    if terms is None or refusal.code in _SEEN_AT_THE_TILL or refusal.code.startswith("offline."):
        return "merchant"
    return terms.bearer


def may_try(claim: Claim, now: datetime) -> bool:
    """Tell whether a claim may be given to the clearing engine again: not while an earlier
    attempt may still be under way, which could book it after a later one was refused.
    """
    return now >= claim.tried_at + ATTEMPT


def stored_params(refusal: Refusal) -> str:
    """Write the facts of a refusal, to be kept."""
    return msgspec.json.encode(refusal.params).decode()


def stored_refusal(code: str, params: str) -> Refusal:
    """Read a refusal back, so that it says the same for ever."""
    facts: dict[str, RefusalParam] = msgspec.json.decode(params)
    last_day = facts.get("date")
    if isinstance(last_day, str):
        facts["date"] = date.fromisoformat(last_day)
    return Refusal(code, **facts)
