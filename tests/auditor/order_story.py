"""What citizens order: a draft, an order that waits for its money, one issued, one closed."""

from __future__ import annotations

from typing import Any

from bookkeeping import at, day
from deposit_story import DepositStory

_PLACED, _PAID, _CLOSED = "2026-03-22 12:00", "2026-03-24 18:00", "2026-03-24 18:00"


class OrderStory(DepositStory):
    """Books of a region in which one town, Schneeberg, sells to citizens."""

    def shop_days(self) -> None:
        """The orders go by the names of their payment requests, ``pr 5`` to ``pr 7``."""
        self._order_for("o draft", [20_00])
        self._place(5, [15_00, 10_00], "paid", issued_at=at(_PAID))
        self._place(6, [30_00], "open")
        self._place(7, [5_00, 5_00], "closed", closed_at=at(_CLOSED))
        self._count("payment request", 7)
        self._take_deposit("d 5", 25_00, _PAID)
        self._assign_deposit("d 5", "pr 5", 25_00, at(_PAID))
        self._pay_request("pr 5", {"d 5": 25_00}, at(_PAID))
        for position in (1, 2):
            self._issue_item("pr 5", position)

    def _order_for(self, order: str, values: list[int], **placed: Any) -> None:
        key = {"town_id": self.id("s")}
        self.add(
            "shop_order",
            **key,
            id=self.id(order),
            language="de",
            made_at=at(_PLACED),
            **placed,
        )
        for position, cents in enumerate(values, start=1):
            self.add(
                "order_item",
                **key,
                order_id=self.id(order),
                position=position,
                programme_id=self.id("free s"),
                value_cents=cents,
                motif="birthday",
                sealed_message=b"sealed",
                delivery="download",
                sealed_recipient=b"sealed",
                batch_id=None,
            )

    def _place(self, number: int, values: list[int], state: str, **ended: Any) -> None:
        self._ask_for(number, sum(values), state)
        self._order_for(
            f"pr {number}",
            values,
            placed_at=at(_PLACED),
            request_id=self.id(f"pr {number}"),
            total_cents=sum(values),
            sealed_email=b"sealed",
            **ended,
        )

    def _issue_item(self, order: str, position: int) -> None:
        """Issue the batch ``pr 5 b1`` with the voucher ``pr 5 v1``, or those that follow."""
        batch, when = f"{order} b{position}", at(_PAID)
        [item] = [
            row
            for row in self.rows["order_item"]
            if (row["order_id"], row["position"]) == (self.id(order), position)
        ]
        item["batch_id"] = self.id(batch)
        row = self.add(
            "voucher_batch",
            town_id=self.id("s"),
            id=self.id(batch),
            programme_id=item["programme_id"],
            payment_id=self.id(order),
            voucher_count=1,
            value_cents=item["value_cents"],
            sold_on=when.date(),
            valid_until=day("2029-12-31"),
            first_serial=0,
            issued_at=when,
        )
        name, cents = f"{order} v{position}", item["value_cents"]
        voucher = self.voucher("s", name, row, cents, source=order, batch=batch, when=when)
        row["first_serial"] = voucher["serial"]
        self._count("voucher serial", voucher["serial"])

    def _count(self, name: str, value: int) -> None:
        key = (self.id("s"), name)
        [counter] = [
            row for row in self.rows["town_counter"] if (row["town_id"], row["name"]) == key
        ]
        counter["value"] = value
