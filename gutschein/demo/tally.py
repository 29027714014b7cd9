"""What the job did, counted by the job itself, to be held against the service's books."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gutschein.demo.client import Unexpected


@dataclass
class Tally:
    """Sums in cents of what was asked for and granted, refusals by code, and the files."""

    issued_cents: int = 0
    redeemed_cents: int = 0
    reversed_cents: int = 0
    expired_cents: int = 0
    open_cents: int = 0
    paid_out_cents: int = 0
    fees_cents: int = 0
    vat_cents: int = 0
    carried_cents: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    pain001_files: list[Path] = field(default_factory=list)
    statement_files: list[Path] = field(default_factory=list)
    voucher_pdfs: list[Path] = field(default_factory=list)
    netting: dict[str, Any] = field(default_factory=dict)

    def faults(self) -> list[str]:
        """Return what does not add up, in words; nothing when all does."""
        value_in = self.issued_cents + self.reversed_cents
        value_out = self.redeemed_cents + self.expired_cents + self.open_cents
        owed = self.redeemed_cents - self.reversed_cents
        settled = self.paid_out_cents + self.fees_cents + self.vat_cents + self.carried_cents
        found = []
        if value_in != value_out:
            found.append(f"issued + reversed = {value_in}, redeemed + expired + open = {value_out}")
        if owed != settled:
            found.append(
                f"redeemed - reversed = {owed}, paid out + fees + VAT + carried = {settled}"
            )
        return found

    def compare(self, audit: dict[str, Any]) -> None:
        """Hold our own sums against those the auditor recomputed from the books.

        :raises Unexpected: naming the first sum that differs.
        """
        ours = {
            "issued": self.issued_cents,
            "redeemed": self.redeemed_cents,
            "reversed": self.reversed_cents,
            "expired": self.expired_cents,
            "open vouchers": self.open_cents,
            "merchants": self.carried_cents,
            "fees": self.fees_cents,
            "VAT": self.vat_cents,
            "payouts in transit": 0,
            "other towns": 0,
        }
        theirs = {
            **{name: _sum(audit, f"{name}_cents") for name in list(ours)[:4]},
            "open vouchers": _sum(audit, "owed", "open_vouchers_cents"),
            "merchants": _sum(audit, "owed", "merchants_cents"),
            "fees": _sum(audit, "owed", "fees_cents"),
            "VAT": _sum(audit, "owed", "vat_cents"),
            "payouts in transit": _sum(audit, "owed", "payouts_in_transit_cents"),
            "other towns": _sum(audit, "owed", "other_towns_cents"),
        }
        for name, cents in ours.items():
            if cents != theirs[name]:
                raise Unexpected(f"{name}: the job counts {cents} cents, the books {theirs[name]}")

    def as_json(self) -> dict[str, Any]:
        """Return everything as plain JSON values."""
        return {name: _plain(value) for name, value in vars(self).items()}


def _sum(audit: dict[str, Any], *path: str) -> int:
    total = 0
    for town in audit["towns"]:
        value = town
        for name in path:
            value = value[name]
        total += value
    return total


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [str(each) for each in value]
    return dict(value) if isinstance(value, Counter) else value
