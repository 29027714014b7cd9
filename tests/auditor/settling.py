"""Settlements kept by hand: statements, approvals, payout files, and the bank's word."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

from bookkeeping import Books, at, day

from gutschein.bank.pain001 import write_pain001
from gutschein.bank.payout_order import CreditTransfer, PayoutOrder
from gutschein.kernel.clock import berlin_day
from gutschein.kernel.money import share_half_up


class Entry(NamedTuple):
    """Something a statement will list."""

    id: UUID
    kind: str
    merchant: str
    cents: int
    when: datetime
    line: tuple[UUID, UUID, int] | None  # issuing town, programme, fee


class Settling(Books):
    """Books that settle with merchants."""

    def __init__(self) -> None:
        super().__init__()
        self._unsettled: dict[str, list[Entry]] = defaultdict(list)
        self._carried: dict[str, int] = defaultdict(int)

    def owe(self, town: str, entry: Entry) -> None:
        """Let something enter the merchant's next statement."""
        self._unsettled[town].append(entry)

    def settle(
        self, name: str, town: str, period: tuple[str, str], closed_at: datetime, vat: int
    ) -> None:
        """Close a period, and write a statement for each merchant that has anything to settle."""
        town_row = self.find("town", self.id(town))
        before = [s for s in self.rows["settlement"] if s["town_id"] == self.id(town)]
        self.add(
            "settlement",
            town_id=self.id(town),
            id=self.id(name),
            number=len(before) + 1,
            period_from=day(period[0]),
            period_to=day(period[1]),
            follows=before[-1]["period_to"] if before else None,
            vat_basis_points=vat,
            minimum_payout_cents=town_row["minimum_payout_cents"],
            state="closed",
            closed_at=closed_at,
            approved_at=None,
        )
        ripe = [e for e in self._unsettled[town] if berlin_day(e.when) <= day(period[1])]
        ripe = [e for e in ripe if e.when < closed_at]
        self._unsettled[town] = [e for e in self._unsettled[town] if e not in ripe]
        waiting = {merchant for merchant, cents in self._carried.items() if cents}
        own = {m["id"]: m["name"] for m in self.rows["merchant"] if m["town_id"] == self.id(town)}
        merchants = {e.merchant for e in ripe} | {m for m in waiting if self.id(m) in own}
        for place, merchant in enumerate(sorted(merchants, key=lambda m: own[self.id(m)]), 1):
            self._statement(
                f"{name} {merchant}",
                self.rows["settlement"][-1],
                merchant,
                [e for e in ripe if e.merchant == merchant],
                f"{town_row['ags']}-{len(before) + 1:04d}-{place:04d}",
            )

    def _statement(
        self,
        name: str,
        settlement: dict[str, Any],
        merchant: str,
        entries: list[Entry],
        number: str,
    ) -> None:
        key = {"town_id": settlement["town_id"], "statement_id": self.id(name)}
        fee = vat = 0
        of_lines = sorted((e for e in entries if e.line), key=lambda e: str(e.line))
        for line, grouped in groupby(of_lines, key=lambda e: e.line):
            assert line
            some = list(grouped)
            line_fee = share_half_up(sum(e.cents for e in some), line[2])
            line_vat = share_half_up(line_fee, settlement["vat_basis_points"])
            fee, vat = fee + line_fee, vat + line_vat
            self.add(
                "statement_line",
                **key,
                issuing_town_id=line[0],
                programme_id=line[1],
                fee_basis_points=line[2],
                redemption_count=_count(some, "redemption"),
                redeemed_cents=_sum(some, "redemption"),
                reversal_count=_count(some, "reversal"),
                reversed_cents=-_sum(some, "reversal"),
                fee_cents=line_fee,
                vat_cents=line_vat,
            )
        for e in entries:
            self.add("statement_entry", **key, entry_id=e.id, kind=e.kind, amount_cents=e.cents)
        due = self._carried[merchant] + sum(e.cents for e in entries) - fee - vat
        payout = due if due > 0 and due >= settlement["minimum_payout_cents"] else 0
        accounts = [
            a
            for a in self.rows["payout_account"]
            if a["merchant_id"] == self.id(merchant) and a["valid_from"] <= settlement["closed_at"]
        ]
        self.add(
            "statement",
            town_id=settlement["town_id"],
            id=self.id(name),
            settlement_id=settlement["id"],
            merchant_id=self.id(merchant),
            number=number,
            redeemed_cents=_sum(entries, "redemption"),
            reversed_cents=-_sum(entries, "reversal"),
            returned_cents=_sum(entries, "return"),
            fee_cents=fee,
            vat_cents=vat,
            carried_in_cents=self._carried[merchant],
            payout_cents=payout,
            carried_out_cents=due - payout,
            iban=accounts[-1]["iban"],
            account_holder=accounts[-1]["account_holder"],
        )
        self._carried[merchant] = due - payout

    def approve(self, name: str, town: str, when: datetime) -> None:
        """Book the statements of a settlement, order its payouts, write the payout file."""
        settlement = self.find("settlement", self.id(name))
        settlement.update(state="approved", approved_at=when)
        statements = [s for s in self.rows["statement"] if s["settlement_id"] == self.id(name)]
        for s in statements:
            merchant = self.name(s["merchant_id"])
            payable = self.account(town, "merchant_payable", merchant)
            for part, kind in (
                ("payout", "payout_in_transit"),
                ("fee", "fee_income"),
                ("vat", "vat_payable"),
            ):
                cents, other = s[f"{part}_cents"], self.account(town, kind)
                if cents:
                    self.post(
                        f"{name} {merchant} {part}",
                        town,
                        (payable, other) if cents > 0 else (other, payable),
                        abs(cents),
                        event=f"settlement_{part}",
                        reference=f"{name} {merchant}",
                        when=when,
                        link=name,
                    )
        paid = [s for s in statements if s["payout_cents"]]
        for s in paid:
            self.add(
                "payout",
                town_id=self.id(town),
                statement_id=s["id"],
                amount_cents=s["payout_cents"],
                end_to_end_id=s["number"],
                ordered_at=when,
            )
        self._payout_file(settlement, paid, when)

    def _payout_file(
        self, settlement: dict[str, Any], paid: list[dict[str, Any]], when: datetime
    ) -> None:
        town = self.find("town", settlement["town_id"])
        order = PayoutOrder(
            message_id=f"{town['ags']}-{settlement['number']:04d}",
            payment_information_id=f"{town['ags']}-{settlement['number']:04d}-1",
            created_at=when,
            requested_on=berlin_day(when) + timedelta(days=1),
            debtor_name=town["trust_account_holder"],
            debtor_iban=town["trust_iban"],
            debtor_bic=None,
            transfers=tuple(
                CreditTransfer(
                    end_to_end_id=s["number"],
                    amount_cents=s["payout_cents"],
                    creditor_name=s["account_holder"],
                    creditor_iban=s["iban"],
                    remittance=f"Abrechnung {s['number']}",
                )
                for s in paid
            ),
        )
        self.add(
            "payout_file",
            town_id=settlement["town_id"],
            settlement_id=settlement["id"],
            message_id=order.message_id,
            transfer_count=len(paid),
            control_sum_cents=order.control_sum_cents,
            content=write_pain001(order).decode(),
            written_at=when,
        )

    def bank(self, statement: str, kind: str, when: str) -> None:
        """Let the bank confirm or return the payout of a statement of Zwönitz."""
        row = self.find("statement", self.id(statement))
        merchant = self.name(row["merchant_id"])
        confirmed = f"{statement} confirmed" in self.ids
        transit, trust = self.account("z", "payout_in_transit"), self.account("z", "trust_bank")
        accounts = transit, trust
        if kind == "returned":
            accounts = (
                trust if confirmed else transit,
                self.account("z", "merchant_payable", merchant),
            )
            id_, cents = self.id(f"{statement} returned"), row["payout_cents"]
            self.owe("z", Entry(id_, "return", merchant, cents, at(when), None))
        self.add(
            "payout_event",
            town_id=row["town_id"],
            id=self.id(f"{statement} {kind}"),
            statement_id=row["id"],
            kind=kind,
            reason="" if kind == "confirmed" else "AC04",
            happened_at=at(when),
        )
        self.post(
            f"{statement} {kind} in z",
            "z",
            accounts,
            row["payout_cents"],
            event=f"payout_{kind}",
            reference=statement,
            when=at(when),
        )


def _sum(entries: Iterable[Entry], kind: str) -> int:
    return sum(e.cents for e in entries if e.kind == kind)


def _count(entries: Iterable[Entry], kind: str) -> int:
    return sum(e.kind == kind for e in entries)
