"""Deposits, payment requests and bank statements, as the API takes and gives them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from gutschein.kernel.money import LARGEST_AMOUNT_CENTS
from gutschein.web.fields import AmountCents, Id, Input, known_as, line

State = Annotated[
    Literal["open", "paid", "closed"],
    known_as("Waits for money, is paid in full, or nothing is expected any more.", "open"),
]
Reference = Annotated[
    str, known_as("Creditor reference (ISO 11649) to be paid under.", "RF6900000042")
]
AssignedCents = Annotated[
    int,
    Meta(
        ge=0,
        le=LARGEST_AMOUNT_CENTS,
        description="What deposits have brought for it so far, in cents.",
        examples=[2_500],
    ),
]


class PaymentRequest(Struct, frozen=True, kw_only=True):
    """What a town asks to be paid. Once paid it is a payment of the same id."""

    id: Id
    town_id: Id
    number: Annotated[int, known_as("Without a gap in the town, from 1.", 42)]
    reference: Reference
    amount_cents: AmountCents
    assigned_cents: AssignedCents
    state: State
    due_on: Annotated[date, known_as("By when it is to be paid.", "2026-12-07")]
    asked_at: Annotated[datetime, known_as("UTC.", "2026-11-23T08:30:00Z")]
    paid_at: Annotated[datetime | None, known_as("When it was covered, UTC.", None)]
    closed_at: Annotated[datetime | None, known_as("When it was given up, UTC.", None)]

    @property
    def missing_cents(self) -> int:
        return self.amount_cents - self.assigned_cents


class BankStatement(Struct, frozen=True, kw_only=True):
    """A bank statement of the trust account that was read."""

    id: Id
    bank_reference: Annotated[str, known_as("What the bank calls it.", "2026-245")]
    sequence_number: Annotated[int | None, known_as("The bank's number of it.", 245)]
    from_day: Annotated[date, known_as("Its first day.", "2026-12-04")]
    to_day: Annotated[date, known_as("Its last day.", "2026-12-04")]
    opening_cents: Annotated[int, known_as("The balance it begins with, in cents.", 100_000)]
    closing_cents: Annotated[int, known_as("The balance it ends with, in cents.", 102_500)]
    new_entries: Annotated[int, known_as("Entries that no statement had before.", 1)]
    known_entries: Annotated[int, known_as("Entries that an earlier one had brought.", 0)]
    imported_by_name: Annotated[str, known_as("Who handed it in.", "Anna Amt")]
    imported_at: Annotated[datetime, known_as("UTC.", "2026-12-05T08:30:00Z")]


class StatementGap(Struct, frozen=True, kw_only=True):
    """Statements that are missing: the balance changed by what none of them shows."""

    after: Annotated[date, known_as("The last day before.", "2026-12-04")]
    before: Annotated[date, known_as("The first day after.", "2026-12-07")]
    cents: Annotated[int, known_as("By how much the balance changed, in cents.", 5_000)]


class BankStatements(Struct, frozen=True, kw_only=True):
    """The statements that were read, and where some are missing."""

    statements: list[BankStatement]
    gaps: list[StatementGap]


class Imported(Struct, frozen=True, kw_only=True):
    """What a file of bank statements brought."""

    statements: Annotated[int, known_as("Statements in the file.", 1)]
    known_statements: Annotated[int, known_as("Of these, read before already.", 0)]
    new_entries: Annotated[int, known_as("Entries that no statement had before.", 3)]
    known_entries: Annotated[int, known_as("Entries that were known.", 0)]
    deposits: Annotated[int, known_as("Money that came in, of the new entries.", 2)]
    matched: Annotated[int, known_as("Of these, assigned in full by their reference.", 1)]
    open: Annotated[int, known_as("Of these, with something left for people to assign.", 1)]
    debits: Annotated[int, known_as("Money that went out, of the new entries.", 1)]
    paid: Annotated[int, known_as("Payment requests that are paid now.", 1)]
    gaps: list[StatementGap]


class SuggestedRequest(Struct, frozen=True, kw_only=True):
    """A payment request that a deposit may be for: for people to look at, never booked."""

    id: Id
    number: Annotated[int, known_as("Its number in the town.", 42)]
    reference: Reference
    missing_cents: Annotated[int, known_as("What is missing of it, in cents.", 2_500)]
    due_on: Annotated[date, known_as("By when it is to be paid.", "2026-12-07")]
    hint: Annotated[
        Literal["misspelt", "number", "same_payer", "amount"],
        known_as(
            "What speaks for it: the reference but for a slip or two, its number, the payer of a"
            " part of it, or its amount alone.",
            "misspelt",
        ),
    ]


class OpenDeposit(Struct, frozen=True, kw_only=True):
    """Money that came in, with something left that nobody knows what it is for."""

    id: Id
    channel: Annotated[Literal["bank", "provider"], known_as("Where it came in.", "bank")]
    amount_cents: AmountCents
    left_cents: AmountCents
    received_on: Annotated[date, known_as("When it was credited.", "2026-12-04")]
    payer_name: Annotated[str, known_as("As the bank says it.", "Erika Beispiel")]
    payer_account: Annotated[str, known_as("Its account, masked.", "DE02 … 2051")]
    remittance: Annotated[str, known_as("What the payer wrote.", "Gutschein RF34 0000 0024")]
    why: Annotated[
        Literal["excess", "paid", "closed", "unknown", "no_reference", "returned", "lump"],
        known_as(
            "Why something is left: more than was asked for; paid before; not expected any more;"
            " a reference that nobody asked for, or none; a payment of the town's own that came"
            " back; or a sum of payments that the bank did not tell apart.",
            "no_reference",
        ),
    ]
    suggestions: list[SuggestedRequest]


class OpenDeposits(Struct, frozen=True, kw_only=True):
    """Deposits with something left, the oldest first, at most 100."""

    deposits: list[OpenDeposit]


class NewAssignment(Input, frozen=True, kw_only=True):
    """Which payment request a deposit is for."""

    reference: Annotated[
        str,
        line(60, "The reference of the payment request; spaces are ignored.", "RF34 0000 0042"),
    ]
