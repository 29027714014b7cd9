"""An order to the bank: pay these merchants from this account on this day."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from gutschein.bank.iban import parse_iban
from gutschein.kernel.errors import Refusal

#: 999,999,999.99 EUR, the most one SEPA credit transfer can carry (EPC132-08).
LARGEST_TRANSFER_CENTS = 99_999_999_999

#: More would be one file that many bank portals no longer take; split the order instead.
MOST_TRANSFERS = 50_000

# RestrictedIdentificationSEPA1 of Anlage 3 of the DFÜ-Abkommen, and the slash rule of the
# implementation guidelines EPC132-08: no "/" at either end and no "//" anywhere.
# Spaces at its ends are refused too, because readers of XML may strip them.
_REFERENCE = re.compile(r"(?![/ ])(?!.*//)[A-Za-z0-9+?/:().,' -]{1,35}(?<![/ ])")
_COUNTRY = re.compile(r"[A-Z]{2}")
_BIC = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class PostalAddress:
    """A structured address. Town and country are what the rulebook asks for at the least.

    :param country: ISO 3166 in two capital letters, such as ``DE``.
    """

    street: str | None
    house_number: str | None
    postcode: str | None
    town_name: str
    country: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditTransfer:
    """One payment to one merchant.

    :param end_to_end_id: the statement's number, at most 35 characters; the creditor sees it,
        and the bank repeats it when it confirms or returns the payment.
    :param creditor_name: the account holder's name, which the bank compares with the account
        (Verification of Payee), not the shop's name.
    :param creditor_address: structured or absent; banks reject address lines.
    """

    end_to_end_id: str
    amount_cents: int
    creditor_name: str
    creditor_iban: str
    remittance: str
    creditor_address: PostalAddress | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutOrder:
    """Everything one payment file says. The same order always makes the same file.

    :param message_id: never used before towards this bank, at most 35 characters.
    :param payment_information_id: names the one batch in the file, at most 35 characters.
    :param created_at: an aware instant; the file carries it in UTC, to the second.
    :param requested_on: the bank day on which the debtor's account is debited.
    :param debtor_bic: left out of the file when None; an IBAN alone suffices in SEPA.
    """

    message_id: str
    payment_information_id: str
    created_at: datetime
    requested_on: date
    debtor_name: str
    debtor_iban: str
    debtor_bic: str | None
    transfers: tuple[CreditTransfer, ...]

    @property
    def control_sum_cents(self) -> int:
        """The sum of all transfers, as ``CtrlSum`` must state it."""
        return sum(transfer.amount_cents for transfer in self.transfers)


def check_order(order: PayoutOrder) -> None:
    """Refuse an order no bank may get. Names and remittance text are checked when written.

    :raises Refusal: ``payout_file.empty``, ``payout_file.too_large``,
        ``payout_file.amount_invalid``, ``payout_file.id_invalid``, ``payout_file.id_taken``,
        ``payout_file.country_invalid``, ``iban.invalid``, ``bic.invalid``.
    :raises ValueError: when ``created_at`` carries no time zone.
    """
    if order.created_at.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    if not order.transfers:
        raise Refusal("payout_file.empty")
    if len(order.transfers) > MOST_TRANSFERS:
        raise Refusal("payout_file.too_large", max=MOST_TRANSFERS)
    _check_reference(order.message_id)
    _check_reference(order.payment_information_id)
    parse_iban(order.debtor_iban)
    if order.debtor_bic is not None and not _BIC.fullmatch(order.debtor_bic):
        raise Refusal("bic.invalid")
    seen: set[str] = set()
    for transfer in order.transfers:
        _check_transfer(transfer)
        if transfer.end_to_end_id in seen:
            raise Refusal("payout_file.id_taken", id=transfer.end_to_end_id)
        seen.add(transfer.end_to_end_id)


def _check_transfer(transfer: CreditTransfer) -> None:
    _check_reference(transfer.end_to_end_id)
    amount_cents = transfer.amount_cents
    # bool is an int to Python, but True is not a cent
    if type(amount_cents) is not int or not 1 <= amount_cents <= LARGEST_TRANSFER_CENTS:
        raise Refusal(
            "payout_file.amount_invalid",
            id=transfer.end_to_end_id,
            max_cents=LARGEST_TRANSFER_CENTS,
        )
    parse_iban(transfer.creditor_iban)
    address = transfer.creditor_address
    if address is not None and not _COUNTRY.fullmatch(address.country):
        raise Refusal("payout_file.country_invalid", country=address.country)


def _check_reference(reference: str) -> None:
    if not _REFERENCE.fullmatch(reference):
        raise Refusal("payout_file.id_invalid", id=reference)
