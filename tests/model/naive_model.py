"""What the two towns are by plain dictionaries and whole cents: naive, and easy to believe.

It knows nothing of databases, batches or locks: one step after the other, each decided
against what the one before it left. Balances are what an account owes, as in the ledger.
"""

from __future__ import annotations

from datetime import date

import steps as do
from model_books import SECOND, YEAR, Key, No, Outcome
from model_months_end import MonthsEnd
from steps import day_of


class Model(MonthsEnd):
    def after(self, step: do.Step) -> Outcome:
        """Do a step, or nothing of it, and return what is answered."""
        try:
            return ("done", getattr(self, type(step).__name__.lower())(step))
        except No as no:
            return no.outcome

    def renewkey(self, s: do.RenewKey) -> None:
        for key in self.keys.values():
            if key.town == s.town and key.signs_until > s.now:
                key.signs_until = max(s.now, key.begin + SECOND)
        begin = s.now.replace(microsecond=0)
        self.keys[s.key] = Key(s.town, begin, begin + YEAR)

    def revokekey(self, s: do.RevokeKey) -> None:
        self.keys[s.key].revoked = self.keys[s.key].revoked or s.now

    def reissue(self, s: do.Reissue) -> int:
        if not self.keys[s.key].revoked:
            raise No("key.not_revoked")
        key = self.signing_key(s.town, s.now)
        alive = [t for t in self.vouchers.values() if t.state in {"active", "blocked"}]
        moved = [ticket for ticket in alive if ticket.key == s.key]
        for ticket in moved:
            ticket.key = key
        return len(moved)

    def honour(self, s: do.Honour) -> None:
        known = self.honoured[s.town]
        if [s.begin, date.max] not in known:
            if any(s.begin <= end for _, end in known):
                raise No("acceptance.overlap")
            known.append([s.begin, date.max])

    def dishonour(self, s: do.Dishonour) -> None:
        today = day_of(s.now)
        for period in self.honoured[s.town]:
            if period[0] <= today <= period[1]:
                period[1] = today
                return
        raise No("acceptance.unknown")

    def closebranch(self, s: do.CloseBranch) -> None:
        self.closed.add(s.branch)

    def snapshot(self, s: do.Snapshot) -> None:
        """Move nothing."""

    def seal(self, s: do.Seal) -> None:
        """Move nothing."""
