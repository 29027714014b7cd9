"""What the ledger takes in: accounts to open, transfers to post, money to hold."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from gutschein.kernel.ids import AccountId, HoldId, TownId, TransferId
from gutschein.ledger.chart import AccountKind, account_id


class Event(StrEnum):
    """Why money moves. Each event has one pair of accounts; see docs/explanation/ledger.md."""

    PAYMENT = "payment"
    DEPOSIT = "deposit"
    ASSIGNMENT = "assignment"
    DEPOSIT_RETURNED = "deposit_returned"
    CASH_BANKED = "cash_banked"
    ISSUE = "issue"
    REDEMPTION = "redemption"
    REVERSAL = "reversal"
    REPLACEMENT = "replacement"
    EXPIRY = "expiry"
    SETTLEMENT_PAYOUT = "settlement_payout"
    SETTLEMENT_FEE = "settlement_fee"
    SETTLEMENT_VAT = "settlement_vat"
    PAYOUT_CONFIRMED = "payout_confirmed"
    PAYOUT_RETURNED = "payout_returned"
    NETTING = "netting"
    NETTING_PAID = "netting_paid"


@dataclass(frozen=True, slots=True)
class Account:
    """An account to open: its id follows from its town, kind and owner."""

    town_id: TownId
    kind: AccountKind
    owner_id: UUID | None = None

    @property
    def id(self) -> AccountId:
        return account_id(self.town_id, self.kind, self.owner_id)


class NewTransfer(Struct, frozen=True):
    """One movement of ``amount_cents`` from the debit to the credit account.

    The id is made by whoever asks; posting it again with the same content changes
    nothing. ``link_id`` names the whole that this transfer is part of, ``reverses_id``
    the transfer that it takes back.
    """

    town_id: TownId
    id: TransferId
    debit_account_id: AccountId
    credit_account_id: AccountId
    amount_cents: int
    event: Event
    reference_id: UUID
    link_id: UUID | None = None
    reverses_id: TransferId | None = None


@dataclass(frozen=True, slots=True)
class NewHold:
    """Money to set aside on the guarded debit account, for a later transfer to the credit."""

    town_id: TownId
    id: HoldId
    debit_account_id: AccountId
    credit_account_id: AccountId
    amount_cents: int
    event: Event
    reference_id: UUID


@dataclass(frozen=True, slots=True)
class GuardedBalance:
    """What a guarded account holds, and how much of it is set aside."""

    balance_cents: int
    held_cents: int

    @property
    def available_cents(self) -> int:
        return self.balance_cents - self.held_cents
