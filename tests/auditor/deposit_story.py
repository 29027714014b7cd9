"""What came in by bank and provider: statements, deposits, and what they were for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bookkeeping import at, day
from offline_story import OfflineStory

_MONDAY, _TUESDAY = "2026-03-23 18:00", "2026-03-24 18:00"

_FACTS = {"is_lump": False, "is_reversal": False, "return_reason": None, "bank_reference": None}


class DepositStory(OfflineStory):
    """Books of a region in which one town, Schneeberg, reads its bank statements."""

    def bank_days(self) -> None:
        """An order paid, one paid in part, one closed, one by provider, and a rest left over.

        The second statement shows the first credit once more.
        """
        for number, (cents, state) in enumerate(
            [(25_00, "paid"), (50_00, "open"), (5_00, "closed"), (10_00, "paid")], start=1
        ):
            self._ask_for(number, cents, state)
        self.add("town_counter", town_id=self.id("s"), name="payment request", value=4)
        self._bank_statement("f 1", (0, 63_50, 0), 3, 0, _MONDAY)
        self._bank_entry("f 1", "n 1", 25_00, _MONDAY)
        self._bank_entry("f 1", "n 2", 40_00, _MONDAY)
        self._bank_entry("f 1", "n 3", -1_50, _MONDAY)
        self._bank_statement("f 2", (38_50, 30_00, 25_00), 1, 1, _TUESDAY)
        self._bank_entry("f 2", "n 4", 5_00, _TUESDAY)
        for number, cents in ((1, 25_00), (2, 40_00), (4, 5_00)):
            when = _TUESDAY if number == 4 else _MONDAY
            self._take_deposit(f"d {number}", cents, when, entry=f"n {number}")
        self._take_deposit("d prov", 12_00, _TUESDAY)
        self._assign_deposit("d 1", "pr 1", 25_00, at(_MONDAY))
        self._assign_deposit("d 2", "pr 2", 40_00, at(_MONDAY))
        self._assign_deposit("d 4", "pr 3", 4_00, at(_TUESDAY))
        self._assign_deposit("d prov", "pr 4", 10_00, at(_TUESDAY))
        self._pay_request("pr 1", {"d 1": 25_00}, at(_MONDAY))
        self._pay_request("pr 4", {"d prov": 10_00}, at(_TUESDAY))

    def _ask_for(self, number: int, cents: int, state: str) -> None:
        ended = at(_TUESDAY)
        self.add(
            "payment_request",
            town_id=self.id("s"),
            id=self.id(f"pr {number}"),
            number=number,
            reference=f"RF00{number:08}",
            amount_cents=cents,
            state=state,
            due_on=day("2026-04-05"),
            asked_at=at("2026-03-22 12:00"),
            paid_at=ended if state == "paid" else None,
            closed_at=ended if state == "closed" else None,
        )

    def _bank_statement(
        self, name: str, told: tuple[int, int, int], new: int, known: int, local: str
    ) -> None:
        """Read a statement: *told* is what it begins with, brings, and had brought already."""
        opening, entries, known_cents = told
        self.add(
            "bank_statement",
            town_id=self.id("s"),
            id=self.id(name),
            fingerprint=name.encode().ljust(32),
            bank_reference=name,
            sequence_number=None,
            from_day=at(local).date(),
            to_day=at(local).date(),
            opening_cents=opening,
            entries_cents=entries,
            closing_cents=opening + entries,
            known_cents=known_cents,
            new_entries=new,
            known_entries=known,
            imported_by=None,
            imported_by_name="Jana Beispiel",
            imported_at=at(local),
        )

    def _bank_entry(self, statement: str, name: str, cents: int, local: str) -> None:
        told: dict[str, Any] = {} if cents > 0 else {"details": '{"remittance":"Entgelt"}'}
        earlier = [
            row for row in self.rows["bank_entry"] if row["bank_statement_id"] == self.id(statement)
        ]
        self.add(
            "bank_entry",
            town_id=self.id("s"),
            id=self.id(name),
            bank_statement_id=self.id(statement),
            position=len(earlier) + 1,
            entry_key=name.encode().ljust(32),
            occurrence=1,
            is_credit=cents > 0,
            amount_cents=abs(cents),
            **_FACTS,
            booked_on=at(local).date(),
            value_on=at(local).date(),
            **told,
        )

    def _take_deposit(self, name: str, cents: int, local: str, entry: str | None = None) -> None:
        held_on = "trust_bank" if entry else "payment_provider"
        self.post(
            f"{name} in",
            "s",
            (self.account("s", held_on), self.account("s", "deposit", name)),
            cents,
            event="deposit",
            reference=name,
            when=at(local),
        )
        self.add(
            "deposit",
            town_id=self.id("s"),
            id=self.id(name),
            channel="bank" if entry else "provider",
            external_id=name,
            amount_cents=cents,
            received_on=at(local).date(),
            bank_entry_id=self.id(entry) if entry else None,
            is_credit=True if entry else None,
            payer_name="Erika Beispiel",
            payer_iban="DE02120300000000202051",
            remittance=name,
            booked_at=at(local),
        )

    def _assign_deposit(self, deposit: str, request: str, cents: int, when: datetime) -> None:
        self.add(
            "deposit_assignment",
            town_id=self.id("s"),
            deposit_id=self.id(deposit),
            request_id=self.id(request),
            amount_cents=cents,
            assigned_by=None,
            assigned_by_name="Gutschein",
            assigned_at=when,
        )

    def _pay_request(self, request: str, shares: dict[str, int], when: datetime) -> None:
        paid = self.account("s", "payment", request)
        for deposit, cents in shares.items():
            self.post(
                f"{deposit} out",
                "s",
                (self.account("s", "deposit", deposit), paid),
                cents,
                event="assignment",
                reference=request,
                when=when,
            )
        self.add(
            "payment",
            town_id=self.id("s"),
            id=self.id(request),
            method="deposits",
            amount_cents=sum(shares.values()),
            issuing_point_id=None,
            reference=request,
            booked_at=when,
        )
