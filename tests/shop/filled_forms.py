"""Read a page as a browser without script does: what its forms hold, and where they go."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Form:
    """A form of a page, as it is before anybody has touched it."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "form":
            self.forms.append(Form(given.get("action") or ""))
        elif not self.forms or not name:
            return
        elif tag == "input":
            chosen = given.get("type") not in {"radio", "checkbox"} or "checked" in given
            if chosen:
                self.forms[-1].fields[name] = given.get("value") or ""
        elif tag == "textarea":
            self._area = name
            self.forms[-1].fields[name] = ""

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self.forms[-1].fields[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None


def forms_of(page: str) -> dict[str, Form]:
    """Return the forms of a page by the last part of where they go."""
    parser = _Forms()
    parser.feed(page)
    return {form.action.rpartition("/")[2]: form for form in parser.forms}
