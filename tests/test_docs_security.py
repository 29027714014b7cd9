"""The page on security says what is so: every requirement once, everything named exists."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/explanation/security.md"
#: Number and level of each requirement of levels 1 and 2 (OWASP ASVS 5.0.0).
LEVELS = dict(line.split() for line in (ROOT / "tests/asvs_5_0_0.txt").read_text().splitlines())
STATES = {"met", "n/a", "**open**"}

_ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| (\d) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
_NAMED = re.compile(r"`((?:gutschein|tests|docs|migrations|merchant_app)/[\w./-]+)(?:::(\w+))?`")

#: What opens connections, and the packages that may.
CALLERS = {
    "aiosmtplib": {"mail"},
    "asyncpg": {"db"},
    "http.client": set(),
    "httpx": {"demo"},
    "requests": set(),
    "smtplib": set(),
    "socket": {"demo"},
    "urllib.request": set(),
    "websockets": set(),
}


class Requirement(NamedTuple):
    """A row of the page."""

    number: str
    level: str
    asks: str
    state: str
    why: str


TEXT = PAGE.read_text(encoding="utf-8")
ROWS = [Requirement(*found) for found in _ROW.findall(TEXT)]


def test_there_are_as_many_as_the_standard_has() -> None:
    assert Counter(LEVELS.values()) == {"1": 70, "2": 183}


def test_every_requirement_stands_there_once_in_its_order_with_its_level() -> None:
    assert [(row.number, row.level) for row in ROWS] == list(LEVELS.items())


def test_no_row_is_written_otherwise() -> None:
    tables = TEXT.partition("## Requirement by requirement")[2]
    written = [line for line in tables.splitlines() if line.startswith("|")]
    chapters = re.findall(r"^### V(\d+) ", tables, re.MULTILINE)
    assert chapters == [str(number) for number in range(1, 18)]
    assert len(written) == len(ROWS) + 2 * len(chapters)
    assert {row.state for row in ROWS} == STATES


def test_the_sums_are_right() -> None:
    found = re.findall(r"^\| (met|n/a|open|all) \| (\d+) \|", TEXT, re.MULTILINE)
    states = Counter(row.state.strip("*") for row in ROWS)
    assert {state: int(number) for state, number in found} == {**states, "all": len(ROWS)}
    told = re.search(r"(\d+) of them are for whoever runs it", TEXT)
    assert told
    runs = [row for row in ROWS if "For whoever runs it" in row.why]
    assert int(told[1]) == len(runs)
    assert {row.state for row in runs} == {"n/a"}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.number)
def test_what_a_row_names_is_there(row: Requirement) -> None:
    named = _NAMED.findall(row.why)
    for path, name in named:
        assert (ROOT / path).exists(), path
        if name:
            source = (ROOT / path).read_text(encoding="utf-8")
            assert re.search(rf"^(?:async )?def {name}\(", source, re.MULTILINE), name
    if row.state == "met":
        linked = re.search(r"\]\([^)]+\)", row.why)
        declared = re.search(r"`(?:pyproject\.toml|uv\.lock)`", row.why)
        refers = re.search(r"\bAs \d+\.\d+\.\d+|\b[Tt]he same\b", row.why)
        assert named or linked or declared or refers, "nothing shows it"
    if row.state == "**open**":
        assert re.search(r"To do: |Kept so|The same file would do", row.why), "nothing to be done"


def test_each_open_one_is_weighed_at_the_beginning() -> None:
    beginning = TEXT.partition("## Against whom")[0]
    weighed = set(re.findall(r"\d+\.\d+\.\d+", beginning.partition("5.0.0,")[2]))
    assert weighed <= {row.number for row in ROWS if row.state == "**open**"}


def test_nothing_but_mail_and_the_database_is_called() -> None:
    calling: dict[str, set[str]] = {name: set() for name in CALLERS}
    for path in (ROOT / "gutschein").rglob("*.py"):
        package = path.relative_to(ROOT / "gutschein").parts[0]
        for module in imported(path) & CALLERS.keys():
            calling[module].add(package)
    for module, packages in calling.items():
        assert packages <= CALLERS[module], module


def imported(path: Path) -> set[str]:
    """The modules that a file imports, with the packages that they are in."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names | {name.partition(".")[0] for name in names}
