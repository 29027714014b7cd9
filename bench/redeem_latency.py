"""One till alone: the median time of a redemption, beside that of its two parts.

The floor is the median of pgbench's transaction of one client plus the median of the
request that is only verified: what the same work takes when nothing stands between.
"""

from __future__ import annotations

from collections.abc import Iterator

from bench.furnish import Size
from bench.measure import ROUNDS, Benchmark, Further, Place, Round
from bench.pgbench import TWO_STATEMENTS
from bench.scene import scene


def _run(place: Place) -> Iterator[Round]:
    with scene(place, Size()) as here:
        devices, registers = here.region.devices, here.region.registers
        here.redeemed(devices, connections=1)
        for _ in range(ROUNDS):
            transaction = here.pgbench.median_latency(TWO_STATEMENTS, place.seconds)
            request = here.verified(devices, connections=1)
            short = here.verified(devices, connections=1, short=True)
            ours = here.redeemed(devices, connections=1)
            keys = here.redeemed(registers, connections=1)
            yield Round(
                ours.latency(0.5) * 1000,
                (transaction + request.latency(0.5)) * 1000,
                (
                    Further("pgbench's transaction", transaction * 1000, "ms"),
                    Further("verify only", request.latency(0.5) * 1000, "ms"),
                    Further("verify only, past the framework", short.latency(0.5) * 1000, "ms"),
                    Further("devices, 99th percentile", ours.latency(0.99) * 1000, "ms"),
                    Further("API keys, median", keys.latency(0.5) * 1000, "ms"),
                    Further("API keys, 99th percentile", keys.latency(0.99) * 1000, "ms"),
                ),
            )


BENCHMARK = Benchmark(
    name="redeem-latency",
    unit="ms",
    about="the median of a redemption by a signing device at one connection, beside "
    "pgbench's transaction plus the verify-only request",
    target=2.0,
    better="lower",
    run=_run,
)
