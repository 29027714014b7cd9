"""Tills by the model: redeem and reverse."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import steps as do
from model_books import DAY, No, Outcome, Request
from model_vouchers import Vouchers
from steps import Voucher, day_of, id_of


def no(s: do.Redeem, place: int, code: str, *facts: Any) -> No:
    """Of several items, say which."""
    return No(code, *facts, *([("item", place)] if len(s.items) > 1 else []))


class Tills(Vouchers):
    def redeem(self, s: do.Redeem) -> Outcome:
        town = s.branch[0]
        for place, item in enumerate(s.items):
            if item.cents < 1:
                raise no(s, place, "amount.invalid")
        known = [self.redemptions.get((town, item.redemption)) for item in s.items]
        for place, (item, old) in enumerate(zip(s.items, known, strict=True)):
            revoked = self.keys[item.key].revoked if item.key else None
            if revoked and revoked <= (old["now"] if old else s.now):
                raise no(s, place, "token.key_revoked")
        if any(known):
            return self.repeated(s, known)
        if s.branch in self.closed:
            raise No("branch.closed")
        left: dict[Voucher, int] = {}
        told: dict[str, Outcome] = {}
        for place, item in sorted(enumerate(s.items), key=lambda each: id_of(each[1].redemption)):
            balance = left.get(item.voucher, self.left(item.voucher))
            self.check(s, place, balance)
            left[item.voucher] = balance - item.cents
            told[item.redemption] = (item.cents, left[item.voucher], s.now)
        books = {(book, i.redemption) for i in s.items for book in (town, i.voucher[0])}
        if books & self.used:
            raise No("redemption.conflict")
        self.used |= books
        for item in s.items:
            self.redemptions[town, item.redemption] = {
                "branch": s.branch, "sale": s.sale, "voucher": item.voucher, "cents": item.cents,
                "left": told[item.redemption][1], "now": s.now,
            }  # fmt: skip
            self.spend(s.branch, item.voucher, item.voucher, item.cents, day_of(s.now))
        return tuple(told[item.redemption] for item in s.items)

    def repeated(self, s: do.Redeem, known: Sequence[dict[str, Any] | None]) -> Outcome:
        """The same gets the same answer, and anything else under the same id gets none."""
        for place, (item, old) in enumerate(zip(s.items, known, strict=True)):
            asked = (s.branch, s.sale, item.voucher, item.cents)
            if not old or asked != (old["branch"], old["sale"], old["voucher"], old["cents"]):
                raise no(s, place, "redemption.conflict")
        whole = [r for r in self.redemptions.values() if r["sale"] == s.sale]
        if s.sale and len(whole) != len(s.items):
            raise No("redemption.conflict")
        return tuple((old["cents"], old["left"], old["now"]) for old in known if old)

    def check(self, s: do.Redeem, place: int, balance: int) -> None:
        """Refuse an item that a voucher with this balance does not pay."""
        item, today = s.items[place], day_of(s.now)
        ticket, issuer = self.vouchers[item.voucher], item.voucher[0]
        honoured = any(begin <= today <= end for begin, end in self.honoured[issuer])
        if issuer != s.branch[0] and not honoured:
            raise no(s, place, "merchant.not_accepted")
        if ticket.state != "active":
            raise no(s, place, f"voucher.{ticket.state}")
        if today > ticket.until:
            raise no(s, place, "voucher.expired")
        if balance == 0:
            raise no(s, place, "voucher.empty")
        if item.cents > balance:
            raise no(s, place, "voucher.insufficient", ("balance_cents", balance))
        if item.cents < balance and ticket.programme == "whole":
            raise no(s, place, "voucher.whole_only", ("balance_cents", balance))

    def spend(self, branch: str, spent: Voucher, own: Voucher, cents: int, day: date) -> None:
        """Bring cents from a voucher to a merchant; negative ones back to what it has become."""
        shop, merchant, (town, serial) = branch[0], branch[:2], own
        payable = ("merchant_payable", merchant)
        if shop == town:
            self.move(town, ("voucher", serial), payable, cents)
        else:
            self.move(town, ("voucher", serial), ("clearing", shop), cents)
            self.move(shop, ("clearing", town), payable, cents)
        line = f"{town} {self.vouchers[spent].programme}"
        self.entries.append((merchant, day, line, cents))

    def reverse(self, s: do.Reverse, *, on_any_day: bool = False) -> Outcome:
        town = s.branch[0]
        old = self.redemptions.get((town, s.redemption))
        if not old:
            raise No("redemption.unknown")
        if old["branch"][:2] != s.branch[:2]:
            raise No("reversal.other_merchant")
        voucher: Voucher = old["voucher"]
        while heir := self.vouchers[voucher].heir:
            voucher = heir
        if done := self.reversals.get((town, s.redemption)):
            if done["id"] != s.reversal:
                raise No("reversal.already")
            if done["branch"] != s.branch:
                raise No("request.conflict")
            return done["cents"], done["left"]
        if not on_any_day and day_of(old["now"]) != day_of(s.now):
            raise No("reversal.too_late")
        if self.vouchers[voucher].state == "expired":
            raise No("voucher.expired")
        books = {(town, s.reversal), (voucher[0], s.reversal)}
        if books & self.used:
            raise No("request.conflict")
        self.used |= books
        day = day_of(max(s.now, old["now"]))
        self.spend(s.branch, old["voucher"], voucher, -old["cents"], day)
        self.reversals[town, s.redemption] = {
            "id": s.reversal, "branch": s.branch, "voucher": voucher, "cents": old["cents"],
            "left": self.left(voucher),
        }  # fmt: skip
        return old["cents"], self.left(voucher)

    def askforreversal(self, s: do.AskForReversal) -> None:
        if (s.town, s.redemption) not in self.redemptions:
            raise No("redemption.unknown")
        if (s.town, s.redemption) in self.reversals:
            raise No("reversal.already")
        for (town, _), request in self.requests.items():
            if (town, request.redemption) == (s.town, s.redemption) and not request.approved:
                if s.now < request.ends:
                    raise No("approval.open")
                request.ends = datetime.min.replace(tzinfo=UTC)  # noted: it stays over
        ends = s.now + do.REQUEST_FOR_DAYS * DAY
        self.requests[s.town, s.request] = Request(s.redemption, ends)

    def approvereversal(self, s: do.ApproveReversal) -> None:
        request = self.requests[s.town, s.request]
        if request.approved:
            raise No("approval.decided")
        if s.now >= request.ends:
            raise No("approval.expired")
        branch = self.redemptions[s.town, request.redemption]["branch"]
        own = do.Reverse(
            now=s.now, reversal=s.request, redemption=request.redemption, branch=branch
        )
        self.reverse(own, on_any_day=True)
        request.approved = True
