"""What the documentation names exists: files, settings, commands, routes, codes, checks."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec
import pytest
from litestar.routes import HTTPRoute

import gutschein
from gutschein.auditor.checks import CHECKS
from gutschein.cli import main
from gutschein.kernel.error_texts import ERROR_TEXTS
from gutschein.settings import DEFAULT_FILE, FILE_VARIABLE, Settings, variable_of
from gutschein.web.rights import Right
from tools.write_reference import service

ROOT = Path(__file__).parents[1]
PAGES = [*ROOT.glob("*.md"), *sorted((ROOT / "docs").rglob("*.md"))]
DECISIONS = sorted((ROOT / "docs/decisions").glob("*.md"))
NAME = {path: str(path.relative_to(ROOT)) for path in PAGES}

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_FENCED = re.compile(r"^( *)```(\w*)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
_IN_TICKS = re.compile(r"`([^`\n]+)`")


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def prose(page: Path) -> str:
    """A page without its blocks of code."""
    return _FENCED.sub("", text_of(page))


def blocks(page: Path, language: str) -> list[str]:
    return [found[2] for found in _FENCED.findall(text_of(page)) if found[1] == language]


def anchors(page: Path) -> set[str]:
    """The headings of a page, as links name them."""
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    }


def rows(page: Path, heading: str) -> list[list[str]]:
    """The cells of the first table under a heading, without its head."""
    after = text_of(page).partition(f"\n## {heading}\n")[2]
    table = re.search(r"(?:^\|.*\n)+", after, re.MULTILINE)
    assert table, heading
    lines = table[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.parametrize("page", PAGES, ids=NAME.get)
def test_links_lead_somewhere(page: Path) -> None:
    broken: list[str] = []
    for target in _LINK.findall(prose(page)):
        if re.match(r"https?://", target):
            continue
        path, _, anchor = target.partition("#")
        to = (page.parent / path).resolve() if path else page
        if not to.exists() or (anchor and anchor not in anchors(to)):
            broken.append(target)
    assert not broken


@pytest.mark.parametrize("page", PAGES, ids=NAME.get)
def test_files_that_are_named_exist(page: Path) -> None:
    own = re.compile(r"(?<![\w/-])(?:gutschein|migrations|tests|tools|docs)/[\w./*-]+")
    named = {path.rstrip("./") for path in own.findall(text_of(page))}
    assert not [path for path in named if not any(ROOT.glob(path)) and "NNNN" not in path]


@pytest.mark.parametrize("page", PAGES, ids=NAME.get)
def test_modules_and_names_in_them_exist(page: Path) -> None:
    for dotted in re.findall(r"`(gutschein(?:\.\w+)+)`", text_of(page)):
        if dotted == str(DEFAULT_FILE):
            continue
        module, _, name = dotted.rpartition(".")
        path = ROOT / f"{dotted.replace('.', '/')}.py"
        holder = ROOT / f"{module.replace('.', '/')}.py"
        assert path.exists() or re.search(
            rf"^(?:async )?(?:def|class) {name}\b", holder.read_text(encoding="utf-8"), re.MULTILINE
        ), dotted


def test_every_setting_is_described_and_no_other() -> None:
    described = {(row[0], row[1]): row[2] for row in rows(ROOT / "README.md", "Settings")}
    fields = {each.name: each for each in msgspec.structs.fields(Settings)}
    assert set(described) == {(f"`{variable_of(name)}`", f"`{name}`") for name in fields}
    for (_, name), default in described.items():
        value = fields[name.strip("`")].default
        if isinstance(value, int) or (isinstance(value, str) and value):
            assert default == f"`{value}`", name


@pytest.mark.parametrize("page", PAGES, ids=NAME.get)
def test_variables_that_are_named_are_settings(page: Path) -> None:
    known = {variable_of(name) for name in Settings.__struct_fields__} | {FILE_VARIABLE}
    named = set(re.findall(r"\bGUTSCHEIN_[A-Z_]+\b", text_of(page)))
    assert not named - known


def test_the_settings_of_the_how_to_are_settings(tmp_path: Path) -> None:
    [block] = blocks(ROOT / "docs/how-to/install-on-your-own-postgresql.md", "toml")
    file = tmp_path / "gutschein.toml"
    file.write_text(block, encoding="utf-8")
    settings = Settings.load({}, file=file)
    assert not settings.embedded
    assert settings.qr_prefix == "HTTPS://GUTSCHEIN.EXAMPLE/V/"


def commands(group: click.Group, above: str = "gutschein") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        yield f"{above} {name}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{above} {name}")


def test_every_command_is_described() -> None:
    described = " ".join(row[0] for row in rows(ROOT / "README.md", "Commands"))
    assert not [
        name
        for name, command in commands(main)
        if not isinstance(command, click.Group) and f"`{name}`" not in described
    ]


@pytest.mark.parametrize("page", PAGES, ids=NAME.get)
def test_commands_that_are_named_exist(page: Path) -> None:
    known = dict(commands(main))
    texts = [*_IN_TICKS.findall(text_of(page)), *"\n".join(blocks(page, "sh")).splitlines()]
    for text in texts:
        for line in re.findall(r"(?:^|\s|/)(gutschein [a-z].*)", text.split(" > ")[0]):
            words = line.split()
            name = " ".join(words[:2])
            assert name in known, line
            if isinstance(known[name], click.Group) and len(words) > 2:
                name = " ".join(words[:3])
                assert name in known, line
            options = {option for each in known[name].params for option in each.opts}
            assert not [word for word in words if word.startswith("--") and word not in options]


@pytest.mark.parametrize("page", PAGES, ids=NAME.get)
def test_targets_of_make_exist(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    texts = [*_IN_TICKS.findall(prose(page)), *"\n".join(blocks(page, "sh")).splitlines()]
    named = {found[1] for text in texts if (found := re.match(r"make ([a-z-]+)", text))}
    assert not named - targets


@pytest.fixture(scope="module")
def operations() -> list[str]:
    """Method and path of everything that is answered, pages included."""
    return [
        f"{method} {route.path_format or '/'}"
        for route in service().routes
        if isinstance(route, HTTPRoute)
        for method in route.methods
    ]


@pytest.mark.parametrize("page", PAGES, ids=NAME.get)
def test_routes_that_are_named_exist(page: Path, operations: list[str]) -> None:
    for route in _IN_TICKS.findall(text_of(page)):
        if re.match(r"(?:GET|POST) (?:/|…)", route):
            method, _, path = route.partition(" ")
            ends = path.removeprefix("…")
            assert any(
                each.startswith(f"{method} ")
                and (each == route or (path.startswith("…") and each.endswith(ends)))
                for each in operations
            ), route


@pytest.mark.parametrize("page", PAGES, ids=NAME.get)
def test_error_codes_that_are_named_exist(page: Path) -> None:
    subjects = {code.partition(".")[0] for code in ERROR_TEXTS}
    named = re.findall(r"`([a-z_]+\.[a-z_]+)`", text_of(page))
    of_ours = {code for code in named if code.partition(".")[0] in subjects}
    files_and_columns = (".md", ".py", "_id")
    known = set(ERROR_TEXTS) | set(Right)
    assert not {code for code in of_ours - known if not code.endswith(files_and_columns)}


@pytest.mark.parametrize("page", PAGES, ids=NAME.get)
def test_checks_of_the_audit_that_are_named_exist(page: Path) -> None:
    assert not set(re.findall(r"\bA\d\d\b", text_of(page))) - {check.number for check in CHECKS}


def test_the_how_to_groups_every_check_of_the_audit() -> None:
    page = ROOT / "docs/how-to/when-the-audit-finds-something.md"
    grouped: list[str] = []
    for row in rows(page, "Then read the finding"):
        first, *last = re.findall(r"A(\d\d)", row[0])
        grouped += [f"A{n:02d}" for n in range(int(first), int(last[-1] if last else first) + 1)]
    assert grouped == [check.number for check in CHECKS]


def test_decisions_are_numbered_and_say_why_what_and_what_follows() -> None:
    assert [path.name[:5] for path in DECISIONS] == [
        f"{number:04d}-" for number in range(1, len(DECISIONS) + 1)
    ]
    for number, page in enumerate(DECISIONS, 1):
        headings = re.findall(r"^#+ .+$", text_of(page), re.MULTILINE)
        assert headings[0].startswith(f"# {number}. ")
        assert headings[1:] == ["## Context", "## Decision", "## Consequences"]


def test_the_changelog_knows_this_version() -> None:
    assert gutschein.__version__ in text_of(ROOT / "CHANGELOG.md")
    with (ROOT / "pyproject.toml").open("rb") as opened:
        assert tomllib.load(opened)["project"]["version"] == gutschein.__version__


def test_the_changelog_counts_the_checks() -> None:
    [count] = re.findall(r"(\d+) checks", text_of(ROOT / "CHANGELOG.md"))
    assert int(count) == len(CHECKS)
