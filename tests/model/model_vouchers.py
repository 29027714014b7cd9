"""Vouchers by the model: sold, issued, blocked, replaced, expired."""

from __future__ import annotations

from datetime import date

import steps as do
from model_books import DAY, Books, No, Outcome, Ticket
from steps import day_of


class Vouchers(Books):
    def payin(self, s: do.PayIn) -> None:
        self.methods[s.payment] = s.method
        source = "subsidy" if s.method == "subsidy" else "trust_bank"
        self.move(s.town, (source, None), ("payment", s.payment), s.cents)

    def issue(self, s: do.Issue) -> Outcome:
        order = (s.programme, s.payment, s.count, s.cents)
        if known := self.batches.get((s.town, s.batch)):
            if known[0] != order:
                raise No("request.conflict")
            return known[1]
        if not do.SMALLEST_CENTS <= s.cents <= do.LARGEST_CENTS:
            raise No("programme.value_refused")
        if (self.methods[s.payment] == "subsidy") != (s.programme == "given"):
            raise No("payment.method")
        if self.accounts[s.town, "payment", s.payment] < s.count * s.cents:
            raise No("payment.insufficient")
        key, today = self.signing_key(s.town, s.now), day_of(s.now)
        until = date(today.year + 3, 12, 31)
        if s.programme == "given":
            until = today + do.GIVEN_FOR_DAYS * DAY
        told = (self.serials[s.town] + 1, until)
        for _ in range(s.count):
            ticket = Ticket(s.programme, key, until)
            self.new_voucher(s.town, ticket, ("payment", s.payment), s.cents)
        self.batches[s.town, s.batch] = (order, told)
        return told

    def block(self, s: do.Block) -> None:
        ticket = self.vouchers[s.voucher]
        if ticket.state in {"replaced", "expired"}:
            raise No(f"voucher.{ticket.state}")
        ticket.state = "blocked"

    def unblock(self, s: do.Unblock) -> None:
        ticket = self.vouchers[s.voucher]
        if ticket.state == "replaced":
            raise No("voucher.replaced")
        if ticket.state == "expired" or day_of(s.now) > ticket.until:
            raise No("voucher.expired")
        if ticket.state == "active":
            raise No("voucher.not_blocked")
        ticket.state = "active"

    def replace(self, s: do.Replace) -> int:
        ticket, town = self.vouchers[s.voucher], s.voucher[0]
        if ticket.state in {"replaced", "expired"}:
            raise No(f"voucher.{ticket.state}")
        if day_of(s.now) > ticket.until:
            raise No("voucher.expired")
        if not self.left(s.voucher):
            raise No("voucher.empty")
        heir = Ticket(ticket.programme, self.signing_key(town, s.now), ticket.until)
        serial = self.new_voucher(town, heir, ("voucher", s.voucher[1]), self.left(s.voucher))
        ticket.state, ticket.heir = "replaced", (town, serial)
        return serial

    def expire(self, s: do.Expire) -> int:
        due = [
            voucher
            for voucher, t in self.vouchers.items()
            if voucher[0] == s.town and t.state in {"active", "blocked"} and t.until < day_of(s.now)
        ]
        for voucher in due:
            self.vouchers[voucher].state = "expired"
            self.move(s.town, ("voucher", voucher[1]), ("lapsed", None), self.left(voucher))
        return len(due)
