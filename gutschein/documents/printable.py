"""What people typed, made fit for paper: one line stays one line, and any line can break."""

from __future__ import annotations

import re
import unicodedata

_MAY_BREAK = "\u200b"  # zero width space: a place to break without a hyphen that is not there

# A run of letters this long is longer than German words that hyphenation takes care of.
_UNBROKEN_RUN = re.compile(r"[^\s\u200b-]{32,}")
_PIECE = re.compile(r".{1,12}", re.DOTALL)

# Direction overrides and isolates can make an amount or a name read backwards (UTR 36,
# bidirectional text spoofing). Letters carry all the direction that Hebrew or Arabic needs.
_DIRECTION_CONTROLS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def printable_line(text: str) -> str:
    """Return *text* as one line: composed, without controls, breakable when very long."""
    return _breakable(" ".join(_plain(text).split()))


def printable_lines(text: str) -> str:
    """Return *text* with its own line breaks kept, otherwise as :func:`printable_line`."""
    lines = (printable_line(line) for line in text.strip().splitlines())
    return "\n".join(lines)


def _plain(text: str) -> str:
    text = text.encode("utf-8", "replace").decode()  # a lone surrogate cannot be written
    text = _DIRECTION_CONTROLS.sub("", unicodedata.normalize("NFC", text))
    return "".join(" " if unicodedata.category(sign) == "Cc" else sign for sign in text)


def _breakable(line: str) -> str:
    return _UNBROKEN_RUN.sub(lambda run: _MAY_BREAK.join(_PIECE.findall(run[0])), line)
