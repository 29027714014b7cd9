"""When jobs are due, and when they last did their work.

Every worker has the same jobs, and one of them does each. A job waits only as long as the
worker that is due last makes it wait.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from math import inf

import msgspec
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from gutschein.watch.cells import OWN, TEXT_BYTES, Reading
from gutschein.watch.metrics import JOB_DONE_AT, JOB_DUE, JOB_RUNS, JOBS, RunOutcome


class JobTimes:
    """Notes of the jobs of this process, by their names.

    :param names: at most :data:`JOBS`.
    :param clock: that scrapes go by: the real one, whatever the jobs themselves are told.
    """

    def __init__(self, names: Iterable[str], clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._numbers = {name: number for number, name in enumerate(names)}
        text = msgspec.json.encode(list(self._numbers))
        if len(self._numbers) > JOBS or len(text) > TEXT_BYTES:
            raise ValueError(f"{len(self._numbers)} jobs are too many to be watched")
        OWN.text[:] = text.ljust(TEXT_BYTES, b"\0")

    def due_in(self, name: str, seconds: float) -> None:
        """Note when the job is to run next."""
        OWN.numbers[JOB_DUE + self._numbers[name]] = self._clock().timestamp() + seconds

    def begun(self, name: str) -> None:
        """Note that the job waits no longer."""
        OWN.numbers[JOB_DUE + self._numbers[name]] = inf

    def ended(self, name: str, outcome: RunOutcome) -> None:
        """Note how the job ended."""
        number = self._numbers[name]
        OWN.numbers[JOB_RUNS[outcome] + number] += 1
        if outcome == "done":
            OWN.numbers[JOB_DONE_AT + number] = self._clock().timestamp()


class Jobs:
    """What a scrape shows of the jobs of all processes."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock

    def collected(self, readings: Sequence[Reading]) -> list[Metric]:
        lag = GaugeMetricFamily(
            "gutschein_job_lag_seconds",
            "How long a job that is due has been waiting for a worker.",
            labels=["job"],
        )
        done_at = GaugeMetricFamily(
            "gutschein_job_last_success_timestamp_seconds",
            "When a job last ran to its end, since the start of the service.",
            labels=["job"],
        )
        runs = CounterMetricFamily(
            "gutschein_job_runs", "Runs of a job, by how they ended.", labels=["job", "outcome"]
        )
        now = self._clock().timestamp()
        for name, places in sorted(_places(readings).items()):
            dues = [each.numbers[JOB_DUE + at] for each, at in places if each.alive]
            if any(dues):
                lag.add_metric([name], max(0, now - max(dues)))
            if last := max(each.numbers[JOB_DONE_AT + at] for each, at in places):
                done_at.add_metric([name], last)
            for outcome, first in JOB_RUNS.items():
                total = sum(each.numbers[first + at] for each, at in places)
                runs.add_metric([name, outcome], total)
        return [lag, done_at, runs]


def _places(readings: Sequence[Reading]) -> dict[str, list[tuple[Reading, int]]]:
    """Say where each job stands in which slots."""
    places: dict[str, list[tuple[Reading, int]]] = {}
    for reading in readings:
        names = msgspec.json.decode(reading.text, type=list[str]) if reading.text else []
        for number, name in enumerate(names):
            places.setdefault(name, []).append((reading, number))
    return places
