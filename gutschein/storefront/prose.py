"""A town's texts: paragraphs, headings and lists, written as people write them in a mail."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Literal

from msgspec import Struct

Kind = Literal["heading", "list", "paragraph"]
_SIGNS: dict[str, Kind] = {"# ": "heading", "- ": "list"}


class Block(Struct, frozen=True):
    """A heading, a paragraph, or the entries of a list."""

    kind: Kind
    lines: tuple[str, ...]


def blocks(paragraphs: Iterable[str]) -> list[Block]:
    """Return what the lines of a text are: after ``# `` a heading, after ``- `` an entry of a
    list, all else a paragraph.
    """
    read = [(_SIGNS.get(line[:2], "paragraph"), line) for line in paragraphs]
    found = []
    for kind, group in groupby(read, key=lambda each: each[0]):
        lines = [line if kind == "paragraph" else line[2:].strip() for _, line in group]
        together = [tuple(lines)] if kind == "list" else [(line,) for line in lines]
        found += [Block(kind, each) for each in together]
    return found
