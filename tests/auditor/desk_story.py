"""What an issuing point does: prints for stock, sells, counts its cash. Each with its rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bookkeeping import at, day
from happenings import Happenings

_SOURCES = {"cash": "cash", "card": "payment_provider"}
_LAST_DAYS = {"sell_until": day("2027-12-31"), "token_valid_until": day("2030-12-31")}
_VALID_UNTIL = day("2029-12-31")


class DeskStory(Happenings):
    """Books of a region in which one town, Marienberg, sells over a desk."""

    _receipts = 0
    _closings = 0

    def desk_days(self) -> None:
        """Two days at the desk: a card sold, one by card, a new one, one lost, one left."""
        self.add(
            "programme",
            town_id=self.id("m"),
            id=self.id("cards m"),
            name="Karten",
            fixed_values_cents=None,
            minimum_cents=1_00,
            maximum_cents=250_00,
            cap_cents=250_00,
            validity="end_of_year",
            validity_count=3,
            validity_day=None,
            partial_redemption=True,
            merchant_fee_basis_points=0,
            payer="citizen",
            created_at=at("2026-03-20 08:00"),
        )
        start = at("2026-03-20 08:00")
        for desk in ("m desk", "m kiosk"):
            key = {"town_id": self.id("m"), "id": self.id(desk)}
            self.add("issuing_point", **key, name=desk, opened_at=start)
            self.account("m", "cash", desk)
        self._order("o m", ["v t1", "v t2", "v t3", "v t4"], at("2026-03-21 09:00"))
        self._sell("k 1", "v t1", "cash", 25_00, "2026-03-23 10:00")
        self._sell("k 2", "v t2", "card", 25_00, "2026-03-23 10:05")
        self._sell("k 3", None, "cash", 40_00, "2026-03-23 10:10")
        self._close("e 1", (0, 65_00, 25_00), 64_50, 50_00, "2026-03-23 18:00")
        self.voucher_event("v t3", "blocked", "2026-03-24 09:00")
        self._close("e 2", (15_00, 0, 0), 14_50, 0, "2026-03-24 18:00")

    def _order(self, order: str, vouchers: list[str], when: datetime) -> None:
        first = self._next_serial()
        terms = {"town_id": self.id("m"), "programme_id": self.id("cards m")}
        by = {"by": None, "by_name": "Jana Beispiel"}
        self.add(
            "stock_order",
            **terms,
            id=self.id(order),
            voucher_count=len(vouchers),
            value_cents=25_00,
            token_value_cents=25_00,
            **_LAST_DAYS,
            first_serial=first,
            ordered_by=by["by"],
            ordered_by_name=by["by_name"],
            ordered_at=when,
        )
        for name in vouchers:
            self._voucher(
                name,
                stock_order_id=self.id(order),
                batch_id=None,
                face_value_cents=25_00,
                valid_until=_LAST_DAYS["token_valid_until"],
                state="stock",
                issued_at=when,
            )
            key = {"town_id": self.id("m"), "voucher_id": self.id(name)}
            self.add("activation_code", **key, code_hash=name.encode(), sealed_code=b"sealed")
        self.add(
            "stock_range",
            town_id=self.id("m"),
            id=self.id("range m"),
            issuing_point_id=self.id("m desk"),
            first_serial=first,
            last_serial=first + len(vouchers) - 1,
            assigned_by=by["by"],
            assigned_by_name=by["by_name"],
            assigned_at=when,
        )

    def _sell(self, sale: str, card: str | None, method: str, cents: int, local: str) -> None:
        """Sell a card, or a new voucher called after the sale."""
        when, name = at(local), card or f"v {sale}"
        key = {"town_id": self.id("m"), "id": self.id(sale)}
        self.add(
            "payment",
            **key,
            method=method,
            amount_cents=cents,
            issuing_point_id=self.id("m desk"),
            reference=sale,
            booked_at=when,
        )
        desk = "m desk" if method == "cash" else None
        paid = self.account("m", _SOURCES[method], desk), self.account("m", "payment", sale)
        self.post(f"{sale} in", "m", paid, cents, event="payment", reference=sale, when=when)
        sold = {"batch_id": self.id(sale), "valid_until": _VALID_UNTIL, "issued_at": when}
        if card is None:
            row = self._voucher(
                name, stock_order_id=None, face_value_cents=cents, state="active", **sold
            )
        else:
            row = self.find("voucher", self.id(card))
            row |= sold
        self.add(
            "voucher_batch",
            **key,
            programme_id=self.id("cards m"),
            payment_id=self.id(sale),
            voucher_count=1,
            value_cents=cents,
            sold_on=when.date(),
            valid_until=_VALID_UNTIL,
            first_serial=row["serial"],
            issued_at=when,
        )
        issued = self.account("m", "payment", sale), self.account("m", "voucher", name)
        self.post(
            f"{name} in", "m", issued, cents, event="issue", reference=name, when=when, link=sale
        )
        if card is not None:
            self.voucher_event(card, "active", local)
        self._receipts += 1
        self.add(
            "counter_sale",
            **key,
            issuing_point_id=self.id("m desk"),
            receipt_number=self._receipts,
            voucher_id=self.id(name),
            sold_by=None,
            sold_by_name="Jana Beispiel",
            sold_at=when,
            sold_on=when.date(),
        )

    def _close(
        self, closing: str, told: tuple[int, int, int], counted: int, banked: int, local: str
    ) -> None:
        """Count the cash: *told* is what was carried in, and taken in cash and by card."""
        carried, cash, card = told
        self._closings += 1
        self.add(
            "cash_closing",
            town_id=self.id("m"),
            id=self.id(closing),
            issuing_point_id=self.id("m desk"),
            number=self._closings,
            follows=self._closings - 1 or None,
            carried_in_cents=carried,
            cash_taken_cents=cash,
            card_taken_cents=card,
            expected_cents=carried + cash,
            counted_cents=counted,
            banked_cents=banked,
            reason="Wechselgeldfehler",
            closed_by=None,
            closed_by_name="Jana Beispiel",
            closed_at=at(local),
            closed_on=at(local).date(),
        )
        if banked:
            moved = self.account("m", "trust_bank"), self.account("m", "cash", "m desk")
            self.post(
                f"{closing} out",
                "m",
                moved,
                banked,
                event="cash_banked",
                reference=closing,
                when=at(local),
            )

    def _voucher(self, name: str, **own: Any) -> dict[str, Any]:
        row = self.add(
            "voucher",
            town_id=self.id("m"),
            id=self.id(name),
            replaces_id=None,
            programme_id=self.id("cards m"),
            serial=self._next_serial(),
            kid=b"key1",
            code_hash=name.encode(),
            sealed_code=b"sealed",
            cap_cents=250_00,
            **own,
        )
        self.account("m", "voucher", name)
        [counter] = [each for each in self.rows["town_counter"] if each["town_id"] == self.id("m")]
        counter["value"] = row["serial"]
        return row

    def _next_serial(self) -> int:
        return 1 + sum(row["town_id"] == self.id("m") for row in self.rows["voucher"])
