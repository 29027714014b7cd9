"""Paths of ours: where a redirect may lead."""

from __future__ import annotations

import re
from urllib.parse import quote

HOME = "/"
SIGN_IN = "/anmelden"
#: The query parameter that says where to go after signing in.
THEN = "weiter"

#: One slash, then no second one, and nothing that a browser reads as one or drops.
_LOCAL = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f-\x9f]*")


def is_local(path: str) -> bool:
    """Tell whether *path*, with its query, leads nowhere but to this service.

    Browsers read ``\\`` as ``/`` and drop tabs and line breaks (WHATWG URL, section 4.4),
    which turns more than ``//`` into another host.
    """
    return _LOCAL.fullmatch(path) is not None


def local_or_home(path: str | None) -> str:
    """Return *path* if it is one of ours, else the start page."""
    return path if path is not None and is_local(path) else HOME


def sign_in_path(then: str) -> str:
    """Return the sign-in page's path, which leads on to *then*."""
    return f"{SIGN_IN}?{THEN}={quote(then, safe='/')}" if is_local(then) else SIGN_IN
