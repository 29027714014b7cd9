"""All redemptions from one voucher, beside pgbench's single statement on one row.

A row can be written once in a commit of its own; who puts many into one commit is not
bound by that.
"""

from __future__ import annotations

from collections.abc import Iterator

from bench.furnish import Size
from bench.measure import ROUNDS, Benchmark, Place, Round
from bench.pgbench import ONE_ROW
from bench.scene import CONNECTIONS, about, scene

_CLIENTS = 32
#: The largest value there is: a cent for each redemption of a round.
_VALUE_CENTS = 1_000_00


def _run(place: Place) -> Iterator[Round]:
    papers = ROUNDS + 1
    with scene(place, Size(towns=1, papers=papers, value_cents=_VALUE_CENTS)) as here:
        devices, (spare, *hot) = here.region.devices, here.region.papers
        here.warm_up(devices, [spare])
        for paper in hot:
            floor = here.pgbench.rate(ONE_ROW, _CLIENTS, place.seconds)
            ours = here.redeemed(devices, [paper])
            yield Round(ours.rate, floor, about("devices", ours))


BENCHMARK = Benchmark(
    name="hot-voucher",
    unit="redemptions/s",
    about=f"all redemptions from one voucher at {CONNECTIONS} connections, beside pgbench's "
    f"single statement on one row with {_CLIENTS} clients",
    target=1.0,
    better="higher",
    run=_run,
)
