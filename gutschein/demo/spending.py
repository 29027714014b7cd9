"""The job's second part: redeem what was read, in full, in part, and across towns."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from random import Random
from typing import Any

from gutschein.demo.client import Client, Unexpected, fixed_id
from gutschein.demo.furnish import DemoRegion, Till
from gutschein.demo.issuing import Held
from gutschein.demo.tally import Tally

_EVERY_THIRD, _EVERY_FOURTH, _EVERY_FIFTH, _EVERY_SEVENTH = 3, 4, 5, 7


class Spender:
    """Customers with vouchers, at the tills of their own town and of its partners."""

    def __init__(self, client: Client, region: DemoRegion, tally: Tally) -> None:
        self._client, self._region, self._tally = client, region, tally
        self._random = Random(region.run)  # noqa: S311 - amounts of a demo, the same each time
        self._count = 0
        self._tills = {name: cycle(town.tills) for name, town in region.towns.items()}

    def spend_all(self, held: list[Held]) -> None:
        """Let every voucher be used once or twice; some sales are taken back."""
        for place, voucher in enumerate(held):
            balance_cents = self._balance(voucher)
            for amount_cents in self._amounts(voucher, balance_cents):
                till = self._till(voucher, abroad=place % _EVERY_THIRD == 0)
                typed = place % _EVERY_FOURTH == 0
                done = self.redeem(voucher, till, amount_cents, typed=typed)
                if self._count % _EVERY_SEVENTH == 0:
                    self._reverse(done, till)

    def spend_together(self, first: Held, second: Held) -> None:
        """Pay one sale with two vouchers, all that is on them."""
        till = self._till(first, abroad=False)
        items = [
            {
                "id": self._new_id(),
                "amount_cents": self._balance(held),
                **held.shown(),
            }
            for held in (first, second)
        ]
        sale = self._client.post("sales", {"id": self._new_id(), "items": items, **till.fields})
        self._tally.redeemed_cents += sale["total_cents"]

    def redeem(
        self, held: Held, till: Till, amount_cents: int, *, typed: bool = False
    ) -> dict[str, Any]:
        """Redeem, and now and then send the same again, as a till does that got no answer."""
        body = {
            "id": self._new_id(),
            "amount_cents": amount_cents,
            **held.shown(typed=typed),
            **till.fields,
        }
        done: dict[str, Any] = self._client.post("redemptions", body)
        self._tally.redeemed_cents += amount_cents
        if self._count % _EVERY_FIFTH == 0 and self._client.post("redemptions", body) != done:
            raise Unexpected("a repeated redemption got another answer")
        return done

    def till_of(self, held: Held) -> Till:
        """Return a till in the voucher's own town."""
        return self._till(held, abroad=False)

    def _amounts(self, held: Held, balance_cents: int) -> Iterator[int]:
        if held.whole_only:
            yield balance_cents
            return
        first_cents = self._random.randint(1, balance_cents)
        yield first_cents
        if first_cents < balance_cents and self._random.random() < 0.5:
            yield self._random.randint(1, balance_cents - first_cents)

    def _reverse(self, done: dict[str, Any], till: Till) -> None:
        self._client.post(
            f"redemptions/{done['id']}/reversal", {"id": self._new_id(), **till.fields}
        )
        self._tally.reversed_cents += done["amount_cents"]

    def _till(self, held: Held, *, abroad: bool) -> Till:
        partners = held.town.data.honoured_in
        name = self._random.choice(partners) if abroad and partners else held.town.data.name
        return next(self._tills[name])

    def _balance(self, held: Held) -> int:
        token = held.printed.qr_text.rpartition("/")[2]
        return int(self._client.get(f"vouchers/{token}")["balance_cents"])

    def _new_id(self) -> str:
        self._count += 1
        return fixed_id(self._region.run, f"spent {self._count}")
