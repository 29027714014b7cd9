"""Which request is being answered: what ties its log lines, its traces and its answer together.

It is the trace id that the caller sent (W3C Trace Context, ``traceparent``), so that their
log and ours can be laid side by side; else one of our own. Nothing is computed for a request
that nobody speaks of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextvars import ContextVar
from random import getrandbits
from typing import Any

#: An ASGI scope: a mapping, which may be added to.
Scope = Any

#: Under which a request keeps its id; set by traces, where they are on.
KEY = "gutschein.request_id"

#: Trace Context level 2, section 3.2: version, trace, parent, flags. What a later version
#: adds behind them does not concern us.
_TRACEPARENT = re.compile(rb"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-")

_ANSWERED: ContextVar[Scope | None] = ContextVar("answered", default=None)

#: Note which request this context answers.
answering = _ANSWERED.set


def request_id() -> str | None:
    """Return the 32 hex digits of the request that is being answered, if one is."""
    scope = _ANSWERED.get()
    return None if scope is None else id_of(scope)


def id_of(scope: Scope) -> str:
    """Return the id of a request, the same each time."""
    known: str | None = scope.get(KEY)
    if known is None:
        known = scope[KEY] = _given(scope["headers"]) or f"{getrandbits(128):032x}"
    return known


def _given(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    for name, value in headers:
        if name == b"traceparent":
            found = _TRACEPARENT.match(value)
            return found[1].decode() if found else None
    return None
