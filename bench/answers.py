"""Responses of HTTP/1.1, read just as far as a load needs: where one ends, and what it says.

A request follows only when the answer before it is whole (no pipelining), so whatever has
arrived on a connection belongs to one response.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_HEAD_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)\r\n", re.IGNORECASE)
_STATUS = re.compile(rb"HTTP/1\.1 ([1-5][0-9]{2})[ \r]")


class UnreadableResponse(Exception):
    """Not a response that says its length, or more than one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response, taken apart."""

    status: int
    head: bytes
    body: bytes

    def header(self, name: str) -> str | None:
        """Return a header's value, by its name in lower case."""
        found = re.search(
            rb"\r\n" + re.escape(name.encode()) + rb": *([^\r]*)\r\n", self.head, re.IGNORECASE
        )
        return None if found is None else found[1].decode("latin-1")


def is_whole(received: bytes) -> bool:
    """Tell whether a response has arrived to its end.

    :raises UnreadableResponse: when it does not say its length, or goes beyond it.
    """
    head_end = received.find(_HEAD_END)
    if head_end < 0:
        return False
    length = _LENGTH.search(received, 0, head_end + 2)
    if length is None:
        raise UnreadableResponse(received[:200].decode("latin-1"))
    missing = head_end + len(_HEAD_END) + int(length[1]) - len(received)
    if missing < 0:
        raise UnreadableResponse(received[missing:].decode("latin-1"))
    return missing == 0


def read_answer(response: bytes) -> Answer:
    """Take a whole response apart.

    :raises UnreadableResponse: when it has no status line of HTTP/1.1.
    """
    status = _STATUS.match(response)
    if status is None:
        raise UnreadableResponse(response[:200].decode("latin-1"))
    head, _, body = response.partition(_HEAD_END)
    return Answer(int(status[1]), head + b"\r\n", body)
