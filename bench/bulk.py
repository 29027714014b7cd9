"""Batches of 1,000 redemptions, beside the bare signature check on both cores."""

from __future__ import annotations

from collections.abc import Iterator

from bench.furnish import Size
from bench.measure import ROUNDS, Benchmark, Further, Place, Round
from bench.outcome import Fate
from bench.scene import generator, scene
from bench.verify_rate import verify_rate

_ITEMS = 1_000
_CONNECTIONS = 8


def _run(place: Place) -> Iterator[Round]:
    with scene(place, Size(papers=20_000)) as here:
        registers = here.region.registers
        here.redeemed_in_batches(registers, _ITEMS, _CONNECTIONS)
        for _ in range(ROUNDS):
            floor = verify_rate(place.seconds)
            ours = here.redeemed_in_batches(registers, _ITEMS, _CONNECTIONS)
            yield Round(
                ours.drained_rate * _ITEMS,
                floor,
                (
                    Further("a batch, median", ours.latency(0.5) * 1000, "ms"),
                    Further("a batch, 99th percentile", ours.latency(0.99) * 1000, "ms"),
                    Further("with an item refused as busy", ours.count(Fate.REFUSED), "batches"),
                    generator("batches", ours),
                ),
            )


BENCHMARK = Benchmark(
    name="bulk",
    unit="redemptions/s",
    about=f"batches of {_ITEMS} in JSON by cash registers at {_CONNECTIONS} connections, "
    "beside the Ed25519 check alone on all cores",
    target=0.6,
    better="higher",
    run=_run,
)
