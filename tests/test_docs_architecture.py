"""ARCHITECTURE.md and the linter say the same of the house and its arrows."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
PACKAGE = ROOT / "gutschein"


def contracts() -> dict[str, dict[str, Any]]:
    with (ROOT / "pyproject.toml").open("rb") as opened:
        found = tomllib.load(opened)["tool"]["importlinter"]["contracts"]
    return {each["name"]: each for each in found}


def in_the_house() -> set[str]:
    """Packages with a slash, modules with their ending."""
    packages = {f"{path.parent.name}/" for path in PACKAGE.glob("*/__init__.py")}
    return packages | {path.name for path in PACKAGE.glob("*.py")} - {"__init__.py"}


def test_the_page_names_every_package_and_module_and_no_other() -> None:
    house = PAGE.partition("## The house")[2].partition("\n## ")[0]
    named = [
        name
        for line in house.splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`([\w./]+)`", line.split("|")[1])
    ]
    assert len(named) == len(set(named))
    assert set(named) == in_the_house()


def test_the_page_draws_the_arrows_that_the_linter_holds() -> None:
    [contract] = [each for each in contracts().values() if each["type"] == "layers"]
    [drawn] = re.findall(r"## The arrows.*?```text\n(.*?)```", PAGE, re.DOTALL)
    lines = [set(line.split(", ")) for line in drawn.splitlines()]
    assert lines == [set(layer.split(" | ")) for layer in contract["layers"]]
    assert contract["containers"] == ["gutschein"]


def test_no_package_can_be_left_out_of_the_arrows() -> None:
    [contract] = [each for each in contracts().values() if each["type"] == "layers"]
    assert contract["exhaustive"] is True
    assert "ignore_imports" not in contract
    assert "exhaustive_ignores" not in contract


def test_every_set_of_rules_is_held_apart_from_the_database() -> None:
    rules = contracts()["Rules decide without a database, a network or a request"]
    sources = set(rules["source_modules"])
    for path in sorted(PACKAGE.rglob("*rules.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        package = module.split(".")[1]
        assert module in sources or f"gutschein.*.{path.stem}" in sources, module
        assert package in PAGE


@pytest.mark.parametrize("file", re.findall(r"^\| `([\w/]+\.py)`", PAGE, re.MULTILINE))
def test_the_files_of_a_feature_are_named_as_they_are(file: str) -> None:
    assert list(PACKAGE.rglob(file.rpartition("/")[2]))


def test_the_rules_of_money_stand_where_the_page_says() -> None:
    table = PAGE.partition("| rule of money | stands in |")[2].partition("\n\n")[0]
    files = re.findall(r"`([\w/]+\.py)`", table)
    assert len(files) >= 8
    assert not [file for file in files if not (PACKAGE / file).exists()]
