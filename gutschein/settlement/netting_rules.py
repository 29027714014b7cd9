"""Netting between towns: net positions, and the fewest payments that settle them. Pure.

A position is what a town is owed in all (positive) or owes (negative); positions add up
to zero. If they fall into k groups that each add up to zero, n positions need n - k
payments and no fewer; so the fewest payments come from the most groups. Finding those is
exact up to :data:`EXACT_TOWNS` towns and greedy above, where it may take a payment more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gutschein.kernel.ids import TownId

#: 2^16 subsets are looked at in well under a second.
EXACT_TOWNS = 16

#: ``owed[a, b]`` is what town a owes town b, in cents; negative when b owes a.
Claims = Mapping[tuple[TownId, TownId], int]


@dataclass(frozen=True, slots=True)
class Payment:
    """What one town pays another so that nothing is left open."""

    payer: TownId
    payee: TownId
    amount_cents: int


def net_positions(owed: Claims) -> dict[TownId, int]:
    """Return the position of every town that appears, by the claims in its own book."""
    positions: dict[TownId, int] = defaultdict(int)
    for (debtor, _), amount_cents in owed.items():
        positions[debtor] -= amount_cents
    return dict(positions)


def fewest_payments(positions: Mapping[TownId, int]) -> list[Payment]:
    """Return payments that bring every position to zero, as few as there can be.

    :raises ValueError: when the positions do not add up to zero.
    """
    if sum(positions.values()):
        raise ValueError("positions that do not add up to zero cannot be netted")
    open_towns = sorted((town for town, cents in positions.items() if cents), key=str)
    return [
        payment
        for group in _zero_groups(open_towns, [positions[town] for town in open_towns])
        for payment in _chain({town: positions[town] for town in group})
    ]


def moves_within(
    current: Mapping[TownId, int], target: Mapping[TownId, int]
) -> list[tuple[TownId, TownId, int]]:
    """Return how one town's claims are moved from partner to partner inside its own book.

    :param current: what the town owes each partner now, in cents (negative: is owed).
    :param target: what it shall owe each; the same in sum.
    :returns: triples of the partner owed less, the partner owed more, and the cents.
    """
    partners = sorted({*current, *target}, key=str)
    change = {town: target.get(town, 0) - current.get(town, 0) for town in partners}
    return [(each.payer, each.payee, each.amount_cents) for each in _chain(change)]


def _zero_groups(towns: Sequence[TownId], cents: Sequence[int]) -> Iterable[Sequence[TownId]]:
    """Split the towns into as many groups with sum zero as there are."""
    if len(towns) > EXACT_TOWNS:
        return [towns]
    count = 1 << len(towns)
    sums, groups, last = [0] * count, [0] * count, [0] * count
    for chosen in range(1, count):
        lowest = (chosen & -chosen).bit_length() - 1
        sums[chosen] = sums[chosen & (chosen - 1)] + cents[lowest]
        # Leave one town out at a time, keep the way that closed the most groups.
        best = max(
            (place for place in range(len(towns)) if chosen >> place & 1),
            key=lambda place, chosen=chosen: groups[chosen ^ 1 << place],  # type: ignore[misc]
        )
        last[chosen] = best
        groups[chosen] = groups[chosen ^ 1 << best] + (sums[chosen] == 0)
    found: list[list[TownId]] = []
    chosen = count - 1
    while chosen:
        if sums[chosen] == 0:
            found.append([])
        found[-1].append(towns[last[chosen]])
        chosen ^= 1 << last[chosen]
    return found


def _chain(positions: Mapping[TownId, int]) -> list[Payment]:
    """Settle one group, always the largest debt against the largest claim first."""
    owing = sorted(((cents, town) for town, cents in positions.items() if cents < 0), key=_order)
    owed = sorted(((-cents, town) for town, cents in positions.items() if cents > 0), key=_order)
    payments: list[Payment] = []
    while owing and owed:
        debt, payer = owing.pop(0)
        claim, payee = owed.pop(0)
        amount = min(-debt, -claim)
        payments.append(Payment(payer, payee, amount))
        if -debt > amount:
            owing.insert(0, (debt + amount, payer))
        if -claim > amount:
            owed.insert(0, (claim + amount, payee))
    return payments


def _order(entry: tuple[int, TownId]) -> tuple[int, str]:
    return entry[0], str(entry[1])
