"""Redemptions over HTTP beside pgbench's bare transaction of an UPDATE and an INSERT.

The floor is the better of pgbench with 32 clients and with as many as our connections.
"""

from __future__ import annotations

from collections.abc import Iterator

from bench.furnish import Size
from bench.measure import ROUNDS, Benchmark, Further, Place, Round
from bench.pgbench import TWO_STATEMENTS
from bench.scene import CONNECTIONS, about, scene

_CLIENTS = 32


def _run(place: Place) -> Iterator[Round]:
    with scene(place, Size()) as here:
        region = here.region
        here.warm_up(region.devices)
        here.warm_up(region.registers)
        for _ in range(ROUNDS):
            few = here.pgbench.rate(TWO_STATEMENTS, _CLIENTS, place.seconds)
            many = here.pgbench.rate(TWO_STATEMENTS, CONNECTIONS, place.seconds)
            ours = here.redeemed(region.devices)
            keys = here.redeemed(region.registers)
            yield Round(
                ours.rate,
                max(few, many),
                (
                    Further(f"pgbench, {_CLIENTS} clients", few, "transactions/s"),
                    Further(f"pgbench, {CONNECTIONS} clients", many, "transactions/s"),
                    *about("devices", ours),
                    Further("with API keys", keys.rate, "redemptions/s"),
                    *about("API keys", keys),
                ),
            )


BENCHMARK = Benchmark(
    name="redeem-http-vs-pgbench",
    unit="redemptions/s",
    about=f"redemptions over HTTP by signing devices at {CONNECTIONS} connections, "
    "beside pgbench's UPDATE and INSERT",
    target=0.75,
    better="higher",
    run=_run,
)
