"""What can be written wrong in a module: its mutants, each with one small mistake.

They come from the syntax tree, and are compiled from it. Nothing is written anywhere.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import CodeType

from tools.mistakes import mistakes, short

#: What stands in their brackets is a type.
_TYPES = {"dict", "list", "set", "tuple", "frozenset", "defaultdict", "Literal"}

_TOP = "<module>"


@dataclass(frozen=True, slots=True)
class Mutant:
    """A module with one mistake in it.

    :param name: the function, what it says, and what it says instead. It stays the same
        when lines move.
    :param line: where it says so.
    """

    name: str
    line: int
    code: CodeType


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node stands in its tree, and how to put another one there."""

    node: ast.expr | ast.stmt
    around: ast.AST
    function: str
    is_condition: bool
    put: Callable[[ast.AST], None]


def compiled(source: str, filename: str) -> CodeType:
    """Compile a module without a mistake, in the way of its mutants."""
    return _compiled(ast.parse(source), filename)


def mutants(source: str, filename: str) -> list[Mutant]:
    """Return the mutants of a module, in the order of its lines."""
    tree = ast.parse(source)
    found: list[Mutant] = []
    names: Counter[str] = Counter()
    for place in _places(tree, _TOP):
        is_table = place.function == _TOP
        for change in mistakes(place.node, is_condition=place.is_condition, is_table=is_table):
            name = f"{place.function}: {change.text}"
            if isinstance(place.node, ast.Constant):  # which alone says little
                name = f"{place.function}: {short(place.around)}: {change.text}"
            place.put(change.node)
            code = _compiled(tree, filename)
            place.put(place.node)
            names[name] += 1
            if names[name] > 1:
                name += f" ({names[name]})"
            found.append(Mutant(name, place.node.lineno, code))
    return found


def _compiled(tree: ast.Module, filename: str) -> CodeType:
    code: CodeType = compile(ast.fix_missing_locations(tree), filename, "exec", dont_inherit=True)
    return code


def _places(node: ast.AST, function: str) -> Iterator[Place]:
    """Go through all that does something: no imports, types, docstrings, class decorators."""
    for name, value in ast.iter_fields(node):
        if _does_nothing(node, name):
            continue
        for index, child in enumerate(value if isinstance(value, list) else [value]):
            if not isinstance(child, ast.AST) or _is_skipped(child):
                continue
            if isinstance(child, ast.expr | ast.stmt):
                put = _putter(node, name, index if isinstance(value, list) else None)
                yield Place(child, node, function, name in {"test", "ifs"}, put)
            inner = function
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                inner = child.name if function == _TOP else f"{function}.{child.name}"
            yield from _places(child, inner)


def _putter(parent: ast.AST, name: str, index: int | None) -> Callable[[ast.AST], None]:
    def put(node: ast.AST) -> None:
        if index is None:
            setattr(parent, name, node)
        else:
            getattr(parent, name)[index] = node

    return put


def _does_nothing(node: ast.AST, field: str) -> bool:
    if isinstance(node, ast.Subscript):
        return isinstance(node.value, ast.Name) and node.value.id in _TYPES
    says_how_it_is_kept = isinstance(node, ast.ClassDef) and field in {"bases", "keywords"}
    return says_how_it_is_kept or field in {"annotation", "returns", "decorator_list"}


def _is_skipped(node: ast.AST) -> bool:
    is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    is_for_types = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    is_layout = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__slots__"
    is_import = isinstance(node, ast.Import | ast.ImportFrom)
    return is_docstring or is_for_types or is_layout or is_import
