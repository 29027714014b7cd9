"""What a load has shown: how many answers, of which kind, after how long.

A latency runs from the instant at which the request was to be sent, also when the service
or the generator was late to take it: a service that stands still for a second has then
made everybody wait who would have come in that second, and not only those who had come
before it stopped ("coordinated omission", as Gil Tene named it).
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

#: From this share of one core on the generator may be what bounds a figure.
SATURATED = 0.9


class Fate(IntEnum):
    """What became of a request."""

    UNSENT = 0
    LOST = 1  # the connection broke before the answer was whole
    WRONG = 2
    REFUSED = 3
    ACCEPTED = 4


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least *share* of all do not exceed (nearest rank).

    :param share: above 0, at most 1.
    :raises ValueError: when there are no values.
    """
    if not values:
        raise ValueError("no values")
    if not 0 < share <= 1:
        raise ValueError(f"not a share: {share}")
    return sorted(values)[math.ceil(share * len(values)) - 1]


@dataclass
class Outcome:
    """One load. Instants are seconds since its start, one for each request in its order.

    :param seconds: from the start to the end of the load, or to its last answer where the
        requests did not last.
    :param ran_out: whether there were too few requests for the time.
    :param cpu_seconds: that the generator used, of one core.
    :param late_seconds: how late its clock rang, 99 of 100 times at most; of an open loop.
    :param wrong: what was wrong with the first wrong answers, in words.
    :param balances: what is left, by place, on the vouchers that were redeemed from, in cents.
    """

    intended: array[float]
    answered: array[float]
    fates: bytearray
    seconds: float
    ran_out: bool
    cpu_seconds: float
    late_seconds: float
    wrong: list[str]
    balances: dict[int, int]

    def count(self, fate: Fate) -> int:
        return self.fates.count(fate)

    @property
    def rate(self) -> float:
        """Accepted requests a second, of those that were answered while the load lasted."""
        fates, end = self.fates, self.seconds
        accepted = sum(
            fates[place] == Fate.ACCEPTED and at <= end for place, at in enumerate(self.answered)
        )
        return accepted / end

    @property
    def drained_rate(self) -> float:
        """Accepted requests a second up to the last answer: of few requests that take long."""
        return self.count(Fate.ACCEPTED) / max(self.answered)

    @property
    def cpu_share(self) -> float:
        """The generator's part of one core; from :data:`SATURATED` on it may be the bottleneck."""
        return self.cpu_seconds / self.seconds

    @property
    def saturated(self) -> bool:
        return self.cpu_share >= SATURATED

    def latencies(self, fate: Fate = Fate.ACCEPTED, since: float = 0) -> list[float]:
        """Return seconds from the intended instant to the answer, by intended instant.

        :param since: leave out what was intended before.
        """
        return [
            answered - intended
            for intended, answered, this in zip(
                self.intended, self.answered, self.fates, strict=True
            )
            if this == fate and intended >= since
        ]

    def latency(self, share: float, fate: Fate = Fate.ACCEPTED) -> float:
        """Return the percentile of :meth:`latencies`."""
        return percentile(self.latencies(fate), share)
