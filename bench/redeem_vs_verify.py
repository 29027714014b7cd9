"""Redemptions over HTTP beside the same server answering after the signature check alone.

The floor is an ordinary route of the web framework. Redemptions go past it: the same check
on that short way is told beside it, and what part of it they reach.

Tills are devices: each request carries a signature of its own, made within the minute that
it is good for. Cash registers with API keys, and one town alone, are told beside it.
"""

from __future__ import annotations

from collections.abc import Iterator

from bench.furnish import Size
from bench.measure import ROUNDS, Benchmark, Further, Place, Round
from bench.scene import CONNECTIONS, about, generator, scene


def _run(place: Place) -> Iterator[Round]:
    with scene(place, Size()) as here:
        region = here.region
        town_id = region.papers[0].town_id
        one_town = [paper for paper in region.papers if paper.town_id == town_id]
        here.warm_up(region.devices)
        here.warm_up(region.registers)
        for _ in range(ROUNDS):
            floor = here.verified(region.devices)
            short = here.verified(region.devices, short=True)
            ours = here.redeemed(region.devices)
            keys = here.redeemed(region.registers)
            alone = here.redeemed(region.devices, one_town)
            yield Round(
                ours.rate,
                floor.rate,
                (
                    *about("devices", ours),
                    Further("with API keys", keys.rate, "redemptions/s"),
                    *about("API keys", keys),
                    Further("devices, of one town only", alone.rate, "redemptions/s"),
                    generator("verify only", floor),
                    Further("verify only, past the framework", short.rate, "requests/s"),
                    Further("devices, of that", ours.rate / short.rate, "of it"),
                ),
            )


BENCHMARK = Benchmark(
    name="redeem-http-vs-verify",
    unit="redemptions/s",
    about=f"redemptions over HTTP by signing devices at {CONNECTIONS} connections, "
    "beside the same server verifying only",
    target=0.75,
    better="higher",
    run=_run,
)
