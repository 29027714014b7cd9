"""Twice as many redemptions as the service can do, for a minute.

Requests come at a fixed rate whether or not the service keeps up. What it takes on it must
do as fast as ever and within a second; what it cannot it must refuse in clear words; and
when the flood is over it must be itself again within two seconds. Signatures of devices
last a minute, so the tills are cash registers with API keys.
"""

from __future__ import annotations

from collections.abc import Iterator

from bench.furnish import Size
from bench.measure import ROUNDS, Benchmark, Further, Place, Round
from bench.outcome import Fate, Outcome, percentile
from bench.scene import generator, scene

_TIMES = 2
_CALM = 0.5
_WINDOW_SECONDS = 0.25
#: Connections of the flood: far more than the service works on at once.
_CONNECTIONS = 1_024
#: The flood lasts as long as that many ordinary loads: 64 s.
_LOADS = 8


def _run(place: Place) -> Iterator[Round]:
    size = Size(tills=8, papers=20_000)
    with scene(place, size) as here:
        tills = here.region.registers
        here.warm_up(tills)
        for _ in range(ROUNDS):
            best = here.redeemed(tills)
            calm_rate = best.rate * _CALM
            calm = here.redeemed_at(calm_rate, tills, place.seconds, _CONNECTIONS)
            flood = here.redeemed_at(
                best.rate * _TIMES, tills, place.seconds * _LOADS, _CONNECTIONS
            )
            after = here.redeemed_at(calm_rate, tills, place.seconds, _CONNECTIONS)
            unclear = sum(map(flood.count, (Fate.UNSENT, Fate.LOST, Fate.WRONG)))
            yield Round(
                flood.rate,
                best.rate,
                (
                    Further("accepted, 99th percentile", flood.latency(0.99), "s", 1.0),
                    Further("refused as busy", flood.count(Fate.REFUSED), "requests"),
                    Further("without an answer", unclear, "requests", 0),
                    Further("normal again after", recovery(calm, after), "s", 2.0),
                    Further("offered", best.rate * _TIMES, "redemptions/s"),
                    Further("calm, 99th percentile", calm.latency(0.99) * 1000, "ms"),
                    Further("generator late, 99th percentile", flood.late_seconds * 1000, "ms"),
                    generator("flood", flood),
                ),
            )


def recovery(calm: Outcome, after: Outcome) -> float:
    """Return how long after a flood the service is not itself, in seconds.

    It is itself in a quarter of a second in which nothing was refused or lost and the
    median is below twice the 99th percentile of calm times, or below a second.
    """
    bound = min(2 * calm.latency(0.99), 1.0)
    windows: dict[int, list[float]] = {}
    for intended, answered, fate in zip(after.intended, after.answered, after.fates, strict=True):
        good = fate == Fate.ACCEPTED
        took = answered - intended if good else float("inf")
        windows.setdefault(int(intended / _WINDOW_SECONDS), []).append(took)
    strange = [
        number
        for number, took in windows.items()
        if max(took) == float("inf") or percentile(took, 0.5) > bound
    ]
    return (max(strange) + 1) * _WINDOW_SECONDS if strange else 0.0


BENCHMARK = Benchmark(
    name="overload",
    unit="redemptions/s",
    about="redemptions booked while twice the capacity is asked for a minute, beside the best "
    "there is; the rest refused",
    target=0.9,
    better="higher",
    run=_run,
)
