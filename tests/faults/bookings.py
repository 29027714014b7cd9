"""What tills book and remember: each booking is stored before it is sent, as a till does."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from api_fixtures import fresh_id
from stage import Paper, Shop

LARGEST_CENTS = 20
MOST_VOUCHERS = 4
MOST_IN_A_BATCH = 20

REDEMPTIONS = "/api/v1/redemptions"
SALES = "/api/v1/sales"
BATCHES = "/api/v1/redemptions/batch"


@dataclass(frozen=True)
class Part:
    """A redemption that is asked for: one voucher, and what is taken of it."""

    id: str
    paper: Paper
    amount_cents: int

    def item(self, dice: Random) -> dict[str, Any]:
        """How the till says it; one in ten is typed by hand."""
        held_up = self.paper.typed if dice.random() < 0.1 else self.paper.shown
        return {"id": self.id, "amount_cents": self.amount_cents} | held_up


@dataclass(eq=False)
class Booking:
    """One request: a redemption, a sale with several vouchers, a batch of redemptions each for
    itself, or a reversal.

    :param parts: the redemptions it asks for; of a reversal, the one that it takes back.
    :param answer: what the service acknowledged it with; ``None`` while that is in doubt.
    :param told: what it acknowledged of a batch's redemptions so far, by their ids.
    :param turned_away: how often the till was told to come again.
    :param waited: how often it waited for an answer in vain.
    """

    id: str
    path: str
    body: dict[str, Any]
    shop: Shop
    parts: tuple[Part, ...]
    is_reversal: bool = False
    answer: bytes | None = None
    refused: str | None = None
    turned_away: int = 0
    waited: int = 0
    told: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def is_in_doubt(self) -> bool:
        return self.answer is None and self.refused is None

    @property
    def acknowledged(self) -> int:
        """How many of its redemptions were; of a batch perhaps some only, so far."""
        return len(self.told) if self.answer is None else len(self.parts)

    @property
    def papers(self) -> set[Paper]:
        return {part.paper for part in self.parts}

    @property
    def is_batch(self) -> bool:
        return self.path == BATCHES

    def problems(self, answer: bytes) -> list[str]:
        """Take the service's word on each redemption of a batch; return the codes of those that
        were not acknowledged.
        """
        results = json.loads(answer)["results"]
        assert [result["id"] for result in results] == [part.id for part in self.parts]
        for result in results:
            if "redemption" in result:
                known = self.told.setdefault(result["id"], result["redemption"])
                assert known == result["redemption"]
        return [result["problem"]["code"] for result in results if "problem" in result]

    def acknowledge(self, answer: bytes) -> None:
        """Take the service's word. It must be about this booking, and never change."""
        assert self.answer in {None, answer}, f"{self.id}: {self.answer!r}, then {answer!r}"
        self.answer = answer
        assert [fact[:4] for fact in self.facts()] == [*self._expected()], answer

    def facts(self) -> list[tuple[str, str, str, int, int]]:
        """What was acknowledged: id of the redemption or reversal, id of what it belongs to
        (its sale, or the redemption that was taken back; ``""`` without one), voucher, amount
        and the balance afterwards in cents.
        """
        told: dict[str, Any] = json.loads(self.answer or b"{}")
        if self.is_reversal:
            keys = ("id", "redemption_id", "credited_voucher_id")
            return [_fact(told, keys)]
        if self.is_batch:
            told = {"redemptions": [result["redemption"] for result in told["results"]]}
        redemptions: list[dict[str, Any]] = told.get("redemptions", [told])
        return [_fact(each, ("id", "sale_id", "voucher_id")) for each in redemptions]

    def _expected(self) -> Iterable[tuple[str, str, str, int]]:
        for part in self.parts:
            if self.is_reversal:
                yield self.id, part.id, part.paper.id, part.amount_cents
            else:
                sale = self.id if self.path == SALES else ""
                yield part.id, sale, part.paper.id, part.amount_cents


def _fact(told: dict[str, Any], keys: tuple[str, str, str]) -> tuple[str, str, str, int, int]:
    id_, belongs_to, voucher = (told[key] or "" for key in keys)
    return id_, belongs_to, voucher, told["amount_cents"], told["balance_after_cents"]


@dataclass
class Memory:
    """All bookings of one till, and what it may still take back."""

    shop: Shop
    papers: list[Paper]
    dice: Random
    bookings: list[Booking] = field(default_factory=list)
    reversible: list[Part] = field(default_factory=list)

    def next_booking(self) -> Booking:
        """Make up what is booked next, and store it."""
        kind = self.dice.random()
        if self.reversible and kind < 0.15:
            made = self._reversal()
        elif kind < 0.35:
            made = self._sale()
        elif kind < 0.4:
            made = self._batch()
        else:
            made = self._redemption()
        self.bookings.append(made)
        return made

    def learn(self, booking: Booking) -> None:
        """Take into account that a booking was acknowledged."""
        if not booking.is_reversal:
            self.reversible.extend(booking.parts)

    def _redemption(self) -> Booking:
        part = self._part()
        body = part.item(self.dice) | self.shop.fields
        return Booking(part.id, REDEMPTIONS, body, self.shop, (part,))

    def _sale(self) -> Booking:
        parts = tuple(self._part() for _ in range(self.dice.randint(2, MOST_VOUCHERS)))
        id_ = fresh_id()
        body = {"id": id_, "items": [part.item(self.dice) for part in parts]} | self.shop.fields
        return Booking(id_, SALES, body, self.shop, parts)

    def _batch(self) -> Booking:
        parts = tuple(self._part() for _ in range(self.dice.randint(1, MOST_IN_A_BATCH)))
        items = [part.item(self.dice) | self.shop.fields for part in parts]
        return Booking(fresh_id(), BATCHES, {"items": items}, self.shop, parts)

    def _reversal(self) -> Booking:
        part = self.reversible.pop(self.dice.randrange(len(self.reversible)))
        id_ = fresh_id()
        path = f"{REDEMPTIONS}/{part.id}/reversal"
        return Booking(id_, path, {"id": id_} | self.shop.fields, self.shop, (part,), True)

    def _part(self) -> Part:
        """Some vouchers are in every hand, most are seldom seen."""
        place = int(len(self.papers) * self.dice.random() ** 2)
        return Part(fresh_id(), self.papers[place], self.dice.randint(1, LARGEST_CENTS))
