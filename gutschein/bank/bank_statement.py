"""A bank statement, whatever message brought it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One movement on the account. Texts that the bank left out are empty.

    :param is_credit: money came in; it is so too of a reversal, whatever that takes back.
    :param bank_reference: what the bank calls the entry (``AcctSvcrRef``).
    :param party_name: of a credit the payer, of a debit the payee.
    :param structured_reference: the creditor reference, in capitals without spaces.
    :param remittance: the lines of text, as the bank split them.
    :param return_reason: why a payment came back, such as ``AC04``; ``RRTN`` when the bank says
        no more than that it did.
    :param is_lump: a sum of several payments that the bank does not tell apart.
    """

    amount_cents: int
    is_credit: bool
    is_reversal: bool
    booked_on: date
    value_on: date
    bank_reference: str = ""
    end_to_end_id: str = ""
    structured_reference: str = ""
    remittance: tuple[str, ...] = ()
    party_name: str = ""
    party_iban: str = ""
    return_reason: str = ""
    is_lump: bool = False

    @property
    def signed_cents(self) -> int:
        return self.amount_cents if self.is_credit else -self.amount_cents


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """The booked entries of an account between two balances, which they explain to the cent."""

    id: str
    sequence_number: int | None
    iban: str
    from_day: date
    to_day: date
    opening_cents: int
    closing_cents: int
    entries: tuple[Entry, ...]

    @property
    def entries_cents(self) -> int:
        return sum(entry.signed_cents for entry in self.entries)
