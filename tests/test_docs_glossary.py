"""One word per thing: the glossary and the names in the code agree."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
GLOSSARY = ROOT / "docs" / "glossary.md"
SOURCE = sorted((ROOT / "gutschein").rglob("*.py"))


class Term(NamedTuple):
    german: str
    english: str
    in_code: str
    meaning: str
    not_this: str


def terms() -> list[Term]:
    rows = [
        Term(*(cell.strip() for cell in line.strip("|").split("|")))
        for line in GLOSSARY.read_text(encoding="utf-8").splitlines()
        if line.startswith("| ")
    ]
    return rows[1:]  # the first is the head


def names_in(path: Path) -> Iterator[str]:
    """Every identifier, column and table that stands in a module, and its own name."""
    yield path.stem
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.arg | ast.keyword):
            yield node.arg or ""
        elif path.stem.endswith("models") and isinstance(node, ast.Constant):
            text = str(node.value)
            yield text if text.isidentifier() else ""


NAMES = {name for path in SOURCE for name in names_in(path)}
#: Of a library's interface, not ours to name.
FOREIGN = {"freeze", "is_in_transaction", "transaction"}
WORDS = {
    word.lower()
    for name in NAMES - FOREIGN
    for part in name.split("_")
    for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", part)
}


def test_there_are_terms() -> None:
    assert len(terms()) > 40
    assert all(term.english and term.meaning for term in terms())


@pytest.mark.parametrize("term", terms(), ids=lambda term: term.english)
def test_its_names_occur_in_the_code(term: Term) -> None:
    wanted = re.findall(r"`(\w+)`", term.in_code)
    assert wanted
    assert not [name for name in wanted if name not in NAMES]


@pytest.mark.parametrize("term", terms(), ids=lambda term: term.english)
def test_its_synonyms_do_not(term: Term) -> None:
    assert not [word for word in re.findall(r"[a-z]+", term.not_this) if word in WORDS]


def test_words_kept_free_are_free() -> None:
    kept = GLOSSARY.read_text(encoding="utf-8").rpartition("kept free for it: ")[2]
    single = [word for word in re.findall(r"\*([a-z ]+)\*", kept) if " " not in word]
    assert single
    assert not [word for word in single if word in WORDS]
