"""API keys, as the API takes and gives them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal

from msgspec import Meta, Struct

from gutschein.devices.rules import KEY_GRACE, KEY_GRACE_AT_MOST, KeyState
from gutschein.web.fields import Id, Input, known_as, line

_HOUR = timedelta(hours=1)

KeyName = Annotated[str, line(80, "What tells the key from the others.", "Kasse am Eingang")]
KeyRight = Literal["till.redeem", "till.balance", "redemption.read"]
Rights = Annotated[
    list[KeyRight],
    Meta(
        min_length=1,
        max_length=3,
        description="What the cash register may do: redeem and reverse, ask for balances, ask "
        "what became of a redemption.",
        examples=[["till.redeem", "till.balance"]],
    ),
]
At = Annotated[datetime, known_as("An instant, in UTC.", "2026-11-02T08:30:00Z")]
KeyEnd = Annotated[
    datetime | None,
    known_as(
        "From when on the key is good no more: one year from now unless told, two at most.",
        "2027-11-02T08:30:00Z",
    ),
]


class NewApiKey(Input, frozen=True, kw_only=True):
    """An API key to be made."""

    name: KeyName
    rights: Rights
    ends_at: KeyEnd = None


class KeyRotation(Input, frozen=True, kw_only=True):
    """How a key is to be replaced."""

    ends_at: KeyEnd = None
    grace_hours: Annotated[
        int,
        Meta(
            ge=0,
            le=KEY_GRACE_AT_MOST // _HOUR,
            description="So long the old key stays good beside the new one.",
            examples=[168],
        ),
    ] = KEY_GRACE // _HOUR

    @property
    def grace(self) -> timedelta:
        return timedelta(hours=self.grace_hours)


class ApiKey(Struct, frozen=True, kw_only=True):
    """An API key of a cash register, without its secret."""

    id: Id
    merchant_id: Id
    name: KeyName
    rights: Rights
    created_at: At
    ends_at: At
    revoked_at: At | None = None
    used_at: Annotated[
        datetime | None,
        known_as("When it was used last, to the hour.", "2026-11-02T08:30:00Z"),
    ] = None
    replaces_id: Annotated[Id | None, known_as("The key it replaces.", None)] = None
    state: Annotated[KeyState, known_as("`ending` is in the last 30 days before its end.", "valid")]


class ApiKeys(Struct, frozen=True):
    """A merchant's API keys, the newest first."""

    api_keys: list[ApiKey]


class MadeApiKey(Struct, frozen=True, kw_only=True):
    """A new key with its token, which is shown this once and stored nowhere."""

    api_key: ApiKey
    token: Annotated[
        str,
        known_as(
            "For `Authorization: Bearer …`.",
            "gsk_agjy63s4ab6mhgge3qgaybzzr4_agjy63s4ab6mhgge3qgaybzzr4_a"
            "aaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dypwpi3nqy",
        ),
    ]
