"""What a corruption is: a change of the database past all its guards, and what it must cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Corruption(NamedTuple):
    """A change that somebody with the rights of the owner could make.

    :param sql: one statement or several, with the names of :mod:`scenario` in braces where
        ids stand; ``{nowhere}`` is an id that nothing has.
    :param finds: the findings it must lead to, and no others: the check, and its fault
        where the check knows several, to the names of the rows that are found. Rows
        without an id of their own go by their town: ``z:trust_bank``.
    :param resealed: whether the history is sealed anew after it, as whoever can change the
        books can also do: then only the other checks can tell.
    """

    number: str
    title: str
    sql: str | tuple[str, ...]
    finds: Mapping[str, str]
    resealed: bool = True

    @property
    def statements(self) -> tuple[str, ...]:
        return (self.sql,) if isinstance(self.sql, str) else self.sql

    @property
    def expected(self) -> set[tuple[str, str]]:
        return {(check, row) for check, rows in self.finds.items() for row in rows.split(", ")}


def posted_again(
    name: str, *, amount_cents: str = "amount_cents", reverses_id: str = "reverses_id"
) -> str:
    """SQL that posts a copy of a transfer under the id ``{nowhere}``."""
    return (
        "INSERT INTO transfer OVERRIDING SYSTEM VALUE "
        "SELECT town_id, {nowhere}, 900, debit_account_id, credit_account_id, "
        f"{amount_cents}, event, reference_id, link_id, {reverses_id}, booked_at, booked_on "
        f"FROM transfer WHERE id = {{{name}}}"
    )
