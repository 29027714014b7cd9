"""The same steps on the real database: the services as their routes call them."""

from __future__ import annotations

import asyncio
from functools import singledispatchmethod
from typing import Any

import steps as do
from steps import OTHER, TOWNS, id_of
from town_hall import approve_reversal, ask_for_reversal
from two_towns import REGION, town_id
from workplace import Workplace

from gutschein.history.jobs import seal
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import (
    BatchId,
    NettingId,
    PaymentId,
    ProgrammeId,
    RedemptionId,
    RegionId,
    ReversalId,
    SettlementId,
    VoucherId,
    derived_id,
)
from gutschein.ledger.balances import take_snapshots
from gutschein.merchants.service import close_branch
from gutschein.payments.schemas import NewPayment
from gutschein.payments.service import book
from gutschein.redemption.order import Item, Sale
from gutschein.redemption.presented import Presented
from gutschein.redemption.reversing import Asked
from gutschein.redemption.rules import UNKNOWN
from gutschein.settlement.approval import approve
from gutschein.settlement.closing import Period, close_period
from gutschein.settlement.netting import net_region, pay
from gutschein.settlement.payouts import confirm_payout, confirm_payouts, return_payout
from gutschein.signing.keyring import renew_signing_key
from gutschein.signing.revocation import revoke_signing_key
from gutschein.towns.schemas import NewAcceptance
from gutschein.towns.service import agree_acceptance, end_acceptance
from gutschein.vouchers import life
from gutschein.vouchers.batch import Order
from gutschein.vouchers.issue import issue
from gutschein.vouchers.reissue import reissue_some
from gutschein.web.outage import is_outage

MOST_TRIES = 8
REASON = "Verloren"
#: The facts of a refusal that are compared.
FACTS = ("balance_cents", "item")
Outcome = tuple[Any, ...]


