"""Percentiles, ratios, recoveries, and the file they are written to."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.__main__ import MODULES, benchmark_of
from bench.measure import Benchmark, Further, Place, Result, Round
from bench.outcome import Fate, Outcome, percentile
from bench.overload import recovery
from bench.report import number, table, write_results


def no_run(place: Place) -> Iterator[Round]:
    raise AssertionError(place)


def result(*rounds: Round, better: str = "higher", name: str = "one") -> Result:
    benchmark = Benchmark(name, "things/s", "this beside that", 0.75, better, no_run)  # type: ignore[arg-type]
    return Result(benchmark, rounds)


def outcome(*answers: tuple[float, float, Fate], seconds: float = 1) -> Outcome:
    return Outcome(
        intended=array("d", (each[0] for each in answers)),
        answered=array("d", (each[1] for each in answers)),
        fates=bytearray(each[2] for each in answers),
        seconds=seconds,
        ran_out=False,
        cpu_seconds=0.95 * seconds,
        late_seconds=0,
        wrong=[],
        balances={},
    )


@pytest.mark.parametrize(
    ("share", "value"), [(0.5, 50), (0.99, 99), (0.991, 100), (1, 100), (0.001, 1)]
)
def test_a_percentile_is_a_value_that_was_seen(share: float, value: int) -> None:
    assert percentile([*range(100, 0, -1)], share) == value


def test_of_nothing_there_is_no_percentile() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


def test_a_rate_leaves_out_what_was_refused_and_what_came_too_late() -> None:
    load = outcome(
        (0.0, 0.1, Fate.ACCEPTED),
        (0.1, 1.9, Fate.ACCEPTED),
        (0.2, 2.1, Fate.ACCEPTED),
        (0.3, 0.4, Fate.REFUSED),
        seconds=2,
    )
    assert load.rate == 1
    assert load.drained_rate == pytest.approx(3 / 2.1)
    assert load.latency(1) == pytest.approx(1.9)
    assert load.latency(1, Fate.REFUSED) == pytest.approx(0.1)


def test_a_generator_that_uses_nearly_a_core_says_so() -> None:
    assert outcome((0, 1, Fate.ACCEPTED)).saturated


def test_the_ratio_is_the_median_of_the_rounds_own() -> None:
    rounds = result(Round(90, 100), Round(40, 80), Round(300, 200))
    assert (rounds.ours, rounds.floor, rounds.ratio) == (90, 100, 0.9)
    assert rounds.met


def test_less_is_better_where_it_is_said_so() -> None:
    assert result(Round(7, 10), better="lower").met
    assert not result(Round(8, 10), better="lower").met


def test_a_further_figure_can_miss_the_target_alone() -> None:
    figures = [Further("memory", megabytes, "MB", 300) for megabytes in (200, 301, 400)]
    missed = result(*(Round(1, 1, (figure,)) for figure in figures))
    assert missed.further == (Further("memory", 301, "MB", 300),)
    assert not missed.met
    assert "memory: 301 MB, at most 300: MISSED" in table([missed])


def test_the_table_says_what_was_missed() -> None:
    lines = table([result(Round(70, 100)), result(Round(80, 100))]).splitlines()
    assert [line.split()[-1] for line in lines if line.startswith("one")] == ["MISSED", "met"]


def test_the_results_have_the_form_that_was_promised(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    further = (Further("told", 1, "s"),)
    write_results(path, [result(Round(1, 2, further), Round(3, 4), Round(5, 5))], ["one"])
    assert json.loads(path.read_text()) == [
        {
            "name": "one",
            "ours": 3,
            "floor": 4,
            "ratio": 0.75,
            "unit": "things/s",
            "rounds": [
                {"ours": 1, "floor": 2, "ratio": 0.5},
                {"ours": 3, "floor": 4, "ratio": 0.75},
                {"ours": 5, "floor": 5, "ratio": 1},
            ],
        }
    ]


def test_results_of_before_stay_until_they_are_measured_again(tmp_path: Path) -> None:
    path, order = tmp_path / "results.json", ["two", "one"]
    write_results(path, [result(Round(1, 1)), result(Round(2, 1), name="two")], order)
    write_results(path, [result(Round(3, 1))], order)
    kept = json.loads(path.read_text())
    assert [(each["name"], each["ours"]) for each in kept] == [("two", 2), ("one", 3)]


@pytest.mark.parametrize("name", MODULES)
def test_every_benchmark_goes_by_its_name(name: str) -> None:
    assert benchmark_of(name).name == name


def test_a_service_that_was_never_itself_again_has_not_recovered() -> None:
    calm = outcome(*((at / 100, at / 100 + 0.01, Fate.ACCEPTED) for at in range(100)))
    slow = outcome(*((at / 100, at / 100 + 0.03, Fate.ACCEPTED) for at in range(100)))
    assert (recovery(calm, calm), recovery(calm, slow)) == (0, 1)


@pytest.mark.parametrize("fate", [Fate.REFUSED, Fate.LOST, Fate.UNSENT])
def test_recovery_lasts_until_nobody_is_turned_away(fate: Fate) -> None:
    calm = outcome(*((at / 100, at / 100 + 0.01, Fate.ACCEPTED) for at in range(100)))
    after = outcome(
        *((at / 100, at / 100 + 0.01, fate if at == 30 else Fate.ACCEPTED) for at in range(100))
    )
    assert recovery(calm, after) == 0.5


@pytest.mark.parametrize(
    ("value", "text"), [(4360.4, "4,360"), (0.7512, "0.751"), (2, "2"), (12.34, "12.3")]
)
def test_figures_are_written_short(value: float, text: str) -> None:
    assert number(value) == text
