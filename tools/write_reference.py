"""Write the tables of docs/reference that follow from the code.

``python tools/write_reference.py`` puts them between the marks of their pages; a test
compares the pages with what this would write.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from litestar import Litestar  # noqa: E402 - the path to the package comes first
from litestar.enums import HttpMethod  # noqa: E402
from litestar.routes import HTTPRoute  # noqa: E402

from gutschein.app import create_app  # noqa: E402
from gutschein.kernel.error_texts import ERROR_TEXTS  # noqa: E402
from gutschein.secrets import Secrets  # noqa: E402
from gutschein.settings import Settings  # noqa: E402
from gutschein.web.rights import (  # noqa: E402
    RIGHTS,
    TECHNICAL,
    TWO_FACTOR,
    Right,
    Role,
    Rule,
    Scope,
)
from gutschein.web.subjects import TAGS  # noqa: E402

BEGIN, END = "<!-- written by tools/write_reference.py -->\n", "<!-- end -->"


def error_tables() -> str:
    """Return a table of error codes for each subject, in the order of the code."""
    lines: list[str] = []
    for subject in dict.fromkeys(code.partition(".")[0] for code in ERROR_TEXTS):
        lines += [f"## {subject}", "", "| code | status | staff | public |", "|---|---|---|---|"]
        for code, text in ERROR_TEXTS.items():
            if code.partition(".")[0] == subject:
                staff = f"{text.staff_de}<br>*{text.staff_en}*"
                public = f"{text.public_de}<br>*{text.public_en}*"
                lines.append(f"| `{code}` | {text.status} | {staff} | {public} |")
        lines.append("")
    return "\n".join(lines)


def route_tables() -> str:
    """Return a table of routes for each subject of the API."""
    app, lines = service(), list[str]()
    for tag, sentence in TAGS.items():
        lines += [f"### {tag}", "", sentence, "", "| method | path | |", "|---|---|---|"]
        lines += [f"| {' | '.join(row)} |" for row in _routes_of(app, tag)]
        lines.append("")
    return "\n".join(lines)


def rights_tables() -> str:
    """Return who has which right, and which routes ask for it."""
    routes = _routes_by_right(service())
    heads = [role.value for role in Role]
    lines = [f"| right | for | {' | '.join(heads)} |", "|---|---|" + "---|" * len(heads)]
    for right, rule in RIGHTS.items():
        marks = [_mark(rule, role) for role in Role]
        lines.append(f"| `{right}` | {rule.scope} | {' | '.join(marks)} |")
    lines += ["", "## What each right is", ""]
    for right, rule in RIGHTS.items():
        lines += [f"### {right}", "", rule.about, ""]
        lines += [f"- `{method} {path}`" for method, path in sorted(routes.get(right, []))]
        lines.append("")
    lines += ["## Open to anybody", ""]
    lines += [f"- `{method} {path}`" for method, path in sorted(routes[None])]
    return "\n".join(lines)


def _mark(rule: Rule, role: Role) -> str:
    if role in rule.roles:
        return "2 factors" if role in TWO_FACTOR else "yes"
    person = role not in TECHNICAL
    return "yes" if rule.scope is Scope.SELF and not rule.roles and person else ""


def _routes_by_right(app: Litestar) -> dict[Right | None, list[tuple[str, str]]]:
    found: dict[Right | None, list[tuple[str, str]]] = defaultdict(list)
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                if methods := handler.http_methods - {HttpMethod.OPTIONS}:
                    right = None if handler.opt.get("public") else Right(handler.opt["right"])
                    found[right] += [(str(method), route.path_format or "/") for method in methods]
    return found


def service() -> Litestar:
    """Wire a service that is never started, for what it says of itself."""
    settings = Settings(data_dir=ROOT, database_url="postgresql://nobody@/nowhere")
    return create_app(settings, secrets=Secrets(key_encryption_key=bytes(32)))


def _routes_of(app: Litestar, tag: str) -> Iterator[tuple[str, str, str]]:
    for path, item in app.openapi_schema.to_schema()["paths"].items():
        for method, operation in item.items():
            if tag in operation["tags"]:
                yield method.upper(), f"`{path}`", operation["description"].partition("\n")[0]


#: What stands between the marks of each page.
PAGES: dict[Path, Callable[[], str]] = {
    ROOT / "docs/reference/errors.md": error_tables,
    ROOT / "docs/reference/api.md": route_tables,
    ROOT / "docs/reference/rights.md": rights_tables,
}


def filled(page: str, tables: str) -> str:
    """Return *page* with *tables* between its marks."""
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n{tables}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    for path, tables in PAGES.items():
        path.write_text(filled(path.read_text(encoding="utf-8"), tables()), encoding="utf-8")
