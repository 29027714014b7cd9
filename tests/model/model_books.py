"""What there is by the model: plain dictionaries and whole cents."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import steps as do
from steps import Statement, Voucher

SECOND, YEAR, DAY = timedelta(seconds=1), timedelta(days=365), timedelta(days=1)
Outcome = tuple[Any, ...]


class No(Exception):
    def __init__(self, code: str, *facts: Any) -> None:
        super().__init__(code)
        self.outcome: Outcome = ("refused", code, *facts)


@dataclass
class Ticket:
    programme: str
    key: str
    until: date
    state: str = "active"
    heir: Voucher | None = None


@dataclass
class Key:
    town: str
    begin: datetime
    signs_until: datetime
    revoked: datetime | None = None


@dataclass
class Request:
    redemption: str
    ends: datetime
    approved: bool = False


@dataclass
class Settlement:
    name: str
    begin: date
    end: date
    approved: bool = False


class Books:
    """All there is, and who owns which cents."""

    def __init__(self, opened: datetime) -> None:
        self.accounts: Counter[tuple[Any, ...]] = Counter()
        self.serials = dict.fromkeys(do.TOWNS, 0)
        self.vouchers: dict[Voucher, Ticket] = {}
        self.methods: dict[str, str] = {}  # of payments
        self.batches: dict[tuple[str, str], tuple[Outcome, Outcome]] = {}  # ordered, told
        self.redemptions: dict[tuple[str, str], dict[str, Any]] = {}
        self.reversals: dict[tuple[str, str], dict[str, Any]] = {}  # by town and redemption
        self.requests: dict[tuple[str, str], Request] = {}  # to reverse on any day
        self.used: set[tuple[str, str]] = set()  # ids, in the book of a town
        self.entries: list[tuple[str, date, str | None, int]] = []  # in no statement yet
        self.settlements: dict[str, list[Settlement]] = {town: [] for town in do.TOWNS}
        self.statements: dict[Statement, dict[str, int]] = {}
        self.payouts: dict[Statement, dict[str, str]] = {}  # what the bank says, and why
        self.nettings: dict[str, list[Any]] = {}  # payer, payee, cents, whether it is paid
        self.keys = {f"{town} key": Key(town, opened, opened + YEAR) for town in do.TOWNS}
        self.honoured: dict[str, list[list[date]]] = {
            town: [[date(2020, 1, 1), date.max]] for town in do.TOWNS
        }
        self.closed: set[str] = set()  # branches

    def state(self) -> dict[str, dict[Any, Any]]:
        """What can be compared with the rows of a database."""
        return {
            "accounts": {owner: cents for owner, cents in self.accounts.items() if cents},
            "vouchers": {v: (t.state, t.key, t.until) for v, t in self.vouchers.items()},
            "redemptions": {
                key: (r["branch"], r["sale"], r["voucher"], r["cents"], r["left"])
                for key, r in self.redemptions.items()
            },
            "reversals": {
                key: (r["id"], r["branch"], r["voucher"], r["cents"], r["left"])
                for key, r in self.reversals.items()
            },
            "statements": self.statements,
            "payouts": {key: set(said) for key, said in self.payouts.items()},
            "keys": {n: (k.begin, k.signs_until, k.revoked) for n, k in self.keys.items()},
            "honoured": {
                (town, begin): end for town, some in self.honoured.items() for begin, end in some
            },
            "settlements": {
                (town, s.name): (s.begin, s.end, s.approved)
                for town, some in self.settlements.items()
                for s in some
            },
            "nettings": {name: tuple(netting) for name, netting in self.nettings.items()},
        }

    def move(self, town: str, debit: tuple[Any, ...], credit: tuple[Any, ...], cents: int) -> None:
        self.accounts[town, *debit] -= cents
        self.accounts[town, *credit] += cents

    def left(self, voucher: Voucher) -> int:
        return self.accounts[voucher[0], "voucher", voucher[1]]

    def signing_key(self, town: str, now: datetime) -> str:
        signing = [
            (key.begin, key.signs_until, name)
            for name, key in self.keys.items()
            if key.town == town and key.begin <= now < key.signs_until and not key.revoked
        ]
        if not signing:
            raise No("key.none")
        return max(signing)[2]

    def new_voucher(self, town: str, ticket: Ticket, source: tuple[Any, ...], cents: int) -> int:
        self.serials[town] += 1
        self.vouchers[town, self.serials[town]] = ticket
        self.move(town, source, ("voucher", self.serials[town]), cents)
        return self.serials[town]
