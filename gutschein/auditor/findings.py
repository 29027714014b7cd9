"""What an audit says: findings, checks that were run, and the cover of every town."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One row that is not what the other rows say it must be.

    ``town_id`` is ``None`` for what belongs to no single town: a netting, a trigger, a
    role. ``row_id`` is the id of the row, or the name of a trigger, role or account kind.
    """

    check: str
    town_id: UUID | None
    row_id: str
    sentence: str
    expected: str
    actual: str


class CheckRun(msgspec.Struct, frozen=True, kw_only=True):
    """A check that was run: over how many rows, and how many findings it has.

    ``found`` counts them all; the report lists the first ones of each check only. ``ran`` is
    ``False`` for a check of sealed values that could not be opened: nothing is known of it.
    """

    number: str
    title: str
    examined: int
    found: int
    ran: bool = True


class Owed(msgspec.Struct, frozen=True, kw_only=True):
    """What a town owes by its books, in cents. A negative amount is owed to the town."""

    open_vouchers_cents: int = 0
    unissued_payments_cents: int = 0
    unassigned_deposits_cents: int = 0
    merchants_cents: int = 0
    payouts_in_transit_cents: int = 0
    other_towns_cents: int = 0
    fees_cents: int = 0
    vat_cents: int = 0
    lapsed_cents: int = 0

    @property
    def total_cents(self) -> int:
        return sum(getattr(self, name) for name in self.__struct_fields__)


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """The money of a town by its books, in cents."""

    trust_bank_cents: int = 0
    payment_provider_cents: int = 0
    cash_cents: int = 0
    subsidy_cents: int = 0

    @property
    def total_cents(self) -> int:
        return sum(getattr(self, name) for name in self.__struct_fields__)


class TownCoverage(msgspec.Struct, frozen=True, kw_only=True):
    """A town's vouchers and what covers them, all in cents.

    What was issued, redeemed, reversed and expired is counted from the vouchers and
    redemptions themselves; what is owed and held are the balances of the accounts.
    """

    town_id: UUID
    name: str
    issued_cents: int
    redeemed_cents: int
    reversed_cents: int
    expired_cents: int
    owed: Owed
    held: Held
    difference_cents: int


class AuditReport(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of one audit. It is ``ok`` when every check was run and agrees."""

    ok: bool
    audited_at: datetime
    towns: list[TownCoverage]
    findings: list[Finding]
    checks: list[CheckRun]
