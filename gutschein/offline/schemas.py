"""Terms without a net and claims, as the API takes and gives them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from gutschein.kernel.errors import Language
from gutschein.kernel.ids import BranchId, MerchantId, RedemptionId, TownId
from gutschein.offline.rules import LARGEST_LIMIT_CENTS, Claim, Claimed, Terms
from gutschein.redemption.rules import Redemption, Shop
from gutschein.redemption.schemas import RedemptionDone, Token, check_till_made
from gutschein.web.fields import AmountCents, Id, Input, known_as

Bearer = Literal["merchant", "town"]
LimitCents = Annotated[
    int,
    Meta(ge=1, le=LARGEST_LIMIT_CENTS, description="Whole euro cents.", examples=[2_000]),
]
OutageMinutes = Annotated[
    int,
    Meta(
        ge=1,
        le=1_440,
        description="So long after its last contact a device may take vouchers without a net.",
        examples=[240],
    ),
]
Instant = Annotated[datetime, Meta(tz=True, examples=["2026-11-02T08:30:00Z"])]
At = Annotated[datetime, known_as("When, in UTC.", "2026-11-02T08:30:00Z")]


class NewOfflineTerms(Input, frozen=True, kw_only=True):
    """What a town's shops may take without a net from now on."""

    enabled: Annotated[bool, known_as("Whether they may take anything.", example=True)]
    voucher_cents: LimitCents
    device_cents: LimitCents
    outage_minutes: OutageMinutes
    bearer: Annotated[Bearer, known_as("Who bears what turns out not covered.", "merchant")]

    def __post_init__(self) -> None:
        if self.voucher_cents > self.device_cents:
            raise ValueError("Above `device_cents` in field `voucher_cents`")

    def begun(self, by: UUID, now: datetime) -> Terms:
        """Return them as they begin."""
        return Terms(
            begins_at=now,
            enabled=self.enabled,
            voucher_cents=self.voucher_cents,
            device_cents=self.device_cents,
            outage_minutes=self.outage_minutes,
            bearer=self.bearer,
            set_by=by,
        )


class OfflineTerms(Struct, frozen=True, kw_only=True):
    """What a town's shops may take without a net, from an instant until the next terms begin."""

    begins_at: At
    enabled: bool
    voucher_cents: LimitCents
    device_cents: LimitCents
    outage_minutes: OutageMinutes
    bearer: Bearer
    set_by: Id

    @classmethod
    def of(cls, terms: Terms) -> OfflineTerms:
        return cls(
            begins_at=terms.begins_at,
            enabled=terms.enabled,
            voucher_cents=terms.voucher_cents,
            device_cents=terms.device_cents,
            outage_minutes=terms.outage_minutes,
            bearer=terms.bearer,
            set_by=terms.set_by,
        )


class OfflineTermsList(Struct, frozen=True):
    """A town's terms, the newest first; without any, nothing may be taken without a net."""

    terms: list[OfflineTerms]


class NewClaim(Input, frozen=True, kw_only=True):
    """What a device took without a net, under the id that the redemption is to have."""

    id: Id
    town_id: Id
    merchant_id: Id
    branch_id: Id
    token: Token
    amount_cents: AmountCents
    claimed_at: Annotated[
        Instant, Meta(description="When it was taken, by the service's clock as far as known.")
    ]
    outage_began_at: Annotated[
        Instant, Meta(description="`server_time` of the last answer to `GET /api/v1/device`.")
    ]

    def __post_init__(self) -> None:
        check_till_made(self.id)

    @property
    def claimed(self) -> Claimed:
        return Claimed(
            id=RedemptionId(self.id),
            shop=Shop(TownId(self.town_id), MerchantId(self.merchant_id), BranchId(self.branch_id)),
            token=self.token,
            amount_cents=self.amount_cents,
            claimed_at=self.claimed_at,
            outage_began_at=self.outage_began_at,
        )


Reason = Annotated[
    str | None, known_as("Why it is disputed, as an error code.", "voucher.insufficient")
]
Message = Annotated[
    str | None, known_as("The same in words for the cashier.", "Kein Guthaben mehr.")
]
BearerOf = Annotated[Bearer | None, known_as("Who bears it, of a disputed claim.", "merchant")]


class ClaimDone(Struct, frozen=True, kw_only=True):
    """What became of a claim; the same for ever."""

    id: Id
    outcome: Annotated[
        Literal["accepted", "disputed"], known_as("Whether it was redeemed.", "accepted")
    ]
    redemption: RedemptionDone | None
    reason: Reason
    message: Message
    bearer: BearerOf

    @classmethod
    def of(cls, claim: Claim, done: Redemption | None, language: Language) -> ClaimDone:
        return cls(
            id=claim.id,
            outcome="accepted" if claim.outcome == "accepted" else "disputed",
            redemption=None if done is None else RedemptionDone.of(done),
            reason=None if claim.refusal is None else claim.refusal.code,
            message=None if claim.refusal is None else claim.refusal.message(language),
            bearer=claim.bearer,
        )


class BranchClaim(Struct, frozen=True, kw_only=True):
    """A claim in the list of a branch. Of one that is received, the end is not known yet: the
    device that sent it has to send it again.
    """

    id: Id
    outcome: Annotated[
        Literal["received", "accepted", "disputed"],
        known_as("How far it is.", "accepted"),
    ]
    amount_cents: AmountCents
    claimed_at: At
    received_at: At
    issuing_town_name: Annotated[
        str | None, known_as("Who issued the voucher, where that is known.", "Zwönitz")
    ]
    device_name: Annotated[str, known_as("Which device took it.", "Kasse 1")]
    cashier_name: Annotated[str | None, known_as("Who stood there.", "Petra M.")]
    own: Annotated[bool, known_as("Whether this device took it.", example=True)]
    reason: Reason
    message: Message
    bearer: BearerOf


class BranchClaims(Struct, frozen=True):
    """What a branch took without a net on a day, the newest first."""

    claims: list[BranchClaim]
    has_more: Annotated[bool, known_as("Whether there are more than are listed.", example=False)]
