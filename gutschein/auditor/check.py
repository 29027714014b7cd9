"""A check: what it compares, the query or code that finds what differs, and the words for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause
from sqlalchemy.ext.asyncio import AsyncConnection

from gutschein.auditor.findings import Finding
from gutschein.auditor.opening import Opener
from gutschein.auditor.views import over_views
from gutschein.kernel.clock import format_day
from gutschein.kernel.money import format_euro

#: The report lists this many findings of one check; what is beyond is only counted.
MOST_FINDINGS = 1_000

#: What a finding is made of: ``town_id``, ``row_id``, which ``fault`` it is, and the facts
#: that its sentence names. ``expected`` and ``actual`` are facts like the others.
Facts = Mapping[str, Any]
Finder = Callable[[AsyncConnection, Sequence[UUID] | None], AsyncIterator[Facts]]


@dataclass(frozen=True)
class Opening:
    """Code that finds by looking into what is sealed, of the towns that are audited."""

    find: Callable[[AsyncConnection, Opener, Sequence[UUID] | None], AsyncIterator[Facts]]


_OF_TOWNS = """
WHERE CAST(:towns AS uuid[]) IS NULL
   OR found.town_id IS NULL
   OR found.town_id = ANY (CAST(:towns AS uuid[]))
ORDER BY found.town_id, found.row_id::text
LIMIT :most
"""


@dataclass(frozen=True)
class Check:
    """One numbered check.

    :param over: the tables whose rows are examined, or how many things of another sort are.
    :param finds: a query over the tables and the auditor's views that returns the facts of
        each finding, or code that does and is handed the towns that are audited. A query may
        ask for the instant of the audit, ``:now``. :class:`Opening` code is run only where
        sealed values can be opened.
    :param says: the sentence of a finding, or one for each ``fault``. Facts ending in
        ``_cents`` are amounts, and named without that ending.
    """

    number: str
    title: str
    over: Sequence[str] | int
    finds: str | Finder | Opening
    says: str | Mapping[str, str]
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def tables(self) -> Sequence[str]:
        return () if isinstance(self.over, int) else self.over

    @property
    def things(self) -> int:
        """How many things are examined that are no rows of a table of ours."""
        return self.over if isinstance(self.over, int) else 0

    @cached_property
    def _query(self) -> TextClause:
        found = "SELECT found.*, count(*) OVER () AS found_count FROM ("
        return over_views(f"{found}{self.finds}) AS found{_OF_TOWNS}")

    async def run(
        self,
        connection: AsyncConnection,
        towns: Sequence[UUID] | None,
        now: datetime,
        opener: Opener | None,
    ) -> tuple[list[Finding], int] | None:
        """Return the first findings, and how many there are in all; ``None`` when it could
        not be run, for want of an opener.
        """
        if isinstance(self.finds, str):
            values = {"towns": towns, "most": MOST_FINDINGS, "now": now, **self.params}
            rows = (await connection.execute(self._query, values)).mappings().all()
            return [self._finding(dict(row)) for row in rows], rows[0]["found_count"] if rows else 0
        if not isinstance(self.finds, Opening):
            found = self.finds(connection, towns)
        elif opener is None:
            return None
        else:
            found = self.finds.find(connection, opener, towns)
        findings: list[Finding] = []
        count = 0
        async for facts in found:
            if towns is None or facts["town_id"] is None or facts["town_id"] in towns:
                count += 1
                if count <= MOST_FINDINGS:
                    findings.append(self._finding(facts))
        return findings, count

    def _finding(self, facts: Facts) -> Finding:
        sentence = self.says if isinstance(self.says, str) else self.says[facts["fault"]]
        words = {name.removesuffix("_cents"): _word(name, fact) for name, fact in facts.items()}
        return Finding(
            check=self.number,
            town_id=facts["town_id"],
            row_id=str(facts["row_id"]),
            sentence=sentence.format_map(words),
            expected=words.get("expected", ""),
            actual=words.get("actual", ""),
        )


def _word(name: str, fact: object) -> str:
    if fact is None:
        return "nothing"
    if name.endswith("_cents") and isinstance(fact, int | Decimal):
        return format_euro(int(fact), "en")
    if isinstance(fact, datetime):
        return f"{fact:%d.%m.%Y %H:%M:%S} UTC"
    if isinstance(fact, date):
        return format_day(fact)
    return str(fact)
