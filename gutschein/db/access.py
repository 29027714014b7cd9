"""What one unit of work may touch: a database role, and the towns whose rows it sees.

An access is made where the caller is known, by the guard of a route or by a command, and
goes with the unit of work into PostgreSQL, whose row-level security holds every statement
to it: a condition that was forgotten finds nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from gutschein.kernel.ids import TownId

DatabaseRole = Literal[
    "gutschein_app",
    "gutschein_clearing",
    "gutschein_operator",
    "gutschein_identity",
    "gutschein_auditor",
    "gutschein_jobs",
    "gutschein_public",
]


@dataclass(frozen=True, slots=True)
class Access:
    """A role of the database and the towns it acts for.

    ``gutschein_app`` and ``gutschein_operator`` see the rows of :attr:`towns` and no
    others. The other roles see the rows of all towns, in the few tables they are for.
    """

    role: DatabaseRole
    towns: frozenset[TownId] = frozenset()

    @classmethod
    def town(cls, *town_ids: TownId) -> Access:
        """Act for a town; for two where an agreement of both is made."""
        return cls("gutschein_app", frozenset(town_ids))

    @classmethod
    def operator(cls, town_ids: Iterable[TownId]) -> Access:
        """Act for a region with these towns: open towns, net what they owe one another."""
        return cls("gutschein_operator", frozenset(town_ids))


#: Nobody's: sees no row of any town.
NOTHING = Access("gutschein_app")
#: Redeem, reverse and tell balances, across towns.
CLEARING = Access("gutschein_clearing")
#: Persons, their roles, sessions and invitations.
IDENTITY = Access("gutschein_identity")
#: Read everything, write nothing.
AUDITOR = Access("gutschein_auditor")
#: What runs by the clock: mail, the sealing of the history, clearing away.
JOBS = Access("gutschein_jobs")
#: What anyone may read, of all towns: pages without a sign-in.
PUBLIC_READER = Access("gutschein_public")
