"""Cashiers, and what a device knows of itself, as the API takes and gives them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from gutschein.devices.device_schemas import BranchName, DeviceName
from gutschein.devices.schemas import At
from gutschein.towns.schemas import BrandColour, TownName
from gutschein.web.fields import Id, Input, known_as, line

CashierName = Annotated[str, line(80, "What is called out across the shop.", "Petra M.")]
Pin = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{4,8}$(?!\n)",
        description="Four to eight digits, no such as 0000 or 1234.",
        examples=["7391"],
        extra={"secret": True},
    ),
]


class NewCashier(Input, frozen=True, kw_only=True):
    """A cashier to be named."""

    name: CashierName
    pin: Pin


class NewCashierName(Input, frozen=True, kw_only=True):
    """What a cashier is to be called."""

    name: CashierName


class NewPin(Input, frozen=True, kw_only=True):
    """A new PIN for a cashier."""

    pin: Pin


class Cashier(Struct, frozen=True, kw_only=True):
    """Somebody who stands at a merchant's devices."""

    id: Id
    merchant_id: Id
    name: CashierName
    created_at: At
    pin_changed_at: Annotated[
        datetime, known_as("Since when the PIN is what it is.", "2026-11-02T08:30:00Z")
    ]
    ended_at: Annotated[
        datetime | None, known_as("Since when they are gone.", "2026-11-30T18:00:00Z")
    ]


class Cashiers(Struct, frozen=True):
    """A merchant's cashiers, by name; those who are gone come last."""

    cashiers: list[Cashier]


class SignOn(Input, frozen=True, kw_only=True):
    """A cashier who steps up to a device."""

    cashier_id: Id
    pin: Pin


class NamedCashier(Struct, frozen=True, kw_only=True):
    """A cashier, for the list on a device."""

    id: Id
    name: CashierName


class AcceptedTown(Struct, frozen=True, kw_only=True):
    """A town whose vouchers a shop takes."""

    id: Id
    name: TownName


class OfflineLimits(Struct, frozen=True, kw_only=True):
    """What a device may take while the service cannot be reached."""

    voucher_cents: Annotated[int, known_as("Most from one voucher in one outage.", 2_000)]
    device_cents: Annotated[int, known_as("Most that waits on one device.", 10_000)]
    outage_minutes: Annotated[int, known_as("So long after the last contact.", 240)]
    bearer: Annotated[
        Literal["merchant", "town"], known_as("Who bears what turns out not covered.", "merchant")
    ]


class OwnDevice(Struct, frozen=True, kw_only=True):
    """What a device knows of itself, its shop and who stands there."""

    id: Id
    name: DeviceName
    town_id: Id
    town_name: Annotated[str, known_as("The town of the shop.", "Zwönitz")]
    brand_colour: BrandColour
    merchant_id: Id
    merchant_name: Annotated[str, known_as("Whose shop it is.", "Buchladen am Markt")]
    branch_id: Id
    branch_name: BranchName
    address: Annotated[str, known_as("The merchant's, in one line.", "Markt 3, 08297 Zwönitz")]
    accepted_towns: Annotated[
        list[AcceptedTown], Meta(description="Whose vouchers are taken here today; its own first.")
    ]
    offline: Annotated[
        OfflineLimits | None,
        Meta(description="What may be taken without a net; null where nothing may."),
    ]
    key_id: Annotated[
        str,
        known_as(
            "`keyid` of its signatures.",
            "01938f6e-5c00-7cc3-98c4-dc0c0c07398f.01938f6e-5c00-7cc3-98c4-dc0c0c07398f",
        ),
    ]
    cashiers: list[NamedCashier]
    cashier: NamedCashier | None
    signed_on_until: Annotated[
        datetime | None,
        known_as("When the cashier is signed off by itself.", "2026-11-02T20:30:00Z"),
    ]
    server_time: Annotated[datetime, known_as("The service's clock.", "2026-11-02T08:30:00Z")]
    clock_tolerance_seconds: Annotated[
        int, known_as("So far the device's clock may be from it.", 60)
    ]
