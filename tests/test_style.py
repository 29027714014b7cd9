"""House rules that can be held by reading the source: see CONTRIBUTING.md.

Everything that ruff can hold is in its configuration; this is the rest.
"""

from __future__ import annotations

import ast
import doctest
import importlib
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = sorted((ROOT / "gutschein").rglob("*.py"))
MIGRATIONS = sorted((ROOT / "migrations").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
TOOLS = sorted((ROOT / "tools").rglob("*.py"))
EVERYTHING = [*SOURCE, *MIGRATIONS, *TESTS, *TOOLS]

LONGEST_FILE = 350
#: A table and nothing else: one entry for each error code.
LONG_TABLES = {"gutschein/kernel/error_texts.py"}

NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "manager", "common", "misc", "base"}

#: Where amounts are computed with.
MONEY = (
    "kernel",
    "ledger",
    "payments",
    "programmes",
    "vouchers",
    "counter",
    "redemption",
    "offline",
    "settlement",
    "bank",
)

#: Where SQL may be written besides ``repository.py`` and ``models.py``, and why.
SQL_BESIDES_REPOSITORIES = {
    "gutschein/db": "the connection itself",
    "gutschein/auditor": "its own queries over everything, which is the point of it",
    "gutschein/ledger/balances.py": "a repository by its subject's name",
    "gutschein/ledger/holds.py": "a repository by its subject's name",
    "gutschein/signing/keyring.py": "a repository by its subject's name",
    "gutschein/web/health.py": "asks which schema there is",
    "gutschein/settings.py": "reads database URLs",
}
ROW_TYPES = {"Row", "RowMapping"}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def at(path: Path, node: ast.AST | int) -> str:
    line = node if isinstance(node, int) else getattr(node, "lineno", 0)
    return f"{name_of(path)}:{line}"


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def nodes(paths: list[Path]) -> Iterator[tuple[Path, ast.AST]]:
    for path in paths:
        for node in ast.walk(tree(path)):
            yield path, node


def of_packages(*packages: str) -> list[Path]:
    return [path for path in SOURCE if path.relative_to(ROOT).parts[1] in packages]


def called(node: ast.AST) -> str:
    """The name of the function that is called, without what it belongs to."""
    if not isinstance(node, ast.Call):
        return ""
    function = node.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def plain_strings(path: Path) -> Iterator[ast.Constant]:
    """Strings that are used for something: not docstrings."""
    standing_alone = {id(each.value) for each in ast.walk(tree(path)) if isinstance(each, ast.Expr)}
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Constant) and id(node) not in standing_alone:
            yield from [node] if isinstance(node.value, str) else []


def test_files_can_be_read_in_one_sitting() -> None:
    lengths = {
        name_of(path): len(path.read_text(encoding="utf-8").splitlines())
        for path in [*SOURCE, *TOOLS]
    }
    too_long = {name for name, length in lengths.items() if length > LONGEST_FILE}
    assert too_long == LONG_TABLES


def test_no_module_has_a_name_that_says_nothing() -> None:
    parts = {(name_of(path), part) for path in EVERYTHING for part in (path.stem, path.parent.name)}
    assert not [name for name, part in parts if part in NAMES_THAT_SAY_NOTHING]


def test_no_float_comes_near_money() -> None:
    found: list[str] = []
    telling_time = [
        ROOT / "gutschein/redemption/pressure.py",
        ROOT / "gutschein/redemption/room.py",
        ROOT / "gutschein/vouchers/progress.py",
    ]
    for path, node in nodes(set(of_packages(*MONEY)) - set(telling_time)):
        is_float = isinstance(node, ast.Constant) and isinstance(node.value, float | complex)
        is_named = isinstance(node, ast.Name) and node.id == "float"
        is_division = (
            isinstance(node, ast.BinOp | ast.AugAssign)
            and isinstance(node.op, ast.Div)
            and not _joins_paths(node)
        )
        if is_float or is_named or is_division or called(node) in {"round", "fsum"}:
            found.append(at(path, node))
    assert not found


def _joins_paths(node: ast.BinOp | ast.AugAssign) -> bool:
    """``folder / "file"`` is no division."""
    right = node.right if isinstance(node, ast.BinOp) else node.value
    return isinstance(right, ast.JoinedStr) or (
        isinstance(right, ast.Constant) and isinstance(right.value, str)
    )


