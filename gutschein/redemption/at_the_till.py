"""A request of a till that redeems: its shop, its guesses and its credential, around the engine."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Request

from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import RedemptionId
from gutschein.limits.client import Connection
from gutschein.limits.counting import Limits
from gutschein.redemption.clearing import Clearing
from gutschein.redemption.guessing import note_guess, refuse_guesser
from gutschein.redemption.order import Item, Sale
from gutschein.redemption.pin_tries import counting_pins, note_pin
from gutschein.redemption.rules import By, Redemption, Shop
from gutschein.redemption.schemas import NewItem
from gutschein.watch.metrics import Kind
from gutschein.watch.redemption_log import Noted
from gutschein.web.caller import Caller
from gutschein.web.rights import Right

#: What is said of a credential in the transaction of the request, and may be a guess.
_OF_CREDENTIALS = frozenset({"auth.required", "device.unknown", "device.replayed"})


class AtTheTill:
    """Who redeems, and when.

    It takes what it needs from the request itself: to have each part handed in by name
    costs as much again as all that a redemption does here.
    """

    def __init__(self, connection: Connection, caller: Caller, now: datetime) -> None:
        state = connection.app.state
        self._connection = connection
        self._clearing: Clearing = state.clearing
        self._limits: Limits = state.limits
        self.caller = caller
        self.now = now

    @classmethod
    def of(cls, request: Request[Any, Any, Any]) -> AtTheTill:
        """Return who sends a request that the guard has let in."""
        return cls(request, request.state.caller, request.app.state.clock())

    async def redeem(self, sale: Sale) -> list[Redemption]:
        """Redeem a sale that is a request of its own, and write its line in the log.

        :raises Refusal: as :meth:`redeem_among_many` says.
        """
        kind: Kind = "redemption" if sale.id is None else "sale"
        caller = f"{self.caller.kind} {self.caller.id}"
        with Noted(kind, sale.id or sale.items[0].id, caller) as noted:
            done = await self.redeem_among_many(sale)
            noted.outcome = "done" if done[0].redeemed_at == self.now else "repeated"
        return done

    async def redeem_among_many(self, sale: Sale) -> list[Redemption]:
        """Redeem a sale for the shop where the till stands.

        If it is refused before its credential was asked, the credential is asked alone: a
        locked device learns nothing else, and no nonce serves twice. Only of those that are
        turned away because too many came nothing is asked: that has to be quick.

        :raises Refusal: ``right.missing`` for another shop, ``limit.rate`` for a typed code or
            a PIN after too many wrong ones, and what :meth:`Clearing.redeem` says.
        """
        caller, sign_in = self.caller, self.caller.sign_in
        by = by_of(caller) if sign_in is None else None
        try:
            if any(item.presented.code is not None for item in sale.items):
                refuse_guesser(self._limits, caller, self.now)
            check_shop(caller, sale.shop)
            sale = await counting_pins(self._limits, sale, self.now)
            return await self._clearing.redeem(sale, self.now, sign_in=sign_in, by=by)
        except Refusal as refusal:
            await note_guess(self._limits, caller, refusal, self.now)
            await note_pin(self._limits, sale, refusal, self.now)
            if sign_in is not None and refusal.code != "service.busy":
                await self._ask_alone()
                await self._count(refusal)
            raise

    async def _ask_alone(self) -> None:
        sign_in = self.caller.sign_in
        if sign_in is None or sign_in.asked:
            return
        try:
            await self._clearing.ask(sign_in, self.now)
        except Refusal as refusal:
            await self._count(refusal)
            raise

    async def _count(self, refusal: Refusal) -> None:
        if refusal.code in _OF_CREDENTIALS:
            await self._connection.app.state.credentials.failed(self._connection, refusal, self.now)


def check_shop(caller: Caller, shop: Shop) -> None:
    """Refuse a till that redeems for another shop: ``right.missing``."""
    caller.check_shop(Right.TILL_REDEEM, shop.town_id, shop.merchant_id, shop.branch_id)


def by_of(caller: Caller) -> By:
    """Return through what a till redeems that is signed in."""
    if caller.kind == "api_key":
        return By(api_key_id=caller.id)
    return By(device_id=caller.id, cashier_id=caller.cashier.id if caller.cashier else None)


def item_of(item: NewItem) -> Item:
    """Return an item as it is cleared."""
    return Item(RedemptionId(item.id), item.presented, item.amount_cents, item.pin)
