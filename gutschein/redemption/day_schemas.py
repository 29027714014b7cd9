"""A branch's day, as a till is shown it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from gutschein.devices.device_schemas import BranchName
from gutschein.redemption.schemas import At, BalanceCents
from gutschein.vouchers.schemas import Serial
from gutschein.web.fields import AmountCents, Id, known_as

#: So many are shown; the table for a spreadsheet has them all.
MOST_ENTRIES = 500

Cents = Annotated[int, known_as("In cents.", 12_345)]
Count = Annotated[int, known_as("How many.", 12)]


class DayEntry(Struct, frozen=True, kw_only=True):
    """A redemption or a reversal in the branch."""

    id: Id
    kind: Literal["redemption", "reversal"]
    at: At
    amount_cents: AmountCents
    balance_after_cents: BalanceCents
    issuing_town_name: Annotated[str, known_as("Whose voucher.", "Zwönitz")]
    voucher_serial: Serial
    voucher_id: Id
    device_name: Annotated[
        str | None, known_as("Of the device or the API key; null for the town itself.", "Kasse 1")
    ]
    cashier_name: Annotated[str | None, known_as("Who stood there, if anybody.", "Petra M.")]
    own: Annotated[bool, known_as("Whether it was made by the device that asks.", example=True)]
    sale_id: Annotated[UUID | None, known_as("The sale it was part of.", None)]
    redemption_id: Annotated[UUID | None, known_as("Of a reversal: what it took back.", None)]
    reversal_id: Annotated[UUID | None, known_as("Of a redemption: what took it back.", None)]
    reversible: Annotated[
        bool, known_as("Whether it may be reversed now: a redemption of today.", example=True)
    ]


class DaySums(Struct, frozen=True, kw_only=True):
    """What was redeemed and taken back."""

    redeemed_cents: Cents
    reversed_cents: Cents
    net_cents: Annotated[int, known_as("Redeemed without what was taken back.", 11_095)]
    redemption_count: Count
    reversal_count: Count


class NamedSums(DaySums, frozen=True, kw_only=True):
    """The same of one cashier, or of one device or API key."""

    name: Annotated[str | None, known_as("Null for what nobody's name is on.", "Petra M.")]


class Day(Struct, frozen=True, kw_only=True):
    """What was redeemed and taken back in one branch on one day, at all its devices and cash
    registers.
    """

    day: Annotated[date, known_as("In Germany.", "2026-11-23")]
    branch_name: BranchName
    server_time: Annotated[datetime, known_as("The service's clock.", "2026-11-23T08:30:00Z")]
    entries: Annotated[
        list[DayEntry], Meta(description=f"The newest first, {MOST_ENTRIES} at most.")
    ]
    has_more: Annotated[bool, known_as("Whether there are earlier ones.", example=False)]
    total: DaySums
    by_cashier: Annotated[list[NamedSums], Meta(description="By name; without a name last.")]
    by_device: Annotated[list[NamedSums], Meta(description="By name; without a name last.")]
