"""What happens to vouchers and between towns, each with its rows and its transfers."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from bookkeeping import at
from settling import Entry, Settling


class Happenings(Settling):
    """Books in which vouchers live and towns net what they owe one another."""

    def voucher(
        self,
        town: str,
        name: str,
        terms: dict[str, Any],
        cents: int,
        *,
        source: str,
        batch: str | None = None,
        replaces: str | None = None,
        when: datetime,
    ) -> dict[str, Any]:
        """Make a voucher and bring its value in, from a payment or from the one it replaces."""
        numbered = [v for v in self.rows["voucher"] if v["town_id"] == self.id(town)]
        row = self.add(
            "voucher",
            town_id=self.id(town),
            id=self.id(name),
            batch_id=self.id(batch) if batch else None,
            replaces_id=self.id(replaces) if replaces else None,
            programme_id=terms["programme_id"],
            serial=len(numbered) + 1,
            kid=b"key1",
            code_hash=name.encode(),
            sealed_code=b"sealed",
            face_value_cents=cents,
            cap_cents=250_00,
            valid_until=terms["valid_until"],
            state="active",
            issued_at=when,
        )
        paid = self.account(town, "voucher" if replaces else "payment", source)
        self.post(
            f"{name} in",
            town,
            (paid, self.account(town, "voucher", name)),
            cents,
            event="replacement" if replaces else "issue",
            reference=name,
            when=when,
            link=batch,
        )
        return row

    def voucher_event(self, name: str, state: str, when: str) -> None:
        row = self.find("voucher", self.id(name))
        row["state"] = state
        self.add(
            "voucher_event",
            town_id=row["town_id"],
            id=self.id(f"{name} {state}"),
            voucher_id=row["id"],
            state=state,
            reason="so",
            happened_at=at(when),
        )

    def replace(self, old: str, new: str, when: str) -> None:
        terms, cents = self.find("voucher", self.id(old)), self.balance(self.id(old))
        self.voucher("z", new, terms, cents, source=old, replaces=old, when=at(when))
        self.voucher_event(old, "replaced", when)

    def expire(self, name: str, when: str) -> None:
        lapsed = self.account("z", "voucher", name), self.account("z", "lapsed")
        cents = self.balance(self.id(name))
        self.post(f"{name} out", "z", lapsed, cents, event="expiry", reference=name, when=at(when))
        self.voucher_event(name, "expired", when)

    def redeem(self, name: str, voucher: str, merchant: str, cents: int, when: str) -> None:
        for book, accounts in self._path(voucher, merchant):
            self.post(
                f"{name} in {book}",
                book,
                accounts,
                cents,
                event="redemption",
                reference=name,
                when=at(when),
                link=name,
            )
        self._redemption(name, voucher, merchant, cents, at(when))

    def _redemption(
        self, name: str, voucher: str, merchant: str, cents: int, when: datetime
    ) -> None:
        spent = self.find("voucher", self.id(voucher))
        programme = self.find("programme", spent["programme_id"])
        account = self.find("ledger_account", self.id(voucher))
        town_id = self.find("merchant", self.id(merchant))["town_id"]
        fee = programme["merchant_fee_basis_points"]
        self.add(
            "redemption",
            town_id=town_id,
            id=self.id(name),
            sale_id=None,
            merchant_id=self.id(merchant),
            branch_id=self.id(f"{merchant} branch"),
            issuing_town_id=spent["town_id"],
            voucher_id=self.id(voucher),
            programme_id=programme["id"],
            fee_basis_points=fee,
            amount_cents=cents,
            balance_after_cents=account["balance_cents"] - account["held_cents"],
            redeemed_at=when,
            redeemed_on=when.date(),
        )
        line = (spent["town_id"], programme["id"], fee)
        entry = Entry(self.id(name), "redemption", merchant, cents, when, line)
        self.owe(self.name(town_id), entry)

    def reverse(self, name: str, redemption: str, when: str, *, to: str | None = None) -> None:
        row = self.find("redemption", self.id(redemption))
        merchant, cents = self.name(row["merchant_id"]), row["amount_cents"]
        voucher = to or self.name(row["voucher_id"])
        for book, (debit, credit) in self._path(voucher, merchant):
            self.post(
                f"{name} in {book}",
                book,
                (credit, debit),
                cents,
                event="reversal",
                reference=name,
                when=at(when),
                link=name,
                reverses=f"{redemption} in {book}",
            )
        self.add(
            "reversal",
            town_id=row["town_id"],
            id=self.id(name),
            redemption_id=row["id"],
            merchant_id=row["merchant_id"],
            branch_id=row["branch_id"],
            credited_voucher_id=self.id(voucher),
            amount_cents=cents,
            balance_after_cents=self.balance(self.id(voucher)),
            reversed_at=at(when),
            reversed_on=at(when).date(),
        )
        line = (row["issuing_town_id"], row["programme_id"], row["fee_basis_points"])
        entry = Entry(self.id(name), "reversal", merchant, -cents, at(when), line)
        self.owe(self.name(row["town_id"]), entry)

    def _path(self, voucher: str, merchant: str) -> list[tuple[str, tuple[UUID, UUID]]]:
        """The books a redemption stands in, and between which accounts."""
        issuer = self.name(self.find("voucher", self.id(voucher))["town_id"])
        town = self.name(self.find("merchant", self.id(merchant))["town_id"])
        spent = self.account(issuer, "voucher", voucher)
        payable = self.account(town, "merchant_payable", merchant)
        if issuer == town:
            return [(town, (spent, payable))]
        return [
            (issuer, (spent, self.account(issuer, "clearing", town))),
            (town, (self.account(town, "clearing", issuer), payable)),
        ]

    def hold(self, name: str, voucher: str, cents: int, posted: int | None, when: str) -> None:
        """Hold money for a redemption at the café; post it, release it, or leave it open."""
        accounts = self.id(voucher), self.account("z", "merchant_payable", "cafe")
        self.add(
            "hold",
            town_id=self.id("z"),
            id=self.id(name),
            debit_account_id=accounts[0],
            credit_account_id=accounts[1],
            amount_cents=cents,
            event="redemption",
            reference_id=self.id(f"x {name}"),
            held_at=at(when),
        )
        if posted is None:
            self.find("ledger_account", self.id(voucher))["held_cents"] += cents
            return
        if posted:
            self.post(
                f"{name} in z",
                "z",
                accounts,
                posted,
                event="redemption",
                reference=f"x {name}",
                when=at(when),
            )
            self._redemption(f"x {name}", voucher, "cafe", posted, at(when))
        self.add(
            "hold_resolution",
            town_id=self.id("z"),
            hold_id=self.id(name),
            posted_cents=posted,
            transfer_id=self.id(f"{name} in z") if posted else None,
            resolved_at=at(when),
        )

    def net(self, name: str, when: str, payments: dict[str, int]) -> None:
        """Net the region: ``{"zs": 15_00}`` lets Zwönitz pay Schneeberg 15 €."""
        self.add("netting", id=self.id(name), region_id=self.id("r"), netted_at=at(when))
        positions = dict.fromkeys("zsm", 0)
        for (payer, payee), cents in payments.items():
            positions[payer] -= cents
            positions[payee] += cents
            self.add(
                "netting_payment",
                id=self.id(f"{name} {payer}{payee}"),
                netting_id=self.id(name),
                payer_town_id=self.id(payer),
                payee_town_id=self.id(payee),
                amount_cents=cents,
                reference=f"{name}-{payer}-{payee}",
                paid_at=None,
            )
        for town, cents in positions.items():
            key = {"netting_id": self.id(name), "position_town_id": self.id(town)}
            self.add("netting_position", **key, position_cents=cents)

    def move_claim(self, name: str, town: str, path: str, cents: int, when: str) -> None:
        """Let the town owe the first of *path* less and the second more."""
        less, more = path
        accounts = self.account(town, "clearing", less), self.account(town, "clearing", more)
        self.post(
            f"{name} in {town}",
            town,
            accounts,
            cents,
            event="netting",
            reference=name,
            when=at(when),
            link=name,
        )

    def pay(self, payment: str, when: str) -> None:
        """Book a netting payment, such as ``n1 zs``, in both towns."""
        row = self.find("netting_payment", self.id(payment))
        row["paid_at"] = at(when)
        payer, payee = payment.split()[1]
        paid = self.account(payer, "clearing", payee), self.account(payer, "trust_bank")
        got = self.account(payee, "trust_bank"), self.account(payee, "clearing", payer)
        for town, accounts in ((payer, paid), (payee, got)):
            self.post(
                f"{payment} in {town}",
                town,
                accounts,
                row["amount_cents"],
                event="netting_paid",
                reference=payment,
                when=at(when),
                link=payment,
            )
