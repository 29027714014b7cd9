"""What a benchmark is: something of ours beside a floor, measured in turn in one run.

A single figure says more about the machine than about the service. A ratio to what the same
machine can do at best, measured in the same minutes, can be compared from day to day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Literal

ROUNDS = 3


@dataclass(frozen=True)
class Place:
    """Where a benchmark works: a fresh migrated database, and a folder of its own.

    :param database_url: as the owner of the tables, ``postgresql://…``, on an embedded
        PostgreSQL whose fsync and synchronous_commit are on; that was checked.
    :param folder: empty at first, removed afterwards.
    :param seconds: how long each load of a round lasts.
    :param share: of the sizes that the benchmarks are named after; below 1 only to try one.
    """

    database_url: str
    folder: Path
    seconds: float = 8.0
    share: float = 1.0


@dataclass(frozen=True)
class Further:
    """A figure that must hold beside the ratio: memory, refusals, a percentile.

    :param at_most: None for a figure that is only told.
    """

    name: str
    value: float
    unit: str
    at_most: float | None = None

    @property
    def holds(self) -> bool:
        return self.at_most is None or self.value <= self.at_most


@dataclass(frozen=True)
class Round:
    """One measurement of both, in the benchmark's unit.

    :param further: the same names in every round.
    """

    ours: float
    floor: float
    further: tuple[Further, ...] = ()

    @property
    def ratio(self) -> float:
        return self.ours / self.floor


@dataclass(frozen=True)
class Benchmark:
    """Something to measure.

    :param unit: of ``ours`` and ``floor``, for example ``redemptions/s`` or ``s``.
    :param about: one line: what is compared with what.
    :param target: what ours / floor is to reach.
    :param better: ``higher`` where the ratio is to be at least the target, else at most.
    :param run: yields :data:`ROUNDS` rounds; furnishes before the first, and cleans up what
        it started after the last. The floor and ours of a round are measured close to one
        another.
    """

    name: str
    unit: str
    about: str
    target: float
    better: Literal["higher", "lower"]
    run: Callable[[Place], Iterator[Round]]


@dataclass(frozen=True)
class Result:
    """What the rounds of a benchmark say together."""

    benchmark: Benchmark
    rounds: Sequence[Round]

    @property
    def ours(self) -> float:
        return median(each.ours for each in self.rounds)

    @property
    def floor(self) -> float:
        return median(each.floor for each in self.rounds)

    @property
    def ratio(self) -> float:
        """The median of the rounds' ratios: each compares what was measured side by side."""
        return median(each.ratio for each in self.rounds)

    @property
    def further(self) -> tuple[Further, ...]:
        """The median of each further figure, in the order of the first round."""
        return tuple(
            Further(first.name, median(value), first.unit, first.at_most)
            for first, *value in (
                (each[0], *(figure.value for figure in each))
                for each in zip(*(one.further for one in self.rounds), strict=True)
            )
        )

    @property
    def met(self) -> bool:
        """Whether the target is reached, and every further figure within its limit."""
        target = self.benchmark.target
        reached = (
            self.ratio >= target if self.benchmark.better == "higher" else self.ratio <= target
        )
        return reached and all(figure.holds for figure in self.further)
