"""Which deposit is for which payment request, and why one is for none.

A deposit is assigned by itself only to a request whose reference it names exactly, and only as
long as that request is open. All else is left to people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol
from uuid import UUID

from gutschein.bank.rf_reference import compacted, is_reference, references_in

#: Why something is left of a deposit.
Why = Literal["excess", "paid", "closed", "unknown", "no_reference", "returned", "lump"]


class Asked(Protocol):
    """What is known of a payment request."""

    @property
    def id(self) -> UUID: ...
    @property
    def reference(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def missing_cents(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """What is left of a deposit, and what it says that it is for.

    :param references: in the order they were written.
    :param request_id: a request that whoever took the money knows it is for.
    """

    deposit_id: UUID
    left_cents: int
    references: Sequence[str] = ()
    request_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a deposit for a request."""

    deposit_id: UUID
    request_id: UUID
    amount_cents: int


def match(deposits: Iterable[Incoming], asked: Iterable[Asked]) -> list[Share]:
    """Assign deposits, in the order they come, to the open requests that they name.

    Each request gets no more than it misses, each deposit gives no more than is left of it. One
    that names several requests gives to the first what that misses, and to the next the rest.
    """
    by_reference = {each.reference: each for each in asked if each.state == "open"}
    by_id = {each.id: each for each in by_reference.values()}
    missing = {id_: each.missing_cents for id_, each in by_id.items()}
    shares: list[Share] = []
    for deposit in deposits:
        left_cents = deposit.left_cents
        named = [by_reference[each].id for each in deposit.references if each in by_reference]
        if deposit.request_id is not None and deposit.request_id in by_id:
            named.insert(0, deposit.request_id)
        for request_id in dict.fromkeys(named):
            if cents := min(left_cents, missing[request_id]):
                shares.append(Share(deposit.deposit_id, request_id, cents))
                left_cents -= cents
                missing[request_id] -= cents
    return shares


def why_left(
    told: str, asked: Mapping[str, Asked], *, given: bool, returned: bool, lump: bool
) -> Why:
    """Say why something of a deposit is for nobody yet.

    :param told: all that the payer wrote.
    :param asked: requests by their references, among them all that *told* names.
    :param given: whether a part of it paid something.
    :param returned: whether it is a payment of the town's own that came back.
    :param lump: whether it is a sum of payments that the bank did not tell apart.
    """
    if returned or lump or given:
        return "returned" if returned else "lump" if lump else "excess"
    states = {asked[each].state for each in references_in(told) if each in asked}
    if "paid" in states:
        return "paid"
    if "closed" in states:
        return "closed"
    # Inside other words a few characters check by chance; a line of its own was meant.
    meant = any(is_reference(compacted(line)) for line in told.split("\n"))
    return "unknown" if meant else "no_reference"
