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
    """Where a merchant is to be paid from now on."""

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


class Merchant(Struct, frozen=True, kw_only=True):
    """A merchant under contract with a town."""

    id: Id
    town_id: Id
    name: MerchantName
    address: Address
    created_at: Since
    branches: list[Branch]
    payout_account: PayoutAccount


class Merchants(Struct, frozen=True):
    """A town's merchants, by name."""

    merchants: list[Merchant]


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
