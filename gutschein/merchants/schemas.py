"""Merchants, branches, payout accounts and issuing points, as the API takes and gives them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from gutschein.web.address import Address
from gutschein.web.fields import AccountHolder, Iban, Id, Input, NewThing, known_as, line

MerchantName = Annotated[str, line(140, "What the sign over the door says.", "Buchladen am Markt")]
BranchName = Annotated[str, line(140, "What tells the branch from the others.", "Markt 3")]
PointName = Annotated[str, line(140, "Where vouchers are sold.", "Bürgerbüro")]
Since = Annotated[datetime, known_as("The first instant, in UTC.", "2026-11-02T08:30:00Z")]
ContactEmail = Annotated[
    str,
    Meta(
        max_length=254,
        pattern=r"^[^\s@<>\x00-\x1f\x7f]{1,64}@[^\s@<>\x00-\x1f\x7f]+\.[^\s@<>.\x00-\x1f\x7f]{2,}$(?!\n)",
        description="Who is told of changes to the payout account.",
        examples=["laden@beispiel.de"],
    ),
]


class NewBranch(NewThing, frozen=True, kw_only=True):
    """A branch to be opened."""

    name: BranchName


class Branch(Struct, frozen=True, kw_only=True):
    """A shop of a merchant. A closed one redeems nothing."""

    id: Id
    merchant_id: Id
    name: BranchName
    opened_at: Since
    closed_at: Since | None


class NewPayoutAccount(Input, frozen=True, kw_only=True):
    """Where a merchant is to be paid."""

    iban: Iban
    account_holder: AccountHolder


class PayoutAccount(Struct, frozen=True, kw_only=True):
    """Where a merchant is paid from an instant on."""

    iban: Iban
    account_holder: AccountHolder
    valid_from: Since


class NewMerchant(NewThing, frozen=True, kw_only=True):
    """A merchant to be taken under contract, with its first branches."""

    name: MerchantName
    address: Address
    branches: Annotated[list[NewBranch], Meta(min_length=1, max_length=100)]
    payout_account: NewPayoutAccount
    contact_email: ContactEmail | None = None


class Merchant(Struct, frozen=True, kw_only=True):
    """A merchant under contract with a town."""

    id: Id
    town_id: Id
    name: MerchantName
    address: Address
    created_at: Since
    branches: list[Branch]


class MerchantWithAccount(Merchant, frozen=True, kw_only=True):
    """A merchant under contract, and where its money goes."""

    payout_account: PayoutAccount
    next_payout_account: Annotated[
        PayoutAccount | None, known_as("Approved, and still in its waiting period.", None)
    ]
    contact_email: ContactEmail | None


class MaskedAccount(Struct, frozen=True, kw_only=True):
    """Where a merchant is paid, so that only who knows the account recognises it."""

    iban: Annotated[str, known_as("Its first and last four characters.", "DE89 … 3000")]
    valid_from: Since


class ListedMerchant(Merchant, frozen=True, kw_only=True):
    """A merchant in a list, where account numbers are masked."""

    payout_account: MaskedAccount


class Merchants(Struct, frozen=True):
    """A town's merchants, by name."""

    merchants: list[ListedMerchant]


class NewIssuingPoint(NewThing, frozen=True, kw_only=True):
    """An issuing point to be opened."""

    name: PointName


class IssuingPoint(Struct, frozen=True, kw_only=True):
    """Sells vouchers against cash or card."""

    id: Id
    town_id: Id
    name: PointName
    opened_at: Since


class IssuingPoints(Struct, frozen=True):
    """A town's issuing points, by name."""

    issuing_points: list[IssuingPoint]