def test_amounts_say_that_they_are_cents() -> None:
    about_money = re.compile(r"(^|_)(amount|balance|euro|fee|payout|due|position)$")
    found: list[str] = []
    for path, node in nodes(SOURCE):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            name, annotation = node.target.id, node.annotation
        elif isinstance(node, ast.arg) and node.annotation is not None:
            name, annotation = node.arg, node.annotation
        else:
            continue
        if about_money.search(name) and "int" in ast.unparse(annotation).split(" | "):
            found.append(f"{at(path, node)} {name}")
    assert not found


def test_only_the_clock_reads_the_clock() -> None:
    reading = {"now", "utcnow", "today", "time", "time_ns"}
    found = [
        at(path, node)
        for path, node in nodes(SOURCE)
        if isinstance(node, ast.Attribute)
        and node.attr in reading
        and isinstance(node.value, ast.Name)
        and node.value.id in {"datetime", "date", "time", "func"}
    ]
    assert [place.partition(":")[0] for place in found] == ["gutschein/kernel/clock.py"]


def test_the_database_is_not_asked_what_time_it_is() -> None:
    """An instant is taken once, at the edge, and written as it was taken. Before history is
    sealed the two clocks are compared.
    """
    asking = re.compile(
        r"\bnow\s*\(\)|\bcurrent_(date|timestamp|time)\b|\b(clock|statement|transaction)_timestamp\b",
        re.IGNORECASE,
    )
    found = [
        at(path, text)
        for path in [*SOURCE, *MIGRATIONS]
        for text in plain_strings(path)
        if asking.search(str(text.value))
    ]
    assert [place.partition(":")[0] for place in found] == ["gutschein/history/block_repository.py"]


def test_no_error_is_swallowed() -> None:
    found: list[str] = []
    handing_over = ROOT / "gutschein/redemption/express.py"  # to the guard, which raises it
    for path, node in nodes([*SOURCE, *MIGRATIONS, *TOOLS]):
        if not isinstance(node, ast.ExceptHandler) or path == handing_over:
            continue
        names = {each.id for each in ast.walk(node.type or node) if isinstance(each, ast.Name)}
        catches_all = node.type is None or names & {"Exception", "BaseException"}
        raises = any(isinstance(each, ast.Raise) for each in ast.walk(node))
        does_nothing = all(isinstance(each, ast.Pass) for each in node.body)
        if does_nothing or (catches_all and not raises):
            found.append(at(path, node))
    assert not found


#: What speaks to whoever runs a command.
COMMANDS = {"cli.py", "demo", "key_command.py", "master_key_command.py", "people_command.py"}


def test_only_commands_speak_to_the_terminal() -> None:
    found = [at(path, node) for path, node in nodes(SOURCE) if called(node) == "print"]
    assert not found  # commands use click.echo
    echoes = {path for path, node in nodes(SOURCE) if called(node) in {"echo", "secho"}}
    assert {name_of(path).split("/")[1] for path in echoes} <= COMMANDS


def test_nothing_is_left_for_later() -> None:
    # Taken apart, so that this file does not find itself.
    marks = "|".join(["TO" + "DO", "FIX" + "ME", "X" * 3, "HA" + "CK", "NotImpl" + "emented"])
    words = re.compile(rf"\b(?:{marks})(?:Error)?\b")
    texts = [*EVERYTHING, *ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "Makefile"]
    assert not [
        at(path, number)
        for path in texts
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if words.search(line)
    ]


def test_every_module_and_every_public_name_says_what_it_is_for() -> None:
    """In repositories the name of a function says what its SQL does."""
    found: list[str] = []
    for path in SOURCE:
        if not ast.get_docstring(tree(path)):
            found.append(name_of(path))
        for node in tree(path).body:
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                continue
            in_repository = path.stem.endswith("repository") and not isinstance(node, ast.ClassDef)
            if not node.name.startswith("_") and not in_repository and not ast.get_docstring(node):
                found.append(f"{at(path, node)} {node.name}")
    assert not found


def test_sql_stands_in_repositories() -> None:
    def imported(path: Path) -> set[str]:
        return {
            alias.name
            for node in ast.walk(tree(path))
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy")
            if node.module != "sqlalchemy.exc"  # to tell what went wrong takes no SQL
            for alias in node.names
        }

    def may(path: Path) -> bool:
        if path.stem.endswith(("repository", "models")):
            return True
        return any(name_of(path).startswith(place) for place in SQL_BESIDES_REPOSITORIES)

    assert not [name_of(path) for path in SOURCE if not may(path) and imported(path) - ROW_TYPES]
    unused = [place for place in SQL_BESIDES_REPOSITORIES if not (ROOT / place).exists()]
    assert not unused


