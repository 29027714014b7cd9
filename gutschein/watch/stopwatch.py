"""How long something takes, by a clock that never runs backwards."""

from __future__ import annotations

from time import perf_counter


class Stopwatch:
    """Runs from the moment it is made."""

    __slots__ = ("_begun",)

    def __init__(self) -> None:
        self._begun = perf_counter()

    def seconds(self) -> float:
        """Return how many have passed."""
        return perf_counter() - self._begun
