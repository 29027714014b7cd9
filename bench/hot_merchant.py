"""All redemptions in one merchant's shop, beside the same spread over the town's merchants.

A merchant's account is the row that everybody would queue on if it carried a balance.
Both are of one town, so that nothing differs but the merchant.
"""

from __future__ import annotations

from collections.abc import Iterator

from bench.furnish import Size
from bench.measure import ROUNDS, Benchmark, Place, Round
from bench.scene import CONNECTIONS, about, scene

#: As many tills at the one merchant as in all the others' shops together.
_MERCHANTS, _TILLS = 32, 32


def _run(place: Place) -> Iterator[Round]:
    with scene(place, Size(towns=1, merchants=_MERCHANTS, tills=_TILLS)) as here:
        devices = here.region.devices
        spread, hot = devices[::_TILLS], devices[:_TILLS]
        here.warm_up(spread)
        here.warm_up(hot)
        for _ in range(ROUNDS):
            floor = here.redeemed(spread)
            ours = here.redeemed(hot)
            yield Round(ours.rate, floor.rate, (*about("one", ours), *about("spread", floor)))


BENCHMARK = Benchmark(
    name="hot-merchant",
    unit="redemptions/s",
    about=f"all redemptions at one merchant ({_TILLS} devices), beside {_MERCHANTS} merchants "
    f"of the same town, at {CONNECTIONS} connections",
    target=0.9,
    better="higher",
    run=_run,
)
