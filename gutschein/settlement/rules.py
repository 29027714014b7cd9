"""What a merchant is owed for a period, to the cent: pure.

Fee and VAT are rounded once per line, half away from zero; a statement is the sum of its
lines. What is below the minimum payout, or below zero, is carried to the next statement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import ProgrammeId, TownId
from gutschein.kernel.money import share_half_up


@dataclass(frozen=True, slots=True)
class Line:
    """What a merchant took in one programme, under one fee. Counts and cents are positive."""

    issuing_town_id: TownId
    programme_id: ProgrammeId
    fee_basis_points: int
    redemption_count: int
    redeemed_cents: int
    reversal_count: int
    reversed_cents: int
    vat_basis_points: int

    @property
    def fee_cents(self) -> int:
        """The fee before VAT; negative when more was reversed than redeemed."""
        return share_half_up(self.redeemed_cents - self.reversed_cents, self.fee_basis_points)

    @property
    def vat_cents(self) -> int:
        """VAT on the fee (paragraph 10(1) UStG: on top of the agreed net fee)."""
        return share_half_up(self.fee_cents, self.vat_basis_points)


@dataclass(frozen=True, slots=True)
class Account:
    """A merchant's account for a period, in cents.

    ``returned_cents`` are payouts that came back, ``carried_in_cents`` what the statement
    before carried forward.
    """

    lines: Sequence[Line]
    returned_cents: int
    carried_in_cents: int
    minimum_payout_cents: int

    @property
    def redeemed_cents(self) -> int:
        return sum(line.redeemed_cents for line in self.lines)

    @property
    def reversed_cents(self) -> int:
        return sum(line.reversed_cents for line in self.lines)

    @property
    def fee_cents(self) -> int:
        return sum(line.fee_cents for line in self.lines)

    @property
    def vat_cents(self) -> int:
        return sum(line.vat_cents for line in self.lines)

    @property
    def due_cents(self) -> int:
        """What the merchant is owed at the end of the period; negative when it owes."""
        return (
            self.carried_in_cents
            + self.redeemed_cents
            - self.reversed_cents
            + self.returned_cents
            - self.fee_cents
            - self.vat_cents
        )

    @property
    def payout_cents(self) -> int:
        """What is paid out: all that is due, or nothing."""
        return self.due_cents if self.due_cents >= max(self.minimum_payout_cents, 1) else 0

    @property
    def carried_out_cents(self) -> int:
        """What the next statement begins with; negative when the merchant owes it."""
        return self.due_cents - self.payout_cents


def check_period(last_closed: date | None, begin: date, end: date, today: date) -> None:
    """Refuse a period that is not the one to close next. All days are inclusive.

    :param last_closed: the last day of the period before, ``None`` for the first.
    :raises Refusal: ``settlement.period_invalid``, ``settlement.closed`` for days that are
        closed already, ``settlement.gap`` with the day the period must begin on.
    """
    if end < begin or end > today:
        raise Refusal("settlement.period_invalid")
    if last_closed is None:
        return
    if begin <= last_closed:
        raise Refusal("settlement.closed")
    if begin > last_closed + timedelta(days=1):
        raise Refusal("settlement.gap", date=last_closed + timedelta(days=1))


def statement_number(ags: str, settlement_number: int, place: int) -> str:
    """Return the number of a statement; it travels as EndToEndId with the payout.

    Gapless: *settlement_number* counts the town's settlements, *place* the statements in
    one, both from 1.
    """
    return f"{ags}-{settlement_number:04d}-{place:04d}"
