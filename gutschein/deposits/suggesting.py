"""What a deposit may be meant for when it does not say so: for people to look at, never booked.

Pure functions of what the payer wrote and of what is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from uuid import UUID

from gutschein.bank.rf_reference import compacted, is_reference
from gutschein.deposits.rules import Asked

#: So many wrong, missing or superfluous characters still make a slip of the pen.
_SLIPS = 2

#: A run of characters that somebody may have meant as a reference.
_RUN = re.compile(r"R?F?[0-9OIL]{6,}", re.ASCII)

#: More of them stand in no remittance that a person wrote.
_MOST_RUNS = 8

_MOST_SUGGESTIONS = 5

Hint = Literal["misspelt", "number", "same_payer", "amount"]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A request that a deposit may be for, and what speaks for it."""

    request_id: UUID
    hint: Hint


def suggestions(
    told: str, left_cents: int, asked: Sequence[Asked], same_payer: Collection[UUID] = ()
) -> list[Suggestion]:
    """Return the open requests that a deposit may be for, the likeliest first.

    Of those that only the amount speaks for, one is named when it is the only one.

    :param same_payer: requests that the payer has paid a part of.
    """
    compact = compacted(told)
    runs = [run.group() for run in _RUN.finditer(compact)][:_MOST_RUNS]
    waiting = [each for each in asked if each.state == "open" and each.missing_cents]
    fitting = [each.id for each in waiting if each.missing_cents == left_cents]
    found: dict[UUID, Hint] = {}
    for each in waiting:
        if any(_is_slip(run, each.reference) for run in runs):
            found[each.id] = "misspelt"
    for each in waiting:
        if each.reference[4:] in compact:
            found.setdefault(each.id, "number")
    for each in waiting:
        if each.id in same_payer and each.missing_cents == left_cents:
            found.setdefault(each.id, "same_payer")
    if not found and len(fitting) == 1:
        found[fitting[0]] = "amount"
    return [Suggestion(id_, hint) for id_, hint in found.items()][:_MOST_SUGGESTIONS]


def _is_slip(run: str, reference: str) -> bool:
    """Tell whether a run begins with the reference but for a slip or two. What follows it, a
    date or a number, does not count.

    Counted is how many characters are to be changed, added, left out or swapped with the next:
    the optimal string alignment distance, all rows of its table at once in the bits of a number
    (Hyyrö, "A bit-vector algorithm for computing Levenshtein and Damerau edit distances", 2003).
    """
    if is_reference(run[: len(reference)]) and len(run) >= len(reference):
        return False  # it was written as it was meant, whatever became of that
    places = _places(reference)
    everywhere, end = (1 << len(reference)) - 1, 1 << len(reference) - 1
    more, less, same, before = everywhere, 0, 0, 0
    distance = len(reference)
    for character in run[: len(reference) + _SLIPS]:
        here = places.get(character, 0)
        swapped = ((~same & here) << 1) & before
        same = ((((here & more) + more) ^ more) | here | less | swapped) & everywhere
        rises, falls = (less | ~(same | more)) & everywhere, same & more
        distance += bool(rises & end) - bool(falls & end)
        if distance <= _SLIPS:
            return True
        rises, falls = (rises << 1 | 1) & everywhere, falls << 1 & everywhere
        more, less = (falls | ~(same | rises)) & everywhere, rises & same
        before = here
    return False


@lru_cache(4096)
def _places(reference: str) -> dict[str, int]:
    """Return where each character stands, as bits."""
    places: dict[str, int] = {}
    for place, character in enumerate(reference):
        places[character] = places.get(character, 0) | 1 << place
    return places
