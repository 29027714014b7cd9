"""What was measured, for people as a table and for programs as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from bench.measure import Result

RESULTS = Path(__file__).resolve().parent / "results.json"


def entry(result: Result) -> dict[str, Any]:
    """Return a result as it stands in ``results.json``; medians, and each round's own."""
    return {
        "name": result.benchmark.name,
        "ours": result.ours,
        "floor": result.floor,
        "ratio": result.ratio,
        "unit": result.benchmark.unit,
        "rounds": [
            {"ours": each.ours, "floor": each.floor, "ratio": each.ratio} for each in result.rounds
        ],
    }


def write_results(path: Path, results: Sequence[Result], order: Iterable[str]) -> None:
    """Write results in an order of names; those that were not measured now stay as they were."""
    before = msgspec.json.decode(path.read_bytes()) if path.exists() else []
    known = {each["name"]: each for each in before}
    known |= {result.benchmark.name: entry(result) for result in results}
    kept = [known[name] for name in order if name in known]
    path.write_bytes(msgspec.json.format(msgspec.json.encode(kept), indent=2) + b"\n")


def table(results: Sequence[Result]) -> str:
    """Return the results as a table, with all further figures below each line."""
    lines = [_row("benchmark", "ours", "floor", "unit", "ratio", "target", "")]
    lines.append(_row(*("-" * width for width in _WIDTHS)))
    for result in results:
        benchmark = result.benchmark
        sign = "≥" if benchmark.better == "higher" else "≤"
        lines.append(
            _row(
                benchmark.name,
                number(result.ours),
                number(result.floor),
                benchmark.unit,
                f"{result.ratio:.2f}",
                f"{sign} {benchmark.target:.2f}",
                "met" if result.met else "MISSED",
            )
        )
        lines.append(f"  {benchmark.about}")
        ratios = ", ".join(f"{each.ratio:.2f}" for each in result.rounds)
        lines.append(f"  ratio of each round: {ratios}")
        for figure in result.further:
            limit = "" if figure.at_most is None else f", at most {number(figure.at_most)}"
            verdict = "" if figure.holds else ": MISSED"
            value = f"{number(figure.value)} {figure.unit}"
            lines.append(f"  {figure.name}: {value}{limit}{verdict}")
        lines.append("")
    return "\n".join(lines)


def number(value: float) -> str:
    """Write a figure with three digits that count, and thousands apart."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


_WIDTHS = (24, 10, 10, 15, 6, 7, 6)
_LEFT = (0, 3, 6)


def _row(*cells: str) -> str:
    padded = (
        cell.ljust(width) if place in _LEFT else cell.rjust(width)
        for place, (cell, width) in enumerate(zip(cells, _WIDTHS, strict=True))
    )
    return " ".join(padded).rstrip()
