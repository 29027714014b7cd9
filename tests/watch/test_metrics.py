from __future__ import annotations

import re
from pathlib import Path

import pytest

from gutschein.kernel.error_texts import ERROR_TEXTS
from gutschein.watch import metrics
from gutschein.watch.cells import OWN, Reading
from gutschein.watch.instruments import Places

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "metrics.md"

#: Values that tell of somebody or something: none of these may become a label.
FORBIDDEN = re.compile(r"town|merchant|person|voucher|device|branch|region|caller|user")


def own() -> list[Reading]:
    """This process's numbers, as a scrape would find them."""
    return [Reading(alive=True, numbers=OWN.numbers, text=b"")]


def value(instrument: object, **labels: str) -> float:
    (found,) = [
        sample.value
        for sample in instrument.collected(own()).samples  # type: ignore[attr-defined]
        if sample.labels == labels
    ]
    return float(found)


def test_every_error_code_can_be_counted() -> None:
    for code in ERROR_TEXTS:
        before = value(metrics.refusals, code=code)
        metrics.count_refusal(code)
        assert value(metrics.refusals, code=code) == before + 1


def test_what_nobody_has_declared_cannot_become_a_series() -> None:
    with pytest.raises(KeyError):
        metrics.count_refusal("invented.by_a_caller")
    with pytest.raises(KeyError):
        metrics.count_redemption("redemption", "perhaps")  # type: ignore[arg-type]


def test_each_count_goes_where_it_belongs() -> None:
    before = value(metrics.redemptions, kind="sale", outcome="refused")
    other = value(metrics.redemptions, kind="sale", outcome="done")
    metrics.count_redemption("sale", "refused", 2)
    metrics.count_cache("device", "stale")
    metrics.count_retry("deadlock")
    assert value(metrics.redemptions, kind="sale", outcome="refused") == before + 2
    assert value(metrics.redemptions, kind="sale", outcome="done") == other


def test_no_label_names_somebody() -> None:
    for instrument in metrics.INSTRUMENTS:
        for sample in instrument.collected(own()).samples:
            assert not FORBIDDEN.search(" ".join(sample.labels)), sample.name


def test_there_are_never_more_series_than_places() -> None:
    places = Places(10, 12)
    assert (places.take(1), places.take(1)) == (10, 11)
    with pytest.raises(ValueError, match="no room"):
        places.take(1)


def test_the_reference_names_every_metric() -> None:
    text = REFERENCE.read_text()
    named = set(re.findall(r"`(gutschein_\w+?)`", text))
    jobs = {
        f"gutschein_job_{what}"
        for what in ("lag_seconds", "last_success_timestamp_seconds", "runs_total")
    }
    ours = {"gutschein_workers"} | jobs
    for instrument in metrics.INSTRUMENTS:
        collected = instrument.collected(own())
        total = "_total" if collected.type == "counter" else ""
        ours.add(collected.name + total)
    assert named == ours
