"""Letters: the same in text and in HTML, in two languages, in a town's colour, loading nothing."""

from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser

import pytest
from jinja2 import DictLoader, PrefixLoader, UndefinedError
from msgspec import Struct

from gutschein.documents.contrast import palette
from gutschein.kernel.errors import Language
from gutschein.mail.letter import environment, letter

TEXT = """\
{% extends "mail/frame.txt" %}
{% block content %}
{% trans %}Guten Tag,{% endtrans %} {{ name }}

{% if not name %}
Niemand.
{% endif %}

{{ cents|euro }}, {{ last_day|day }}: {{ url }}
{% endblock %}
"""
HTML = """\
{% extends "mail/frame.html" %}
{% import "mail/parts.html" as part with context %}
{% block title %}{{ name }}{% endblock %}
{% block content %}
{{ part.heading(name) }}
{% call part.paragraph() %}{{ cents|euro }}{% endcall %}
{{ part.quote(name) }}
{{ part.facts([("Gültig bis", last_day|day)]) }}
{{ part.button(url, "Ansehen") }}
{% call part.note() %}{{ part.link(url, name) }}{% endcall %}
{% endblock %}
"""


class Town(Struct):
    name: str = "Zwönitz & Umland"
    brand_colour: str = "#ffe100"


VALUES = {
    "name": "Anna",
    "cents": 2_500,
    "last_day": date(2029, 12, 31),
    "url": "https://gutschein.example/zwoenitz/bestellung/abc?a=1&b=2",
}


@pytest.fixture(autouse=True)
def _templates(monkeypatch: pytest.MonkeyPatch) -> None:
    """A package of the tests beside the others."""
    for language in ("de", "en"):
        loader = environment(language).loader
        assert isinstance(loader, PrefixLoader)
        templates = DictLoader({"mail/try.txt": TEXT, "mail/try.html": HTML})
        monkeypatch.setitem(loader.mapping, "tests", templates)


class Read(HTMLParser):
    """What a mailbox sees: elements, their attributes, and the words between them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.mark.parametrize(("language", "amount"), [("de", "25,00 €"), ("en", "25.00 €")])
def test_both_forms_say_the_same(language: Language, amount: str) -> None:
    text, html = letter(language, "tests/mail/try", town=Town(), foot=("Markt 1",), **VALUES)
    read = Read(html)
    for said in (text, read.words):
        for words in (amount, "31.12.2029", VALUES["url"], "Zwönitz & Umland", "Markt 1"):
            assert str(words) in said
    assert read.tags[0] == ("html", {"lang": language})
    assert text.endswith("\n-- \nZwönitz & Umland\nMarkt 1\n")  # RFC 3676, section 4.3
    assert text.startswith("Guten Tag, Anna\n\n25")
    assert "\n\n\n" not in text  # where nothing is said no room is left


def test_a_letter_of_no_town_is_the_services() -> None:
    text, html = letter("de", "tests/mail/try", **VALUES)
    assert text.endswith("\n-- \nGutschein\n")
    assert "Gutschein" in Read(html).words


def test_nothing_that_people_enter_is_markup() -> None:
    name = '<img src="https://spy.example/x.png" onerror=alert(1)> {{ 7*7 }} & "so"'
    text, html = letter("de", "tests/mail/try", **(VALUES | {"name": name}))
    assert name in text
    read = Read(html)
    assert "img" not in {tag for tag, _ in read.tags}
    assert name in read.words
    assert not [key for _, attributes in read.tags for key in attributes if key.startswith("on")]


def test_reading_it_tells_nobody() -> None:
    _, html = letter("de", "tests/mail/try", town=Town(), **VALUES)
    read = Read(html)
    tags = {tag for tag, _ in read.tags}
    assert not tags & {"img", "link", "script", "iframe", "object", "video", "audio", "form"}
    assert "url(" not in html
    assert "@import" not in html
    addresses = {attributes.get("href") for _, attributes in read.tags if "href" in attributes}
    assert addresses == {VALUES["url"]}


def test_whatever_the_colour_what_stands_on_it_can_be_read() -> None:
    for colour in ("#ffe100", "#101010", "#0b5d3b"):
        _, html = letter("de", "tests/mail/try", town=Town(brand_colour=colour), **VALUES)
        colours = palette(colour)
        assert f"background:{colours.fill};color:{colours.ink}" in html
        # no mailbox paints one of the two dark alone
        for style in re.findall(r'style="([^"]*background:[^"]*)"', html):
            assert re.search(r"(^|;)color:#", style), style


def test_what_a_template_names_must_be_there() -> None:
    with pytest.raises(UndefinedError, match="url"):
        letter("de", "tests/mail/try", **{key: VALUES[key] for key in VALUES if key != "url"})
