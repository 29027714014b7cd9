"""Devices and pairing codes, as the API takes and gives them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from gutschein.devices.public_keys import Algorithm
from gutschein.devices.schemas import At
from gutschein.web.fields import Id, Input, known_as, line

DeviceName = Annotated[str, line(80, "What tells the device from the others.", "Kasse 1")]
BranchName = Annotated[str, known_as("The branch it stands in.", "Markt 3")]
LockReason = Annotated[str, line(200, "Why it is locked.", "Gestohlen am 2. Dezember")]
Code = Annotated[
    str,
    Meta(
        max_length=40,
        description="The pairing code, as it was scanned or typed.",
        examples=["K7QM-2XFD-9TRA"],
    ),
]


class NewPairingCode(Input, frozen=True, kw_only=True):
    """A device to be paired."""

    branch_id: Id
    name: DeviceName


class PairingCode(Struct, frozen=True, kw_only=True):
    """A code that makes one device within five minutes."""

    id: Id
    branch_id: Id
    name: DeviceName
    code: Code
    address: Annotated[
        str,
        known_as(
            "What the QR code says: where a device opens the pairing, with the code.",
            "https://gutschein.example/kasse/koppeln#K7QM-2XFD-9TRA",
        ),
    ]
    ends_at: At
    used_at: Annotated[
        datetime | None, known_as("When it made its device.", "2026-11-02T08:32:00Z")
    ] = None


class NewDevice(Input, frozen=True, kw_only=True):
    """A device that has been shown a pairing code. The request is signed by its key."""

    id: Annotated[
        Id,
        known_as(
            "UUIDv7 made by the device, which also signs with it as `keyid`. Sent again with "
            "the same key and code it changes nothing.",
            "01938f6e-5c00-7cc3-98c4-dc0c0c07398f",
        ),
    ]
    code: Code
    public_key: Annotated[
        str,
        Meta(
            max_length=200,
            description="SubjectPublicKeyInfo in base64, of ECDSA P-256 or Ed25519.",
            examples=["MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE="],
        ),
    ]

    def __post_init__(self) -> None:
        if self.id.version != 7:
            raise ValueError("Not a UUIDv7 in field `id`")


class Device(Struct, frozen=True, kw_only=True):
    """A phone or till of a merchant."""

    id: Id
    merchant_id: Id
    branch_id: Id
    branch_name: BranchName
    name: DeviceName
    algorithm: Annotated[Algorithm, known_as("What it signs with.", "ecdsa-p256-sha256")]
    paired_at: At
    paired_by: Annotated[str, known_as("Who showed it the code.", "Kerstin Beispiel")]
    seen_at: Annotated[datetime, known_as("When it was last in use.", "2026-11-02T08:30:00Z")]
    locked_at: Annotated[
        datetime | None, known_as("Since when it is locked.", "2026-11-02T08:30:00Z")
    ]
    locked_by_town: Annotated[
        bool | None, known_as("Whether only the town can release it.", example=False)
    ]
    lock_reason: LockReason | None


class Devices(Struct, frozen=True):
    """A merchant's devices, by branch and name."""

    devices: list[Device]


class NewLock(Input, frozen=True, kw_only=True):
    """Why a device is to be locked."""

    reason: LockReason