class RealTowns(Workplace):
    """What happens in them."""

    async def all(self, steps: list[do.Step]) -> list[Outcome]:
        """Do all *steps* at once.

        :raises Exception: the first mistake of the service, once all have come to their end.
        """
        ends = await asyncio.gather(*map(self.outcome, steps), return_exceptions=True)
        for end in ends:
            if isinstance(end, BaseException):
                raise end
        return [end for end in ends if not isinstance(end, BaseException)]

    async def outcome(self, step: do.Step) -> Outcome:
        """Do a step, again when others were in its way, and return what is answered."""
        for _ in range(MOST_TRIES):
            try:
                return ("done", await self._do(step))
            except Refusal as refusal:
                why = refusal.code
                if why != "service.busy":
                    facts = [(f, refusal.params[f]) for f in FACTS if f in refusal.params]
                    return ("refused", why, *facts)
            except Exception as error:
                if not is_outage(error):
                    raise
                why = type(getattr(error, "orig", error)).__name__
            self.tried_again[why] += 1
        raise AssertionError(f"tried {MOST_TRIES} times: {step}")

    @singledispatchmethod
    async def _do(self, step: do.Step) -> Any:
        raise TypeError(step)

    @_do.register
    async def _(self, s: do.PayIn) -> None:
        new = NewPayment(
            id=id_of(s.payment),
            method=s.method,  # type: ignore[arg-type]
            amount_cents=s.cents,
            reference="Verkauf",
        )
        async with self._town(s.town) as work:
            await book(work, town_id(s.town), new, s.now)

    @_do.register
    async def _(self, s: do.Issue) -> Outcome:
        order = Order(
            town_id=town_id(s.town),
            batch_id=BatchId(id_of(s.batch)),
            programme_id=ProgrammeId(id_of(f"{s.town} {s.programme}")),
            payment_id=PaymentId(id_of(s.payment)),
            voucher_count=s.count,
            value_cents=s.cents,
            sold_on=None,
        )
        async with self._town(s.town) as work:
            batch, _ = await issue(work, order, self._kek, s.now)
        return batch.first_serial, batch.valid_until

    @_do.register
    async def _(self, s: do.Redeem) -> Outcome:
        items = [
            Item(RedemptionId(id_of(each.redemption)), self._shown(each), each.cents)
            for each in s.items
        ]
        sale = Sale(self._shop(s.branch), items, id_of(s.sale) if s.sale else None)
        done = await self._engines[s.worker].redeem(sale, s.now)
        return tuple((one.amount_cents, one.balance_after_cents, one.redeemed_at) for one in done)

    def _shown(self, item: do.Item) -> Presented:
        paper = self._papers[item.voucher, item.key]
        return Presented(token=paper) if item.key else Presented(code=paper)

    @_do.register
    async def _(self, s: do.Reverse) -> Outcome:
        reversal_id = ReversalId(id_of(s.reversal))
        engine = self._engines[reversal_id.int % len(self._engines)]
        asked = Asked(
            reversal_id, RedemptionId(id_of(s.redemption)), self._shop(s.branch), s.now, UNKNOWN
        )
        done = await engine.reverse(asked)
        return done.amount_cents, done.balance_after_cents

    @_do.register
    async def _(self, s: do.AskForReversal) -> None:
        async with self._town(s.town) as work:
            await ask_for_reversal(work, self._kek, s)

    @_do.register
    async def _(self, s: do.ApproveReversal) -> None:
        async with self._town(s.town) as work:
            await approve_reversal(work, self._kek, s)

    @_do.register
    async def _(self, s: do.Block) -> None:
        async with self._town(s.voucher[0]) as work:
            await life.block(work, town_id(s.voucher[0]), self._ids[s.voucher], REASON, s.now)

    @_do.register
    async def _(self, s: do.Unblock) -> None:
        async with self._town(s.voucher[0]) as work:
            await life.unblock(work, town_id(s.voucher[0]), self._ids[s.voucher], REASON, s.now)

    @_do.register
    async def _(self, s: do.Replace) -> int:
        town, new = town_id(s.voucher[0]), VoucherId(id_of(s.replacement))
        async with self._town(s.voucher[0]) as work:
            await life.replace_voucher(
                work, town, self._ids[s.voucher], new, REASON, kek=self._kek, now=s.now
            )
            return int((await life.find_voucher(work, town, new)).serial)

    @_do.register
    async def _(self, s: do.Expire) -> int:
        async with self._town(s.town) as work:
            return await life.expire_due(work, town_id(s.town), s.now)

    @_do.register
    async def _(self, s: do.Close) -> None:
        period = Period(SettlementId(id_of(s.settlement)), s.begin, s.end)
        async with self._town(s.town) as work:
            await close_period(work, town_id(s.town), period, self._kek, s.now)

    @_do.register
    async def _(self, s: do.Approve) -> None:
        settlement = SettlementId(id_of(s.settlement))
        async with self._town(s.town) as work:
            await approve(work, town_id(s.town), settlement, self._kek, s.now)

    @_do.register
    async def _(self, s: do.ConfirmAll) -> int:
        settlement = SettlementId(id_of(s.settlement))
        async with self._town(s.town) as work:
            return await confirm_payouts(work, town_id(s.town), settlement, s.now)

    @_do.register
    async def _(self, s: do.Confirm) -> None:
        async with self._town(s.statement[0]) as work:
            town = town_id(s.statement[0])
            await confirm_payout(work, town, self._cards[s.statement], s.now)

    @_do.register
    async def _(self, s: do.SendBack) -> None:
        async with self._town(s.statement[0]) as work:
            town = town_id(s.statement[0])
            await return_payout(work, town, self._cards[s.statement], s.reason, s.now)

    @_do.register
    async def _(self, s: do.Net) -> None:
        async with self._region() as work:
            await net_region(work, RegionId(REGION), NettingId(id_of(s.netting)), s.now)

    @_do.register
    async def _(self, s: do.PayNetting) -> None:
        payer = s.payer
        payment = derived_id(id_of(s.netting), f"{town_id(payer)} {town_id(OTHER[payer])}")
        async with self._region() as work:
            await pay(work, payment, s.now)

    @_do.register
    async def _(self, s: do.RenewKey) -> None:
        async with self._town(s.town) as work:
            key = await renew_signing_key(work, town_id(s.town), self._kek, s.now)
        self._kids[key.kid] = s.key

    @_do.register
    async def _(self, s: do.RevokeKey) -> None:
        async with self._town(s.town) as work:
            await revoke_signing_key(work, town_id(s.town), self._kid(s.key), "Leck", s.now)

    @_do.register
    async def _(self, s: do.Reissue) -> int:
        async with self._town(s.town) as work:
            moved, _ = await reissue_some(work, town_id(s.town), self._kid(s.key), self._kek, s.now)
        return moved

    @_do.register
    async def _(self, s: do.Honour) -> None:
        new = NewAcceptance(accepting_town_id=town_id(OTHER[s.town]), valid_from=s.begin)
        async with self._town(*TOWNS) as work:
            await agree_acceptance(work, town_id(s.town), new, s.now)

    @_do.register
    async def _(self, s: do.Dishonour) -> None:
        async with self._town(s.town) as work:
            accepting = town_id(OTHER[s.town])
            await end_acceptance(work, town_id(s.town), accepting, do.day_of(s.now), s.now)

    @_do.register
    async def _(self, s: do.CloseBranch) -> None:
        shop = self._shop(s.branch)
        async with self._town(s.branch[0]) as work:
            await close_branch(work, shop.town_id, shop.merchant_id, shop.branch_id, s.now)

    @_do.register
    async def _(self, s: do.Snapshot) -> None:
        async with self._town(s.town) as work:
            await take_snapshots(work, town_id(s.town), s.now)

    @_do.register
    async def _(self, s: do.Seal) -> None:
        await seal(self._database, s.now)
