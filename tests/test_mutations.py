"""The mutants that the tests of the rules are tried on: each has one mistake, and says which."""

from __future__ import annotations

from collections.abc import Iterator
from types import CodeType

import pytest

from tools.mutants import TARGETS, path_of
from tools.mutations import compiled, mutants


def names(source: str) -> list[str]:
    return [mutant.name.partition(": ")[2] for mutant in mutants(source, "rule.py")]


@pytest.mark.parametrize(
    ("line", "mistakes"),
    [
        (
            "if a < b: c()",
            {
                "a < b → a <= b",
                "a < b → a >= b",
                "a < b → True",
                "a < b → False",
                "without c()",
            },
        ),
        ("return a and not b", {"a and (not b) → a or not b", "not b → b"}),
        ("return (a, b) != (c, d)", {"without comparing a with c", "a ↔ b"}),
        ("return 100 * a - b", {"100 * a: 100 → 99", "100 * a - b → 100 * a + b"}),
        ("left[key] -= cents", {"left[key] -= cents → left[key] = cents"}),
        ("post(debit=a, credit=b)", {"a ↔ b", "without credit=b"}),
        ("for a in sorted(b): c(a)", {"sorted(b) → b", "never for a in sorted(b)"}),
        ("raise Refusal('voucher.empty')", {"without raise Refusal('voucher.empty')"}),
        ("with naming(a): b()", {"without with naming(a)"}),
        ("return any(a)", {"any(a) → all(a)", "return any(a) → return None"}),
    ],
)
def test_what_can_be_written_wrong_is(line: str, mistakes: set[str]) -> None:
    assert mistakes <= set(names(f"def rule(a, b, c, d):\n    {line}\n"))


def test_types_imports_and_words_about_the_code_are_left_alone() -> None:
    source = '''
        """A rule."""
        from typing import Literal
        class Amount(Struct, frozen=True):
            """Cents."""
            __slots__ = ("_cents",)
            cents: Literal[1, 2]
            def of(self, other: "int | None") -> dict[str, int]:
                """Say it."""
    '''
    lines = source.strip("\n").splitlines()
    assert names("\n".join(line[8:] for line in lines)) == []


def test_of_a_table_each_entry_can_be_missing_in_whatever_order() -> None:
    assert names("KINDS = (CASH, BANK)") == ["without CASH", "without BANK"]


def constants(code: CodeType) -> Iterator[object]:
    """All that a module is compiled to."""
    yield code.co_code
    for each in code.co_consts:
        yield from constants(each) if isinstance(each, CodeType) else [(type(each), each)]
    yield from (code.co_names, code.co_varnames)


@pytest.mark.parametrize("module", TARGETS)
def test_each_mutant_differs_from_its_module_and_from_the_others_by_name(module: str) -> None:
    source, file = path_of(module).read_text(encoding="utf-8"), str(path_of(module))
    original = list(constants(compiled(source, file)))
    found = mutants(source, file)
    assert len({mutant.name for mutant in found}) == len(found) >= 10
    for mutant in found:
        assert list(constants(mutant.code)) != original, mutant.name


def test_the_files_stay_as_they_are() -> None:
    before = {module: path_of(module).read_bytes() for module in TARGETS}
    for module in TARGETS:
        mutants(before[module].decode(), str(path_of(module)))
    assert {module: path_of(module).read_bytes() for module in TARGETS} == before
