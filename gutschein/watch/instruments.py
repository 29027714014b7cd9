"""Counters, gauges and histograms over the numbers of :mod:`gutschein.watch.cells`.

Each has its places in every process's numbers from the moment it is declared, in the order
of declaration: all processes of one version lay them out alike. Label values are known
when the program is written, so no series comes into being with what somebody sends.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Generic, TypeVar

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric

from gutschein.watch.cells import NUMBERS, OWN, Reading

Key = TypeVar("Key", bound=str | tuple[str, ...])


class Places:
    """Where the next instrument's numbers go: gauges first from one end, the rest behind."""

    def __init__(self, begin: int, end: int) -> None:
        self._next = begin
        self._end = end

    def take(self, count: int) -> int:
        """Reserve *count* places in a row; return the first."""
        first, self._next = self._next, self._next + count
        if self._next > self._end:
            raise ValueError("there is no room for so many series: raise cells.NUMBERS")
        return first


#: What a process counts up, which outlives it; and how it is just now, which does not.
LASTING = Places(0, NUMBERS - 256)
PASSING = Places(NUMBERS - 256, NUMBERS)
PASSING_PLACES = range(NUMBERS - 256, NUMBERS)


class Counter(Generic[Key]):
    """How often something has happened, by what is known of it.

    :param labels: their names; a key has a value for each, a single one as it is.
    """

    def __init__(self, name: str, text: str, labels: Sequence[str], keys: Iterable[Key]) -> None:
        self.name = name
        self._text = text
        self._labels = labels
        known = list(keys)
        first = LASTING.take(len(known))
        self._places = {key: first + number for number, key in enumerate(known)}

    def add(self, key: Key, number: int = 1) -> None:
        """Count *number* more. :raises KeyError: for a key that was not declared."""
        OWN.numbers[self._places[key]] += number

    def collected(self, readings: Sequence[Reading]) -> Metric:
        family = CounterMetricFamily(self.name, self._text, labels=self._labels)
        for key, place in self._places.items():
            values = [key] if isinstance(key, str) else list(key)
            family.add_metric(values, sum(each.numbers[place] for each in readings))
        return family


class PlainCounter:
    """How often something has happened."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self._text = text
        self._place = LASTING.take(1)

    def add(self, number: int = 1) -> None:
        """Count *number* more."""
        OWN.numbers[self._place] += number

    def collected(self, readings: Sequence[Reading]) -> Metric:
        total = sum(each.numbers[self._place] for each in readings)
        return CounterMetricFamily(self.name, self._text, value=total)


class Gauge:
    """How much of something there is now, in all living processes together."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self._text = text
        self._place = PASSING.take(1)

    def set(self, value: float) -> None:
        """Say how much there is in this process."""
        OWN.numbers[self._place] = value

    def add(self, number: float = 1) -> None:
        """Say that there is *number* more in this process, or less."""
        OWN.numbers[self._place] += number

    def collected(self, readings: Sequence[Reading]) -> Metric:
        total = sum(each.numbers[self._place] for each in readings if each.alive)
        return GaugeMetricFamily(self.name, self._text, value=total)


class Histogram:
    """How large or how long something was, each time.

    :param bounds: the upper ends of the buckets, rising; what is above goes into the last.
    """

    def __init__(self, name: str, text: str, bounds: Sequence[float]) -> None:
        self.name = name
        self._text = text
        self._bounds = tuple(bounds)
        self._first = LASTING.take(len(self._bounds) + 2)
        self._sum = self._first + len(self._bounds) + 1

    def observe(self, value: float) -> None:
        """Note one."""
        numbers = OWN.numbers
        numbers[self._first + bisect_left(self._bounds, value)] += 1
        numbers[self._sum] += value

    def collected(self, readings: Sequence[Reading]) -> Metric:
        counts = (
            sum(each.numbers[place] for each in readings) for place in range(self._first, self._sum)
        )
        names = [*map(_bound, self._bounds), "+Inf"]
        total = sum(each.numbers[self._sum] for each in readings)
        buckets = list(zip(names, accumulate(counts), strict=True))
        return HistogramMetricFamily(self.name, self._text, buckets=buckets, sum_value=total)


def _bound(value: float) -> str:
    return repr(float(value))
