"""What is tried next in the model's towns: plausible steps, and some that are not.

Hypothesis draws a number for each rule, and steps are chosen from that: what there is to choose
from differs with what was faster when several things were done at once, and what is drawn must
not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, TypeVar

import steps as do
from model_books import DAY
from naive_model import Model
from steps import Item, Step, Voucher, day_of

T = TypeVar("T")

#: Of the first period that a town closes.
FIRST_DAY = date(2026, 12, 1)


@dataclass
class Choosing:
    """Chooses steps from what there is by the model.

    :param random: from a number that was drawn.
    :param sent: redemptions that were asked for, refused ones too.
    :param keys_of: the keys whose tokens are printed on a voucher; ``None`` is its code.
    :param fresh: makes a new name for a kind of thing.
    :param vouchers: those that the steps are about.
    :param at_once: whether some of the steps are a second ahead of the others.
    """

    random: Random
    model: Model
    sent: Sequence[do.Redeem]
    keys_of: Callable[[Voucher], Sequence[str | None]]
    fresh: Callable[[str], str]
    vouchers: Sequence[Voucher]
    clock: datetime
    at_once: bool

    def pick(self, *things: T) -> T:
        return self.random.choice(things)

    def step(self, kinds: Sequence[str]) -> Step | None:
        """One of some kinds of step, or ``None`` when there is nothing yet to do it to."""
        step: Step | None = getattr(self, self.pick(*kinds))()
        return step

    @property
    def now(self) -> datetime:
        return self.clock + self.at_once * self.pick(0, 0, 1) * timedelta(seconds=1)

    @property
    def today(self) -> date:
        return day_of(self.clock)

    @property
    def town(self) -> str:
        return self.pick(*do.TOWNS)

    def pick_voucher(self) -> Voucher:
        """Return any voucher, more often one that something can be redeemed from."""
        good = [each for each in self.vouchers if self.model.left(each)]
        return self.pick(*self.vouchers, *good * 3)

    # vouchers

    def pay_in(self) -> Step:
        town, method = self.town, self.pick("bank_transfer", "bank_transfer", "subsidy")
        payment, cents = self.fresh(f"{town} payment"), self.pick(100_00, 500_00)
        return do.PayIn(now=self.now, town=town, payment=payment, method=method, cents=cents)

    def issue(self) -> Step:
        payment = self.pick(*self.model.methods)
        is_given = self.model.methods[payment] == "subsidy"
        fitting = ("given",) * 3 if is_given else ("partly", "whole", "partly")
        known = [batch for _, batch in self.model.batches]
        return do.Issue(
            now=self.now,
            town=payment[0],
            batch=self.pick(*[self.fresh("batch")] * 7, self.pick(*known)),
            programme=self.pick(*fitting * 3, *do.PROGRAMMES),
            payment=payment,
            count=self.pick(1, 1, 2, 3),
            cents=self.pick(50_00, 50_00, 10_00, 10_00, 33_33, 33_33, 200_01),
        )

    def block(self) -> Step:
        return do.Block(now=self.now, voucher=self.pick_voucher())

    def unblock(self) -> Step:
        return do.Unblock(now=self.now, voucher=self.pick_voucher())

    def replace(self) -> Step:
        new = self.fresh("replacement")
        return do.Replace(now=self.now, voucher=self.pick_voucher(), replacement=new)

    def expire(self) -> Step:
        return do.Expire(now=self.now, town=self.town)

    def ending(self) -> list[Voucher]:
        """Return the vouchers that are good for some days yet."""
        return [
            voucher
            for voucher, ticket in self.model.vouchers.items()
            if (ticket.programme, ticket.state) == ("given", "active")
            and ticket.until >= self.today
            and self.model.left(voucher)
        ]

    # tills

    def _item(self) -> Item:
        voucher = self.pick_voucher()
        balance = self.model.left(voucher)
        small, half = min(5_55, balance), balance // 2
        cents = self.pick(1, small, small, small, half, balance, balance + 1)
        if self.model.vouchers[voucher].programme == "whole":
            cents = self.pick(balance, balance, cents)
        key = self.pick(None, *[key for key in self.keys_of(voucher) if key] * 3)
        return Item(self.fresh("redemption"), voucher, key, cents)

    def _redeem(self, sale: str | None, *items: Item) -> Step:
        worker, branch = self.pick(0, 1), self.pick(*do.BRANCHES)
        return do.Redeem(now=self.now, worker=worker, branch=branch, sale=sale, items=items)

    def redeem(self) -> Step:
        return self._redeem(None, self._item())

    def sale(self) -> Step:
        items = [self._item() for _ in range(self.pick(1, 2, 3))]
        return self._redeem(self.fresh("sale"), *items)

    def redeem_again(self) -> Step | None:
        if not self.sent:
            return None
        sent = self.pick(*self.sent)
        first, *others = sent.items
        items = self.pick(
            *[sent.items] * 3,
            (*others, first),
            (first,),
            (replace(first, cents=first.cents + 1), *others),
            tuple(replace(item, key=None) for item in sent.items),
        )
        branch = self.pick(*[sent.branch] * 4, *do.BRANCHES)
        return replace(sent, now=self.now, worker=self.pick(0, 1), branch=branch, items=items)

    def reverse(self) -> Step | None:
        if not self.model.redemptions:
            return None
        town, redemption = self.pick(*self.model.redemptions, *self._reversible() * 3)
        branch = self.model.redemptions[town, redemption]["branch"]
        taken = [each["id"] for each in self.model.reversals.values()]
        taken += [id_ for _, id_ in self.model.redemptions]
        return do.Reverse(
            now=self.now,
            reversal=self.pick(*[self.fresh("reversal")] * 7, self.pick(*taken)),
            redemption=redemption,
            branch=self.pick(*[branch] * 8, *do.BRANCHES),
        )

    def _reversible(self) -> list[tuple[str, str]]:
        """What was redeemed today; more often where the voucher has been replaced since."""
        good = [
            (key, self.model.vouchers[done["voucher"]].heir)
            for key, done in self.model.redemptions.items()
            if key not in self.model.reversals and day_of(done["now"]) == self.today
        ]
        return [key for key, _ in good] + [key for key, heir in good if heir] * 3

    def kept(self) -> list[tuple[str, str]]:
        """Return what was redeemed, and can be taken back."""
        return [
            key
            for key, done in self.model.redemptions.items()
            if key not in self.model.reversals
            and self.model.vouchers[done["voucher"]].state != "expired"
        ]

    def ask_for_reversal(self) -> Step | None:
        if not self.model.redemptions:
            return None
        town, redemption = self.pick(*self.model.redemptions)
        request = self.fresh("request")
        return do.AskForReversal(now=self.now, town=town, request=request, redemption=redemption)

    def approve_reversal(self) -> Step | None:
        if not self.model.requests:
            return None
        town, request = self.pick(*self.model.requests)
        return do.ApproveReversal(now=self.now, town=town, request=request)

    # the month's end

    def close(self) -> Step:
        town = self.town
        closed = self.model.settlements[town]
        begin = closed[-1].end + DAY if closed else FIRST_DAY
        new = self.fresh("settlement")
        return do.Close(
            now=self.now,
            town=town,
            settlement=self.pick(*[new] * 7, *[each.name for each in closed[-1:]]),
            begin=self.pick(*[begin] * 7, begin + DAY, begin - DAY),
            end=self.today + self.pick(0, 0, 0, -1, -1, 1) * DAY,
        )

    def _settlement(self) -> Any:
        known = [(town, s.name) for town, some in self.model.settlements.items() for s in some[-2:]]
        return self.pick(*known) if known else None

    def approve(self) -> Step | None:
        if known := self._settlement():
            return do.Approve(now=self.now, town=known[0], settlement=known[1])
        return None

    def confirm_all(self) -> Step | None:
        if known := self._settlement():
            return do.ConfirmAll(now=self.now, town=known[0], settlement=known[1])
        return None

    def confirm(self) -> Step | None:
        known = [*list(self.model.statements)[:1], *self.model.payouts]
        return do.Confirm(now=self.now, statement=self.pick(*known)) if known else None

    def send_back(self) -> Step | None:
        known = [*list(self.model.statements)[:1], *self.model.payouts]
        if not known:
            return None
        reason = self.pick("AC04", "AC04", "AC01")
        return do.SendBack(now=self.now, statement=self.pick(*known), reason=reason)

    def net(self) -> Step:
        return do.Net(now=self.now, netting=self.fresh("netting"))

    def pay_netting(self) -> Step | None:
        if not self.model.nettings:
            return None
        netting = self.pick(*self.model.nettings)
        payer = self.model.nettings[netting][0]
        return do.PayNetting(now=self.now, netting=netting, payer=payer)

    # keys, agreements, branches, care

    def renew_key(self) -> Step:
        return do.RenewKey(now=self.now, town=self.town, key=self.fresh("key"))

    def revoke_key(self) -> Step:
        key = self.pick(*self.model.keys)
        return do.RevokeKey(now=self.now, town=self.model.keys[key].town, key=key)

    def reissue(self) -> Step:
        revoked = [name for name, key in self.model.keys.items() if key.revoked]
        key = self.pick(*self.model.keys, *revoked * 3)
        return do.Reissue(now=self.now, town=self.model.keys[key].town, key=key)

    def honour(self) -> Step:
        begin = self.today + self.pick(0, 1) * DAY
        return do.Honour(now=self.now, town=self.town, begin=begin)

    def dishonour(self) -> Step:
        return do.Dishonour(now=self.now, town=self.town)

    def close_branch(self) -> Step:
        return do.CloseBranch(now=self.now, branch="Z1b")

    def snapshot(self) -> Step:
        return do.Snapshot(now=self.now, town=self.town)

    def seal(self) -> Step:
        return do.Seal(now=self.now)
