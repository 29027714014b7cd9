"""Measure: ``make bench``, or one benchmark with ``make bench ONLY=name``."""

from __future__ import annotations

import os
import sys
import time
from importlib import import_module

import click

from bench.measure import ROUNDS, Benchmark, Result
from bench.place import new_place
from bench.profile import PROFILE_VARIABLE
from bench.report import RESULTS, number, table, write_results

#: Each benchmark's module, in the order of the table; the longest is the last.
MODULES = {
    "redeem-http-vs-verify": "bench.redeem_vs_verify",
    "redeem-http-vs-pgbench": "bench.redeem_vs_pgbench",
    "redeem-latency": "bench.redeem_latency",
    "hot-merchant": "bench.hot_merchant",
    "hot-voucher": "bench.hot_voucher",
    "bulk": "bench.bulk",
    "issue-100k": "bench.issue_100k",
    "print-5k": "bench.print_5k",
    "scan-to-green": "bench.scan_to_green",
    "first-load": "bench.first_load",
    "town-page": "bench.town_page",
    "overload": "bench.overload",
    "scale-10m": "bench.scale_10m",
}


@click.command()
@click.option("--only", multiple=True, type=click.Choice([*MODULES]), help="This one.")
@click.option(
    "--seconds",
    default=8.0,
    type=click.FloatRange(0.5, 20),  # the signatures of devices last a minute
    help="How long each load of a round lasts.",
)
@click.option("--share", default=1.0, help="Of the full sizes, to try one; writes no results.")
@click.option("--profile", is_flag=True, help="See what the workers do; writes no results.")
def main(only: tuple[str, ...], seconds: float, share: float, profile: bool) -> None:  # noqa: FBT001 - as click calls it
    """Measure floor and ours in turn, three rounds each, and print what came of it.

    A missed target is told and is no error; a benchmark that breaks off is one.
    """
    if profile:
        os.environ[PROFILE_VARIABLE] = "1"
    results, broken = [], []
    for name in only or MODULES:
        try:
            results.append(_measured(benchmark_of(name), seconds, share))
        except Exception as error:  # noqa: BLE001 - the others are measured all the same
            broken.append(name)
            _say(f"{name}: broken off: {type(error).__name__}: {error}")
    click.echo(table(results))
    missed = [each.benchmark.name for each in results if not each.met]
    click.echo(f"Missed: {', '.join(missed)}" if missed else "No target was missed.")
    if share == 1 and not profile:
        write_results(RESULTS, results, MODULES)
        click.echo(f"Written to {RESULTS}")
    if broken:
        click.echo(f"Broken off: {', '.join(broken)}")
        sys.exit(1)


def benchmark_of(name: str) -> Benchmark:
    """Return the benchmark that goes by a name of :data:`MODULES`."""
    benchmark: Benchmark = import_module(MODULES[name]).BENCHMARK
    return benchmark


def _measured(benchmark: Benchmark, seconds: float, share: float) -> Result:
    began = time.monotonic()
    _say(f"{benchmark.name}: getting ready")
    rounds = []
    with new_place(seconds, share) as place:
        for each in benchmark.run(place):
            rounds.append(each)
            ours, floor = number(each.ours), number(each.floor)
            passed = time.monotonic() - began
            _say(
                f"{benchmark.name}: round {len(rounds)} of {ROUNDS} after {passed:.0f} s:"
                f" {ours} beside {floor} {benchmark.unit}"
            )
    return Result(benchmark, rounds)


def _say(text: str) -> None:
    click.echo(text, err=True)


if __name__ == "__main__":
    main()
