"""The kinds of field that requests and answers are made of, with bounds and examples.

The bounds of text are those of the payment file (ISO 20022, pain.001.001.09), so that
what was accepted here can be printed and paid later. NUL, which PostgreSQL cannot store,
and characters that steer a terminal or the direction of writing are refused.
"""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct

from gutschein.kernel.money import BASIS_POINTS, LARGEST_AMOUNT_CENTS

#: One line without control characters that neither begins nor ends with a space.
LINE = r"^(?!\s)[^\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]+(?<!\s)$(?!\n)"


def line(max_length: int, description: str, example: str) -> Meta:
    """Describe one line of text of 1 to *max_length* characters."""
    return Meta(
        min_length=1,
        max_length=max_length,
        pattern=LINE,
        description=description,
        examples=[example],
    )


def known_as(description: str, example: Any) -> Meta:
    """Describe a field whose type says the rest."""
    return Meta(description=description, examples=[example])


Id = Annotated[UUID, known_as("UUID (RFC 9562).", "01938f6e-5c00-7cc3-98c4-dc0c0c07398f")]

ClientId = Annotated[
    UUID | None,
    known_as(
        "UUIDv7 made by the caller: sent again with the same data it changes nothing and "
        "answers 200. Made by the service when absent.",
        "01938f6e-5c00-7cc3-98c4-dc0c0c07398f",
    ),
]

AmountCents = Annotated[
    int,
    Meta(
        ge=1,
        le=LARGEST_AMOUNT_CENTS,
        description="Whole euro cents, as a JSON integer.",
        examples=[2_500],
    ),
]

BasisPoints = Annotated[
    int,
    Meta(ge=0, le=BASIS_POINTS, description="Hundredths of a percent.", examples=[300]),
]

Iban = Annotated[
    str,
    Meta(
        min_length=5,
        max_length=50,
        pattern=LINE,
        description="IBAN of a SEPA country; spaces are ignored.",
        examples=["DE89370400440532013000"],
    ),
]

AccountHolder = Annotated[
    str, line(70, "Name the bank knows the account by; banks compare it.", "Kerstin Beispiel")
]

Postcode = Annotated[
    str, Meta(pattern=r"^[0-9]{5}$(?!\n)", description="German postcode.", examples=["09456"])
]


class Input(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What callers send. A field that is not known is refused, so that no typo passes."""


class NewThing(Input, frozen=True, kw_only=True):
    """What callers send to have something made, under an id of their own if they like."""

    id: ClientId = None

    def __post_init__(self) -> None:
        # Ids of other versions are ours: those of accounts and transfers are derived.
        if self.id is not None and self.id.version != 7:
            raise ValueError("Not a UUIDv7 in field `id`")
