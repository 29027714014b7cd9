"""The table of limits, and the page that explains it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gutschein.limits.rules import LIMITS, AddressLimit, Limit

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "limits.md"
BEGIN, END = "<!-- limits -->\n", "\n<!-- end of limits -->"
HEAD = """
| limit | tries at once | and as many again in | why |
|---|---|---|---|
"""


def each_limit() -> Iterator[Limit]:
    for rule in LIMITS:
        if isinstance(rule, AddressLimit):
            yield rule.host
            yield rule.network
        else:
            yield rule


def told(seconds: int) -> str:
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds % length == 0:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def table() -> str:
    return HEAD + "".join(
        f"| {limit.name} | {limit.burst} | {told(limit.per_seconds)} | {limit.why} |\n"
        for limit in each_limit()
    )


def test_the_page_holds_the_table() -> None:
    """If not, this is what stands there."""
    text = PAGE.read_text(encoding="utf-8")
    assert text.partition(BEGIN)[2].partition(END)[0] == table()


def test_every_limit_has_a_name_of_its_own_and_a_reason() -> None:
    limits = list(each_limit())
    assert len({limit.name for limit in limits}) == len(limits)
    for limit in limits:
        assert limit.burst > 0
        assert limit.per_seconds > 0
        assert len(limit.why.split()) >= 3, limit.name


def test_a_network_may_do_more_than_a_host() -> None:
    for rule in LIMITS:
        if isinstance(rule, AddressLimit):
            assert rule.network.interval < rule.host.interval
            assert rule.network.burst > rule.host.burst