#: What opens a unit of work besides routes, pages, jobs and commands: finding out who calls,
#: and steps of signing in, which must stay whatever is answered afterwards, and may not hold
#: a connection while a password is hashed.
OPENING_BESIDES_THE_EDGE = {
    "gutschein/counter/at_point.py",
    "gutschein/devices/at_merchant.py",
    "gutschein/devices/authenticators.py",
    "gutschein/devices/till_credentials.py",
    "gutschein/identity/authenticator.py",
    "gutschein/identity/factors.py",
    "gutschein/identity/passkey_challenges.py",
    "gutschein/identity/passkey_sign_in.py",
    "gutschein/identity/passkeys.py",
    "gutschein/identity/sign_in.py",
    "gutschein/identity/visit.py",
    "gutschein/limits/counting.py",
    "gutschein/offline/claiming.py",
    "gutschein/offline/status.py",
    "gutschein/shop/at_shop.py",
    "gutschein/people/accepting.py",
    "gutschein/people/office.py",
    "gutschein/people/recovery.py",
    "gutschein/redemption/public_balance.py",
    "gutschein/redemption/town_keys.py",
    "gutschein/towns/service.py",
    "gutschein/vouchers/print_run.py",
    "gutschein/vouchers/progress.py",
    "gutschein/web/health.py",
}


def test_one_place_commits() -> None:
    """The edge opens a unit of work; services and repositories are handed one."""
    commits = {name_of(path) for path, node in nodes(SOURCE) if called(node) == "commit"}
    assert commits == {"gutschein/db/pool.py"}  # the engine of SQLAlchemy does it for all others
    opened = {path for path, node in nodes(SOURCE) if called(node) in {"unit_of_work", "reading"}}
    assert opened

    def is_edge(path: Path) -> bool:
        is_command = path.parent == ROOT / "gutschein"
        return is_command or path.stem.endswith(("api", "jobs", "pages"))

    assert {name_of(path) for path in opened if not is_edge(path)} == OPENING_BESIDES_THE_EDGE


def test_no_test_is_switched_off_or_talks_to_a_stand_in() -> None:
    switched_off = {"xfail", "skip"}
    marks = [
        at(path, node)
        for path, node in nodes(TESTS)
        if isinstance(node, ast.Attribute)
        and node.attr in switched_off
        and isinstance(node.value, ast.Attribute)
        and node.value.attr == "mark"
    ]
    assert not marks
    assert not [
        at(path, node)
        for path, node in nodes(TESTS)
        if isinstance(node, ast.Import | ast.ImportFrom) and "mock" in ast.unparse(node).lower()
    ]


@cache
def declared() -> frozenset[str]:
    with (ROOT / "pyproject.toml").open("rb") as opened:
        project = tomllib.load(opened)["project"]
    dependencies = [
        *project["dependencies"],
        *chain.from_iterable(project["optional-dependencies"].values()),
    ]
    return frozenset(re.split(r"[\[<>=;]", each)[0] for each in dependencies)


def test_what_is_imported_is_declared() -> None:
    """Not everything that happens to be installed with something else."""
    brought_by = packages_distributions()
    found: list[str] = []
    for path, node in nodes(SOURCE):
        modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            modules = [node.module]
        for name in {module.partition(".")[0] for module in modules}:
            if name in sys.stdlib_module_names or name == "gutschein":
                continue
            by = {each.lower().replace("_", "-") for each in brought_by.get(name, ())}
            if not by & declared():
                found.append(f"{at(path, node)} {name}")
    assert not found


def test_what_is_declared_is_used() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in SOURCE)
    used_by_python = {"tzdata"}  # zoneinfo looks for it where the system has no time zones
    unused = {name for name in declared() if name.replace("-", "_") not in text}
    otherwise_named = {"argon2-cffi", "pynacl", "zxing-cpp"}
    telemetry = {"opentelemetry-exporter-otlp-proto-http", "opentelemetry-sdk"}
    assert unused - otherwise_named - telemetry == used_by_python
    assert "import zxingcpp" in text
    assert "from nacl.bindings import" in text
    assert "from opentelemetry.sdk" in text
    assert "from opentelemetry.exporter.otlp.proto.http" in text
    assert "from argon2 import" in text


WITH_EXAMPLES = [path for path in SOURCE if ">>> " in path.read_text(encoding="utf-8")]


def test_there_are_examples() -> None:
    assert ROOT / "gutschein/kernel/money.py" in WITH_EXAMPLES


@pytest.mark.parametrize("path", WITH_EXAMPLES, ids=name_of)
def test_examples_in_docstrings_are_true(path: Path) -> None:
    module = importlib.import_module(name_of(path).removesuffix(".py").replace("/", "."))
    result = doctest.testmod(module, raise_on_error=False)
    assert result.attempted
    assert not result.failed
