"""Refusals for people: a page instead of a problem document, where the browser asks for one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from litestar import Request, Response

from gutschein.kernel.errors import Language, Refusal
from gutschein.web.language import reading_language
from gutschein.web.local_path import sign_in_path
from gutschein.web.pages import page, reason, see_other

API_PATH = "/api/"

_HTML = {"text/html", "application/xhtml+xml"}
_RANGE = re.compile(
    r"\s*(?P<media_type>[\w.+*-]+/[\w.+*-]+)\s*(?P<parameters>(?:;[^,]*)?)", re.ASCII
)
_WEIGHT = re.compile(r";\s*q\s*=\s*(?P<weight>[01](?:\.\d{0,3})?)\s*(?:;|$)", re.ASCII | re.I)


def prefers_page(accept: str) -> bool:
    """Read an ``Accept`` header (RFC 9110, section 12.5.1): is HTML named, and before JSON?

    Only browsers name it. ``*/*``, as programs send it, asks for a problem document.
    """
    html = json = 0.0
    for text in accept.split(","):
        found = _RANGE.fullmatch(text)
        if found is None:
            continue
        media_type = found["media_type"].lower()
        weighed = _WEIGHT.search(found["parameters"])
        weight = float(weighed["weight"]) if weighed else 1.0
        if media_type in _HTML:
            html = max(html, weight)
        elif media_type == "application/json" or media_type.endswith("+json"):
            json = max(json, weight)
    return html > json


def problem_page(
    request: Request[Any, Any, Any],
    refusal: Refusal,
    titles: Mapping[Language, str],
    headers: Mapping[str, str],
) -> Response[Any]:
    """Say a refusal on a page, with its status. Who is not signed in may do so first.

    :param titles: the heading in each language.
    """
    if refusal.status == 401 and not request.url.path.startswith(API_PATH):
        return see_other(sign_in_path(_here(request)))
    answer = page(
        request,
        "web/problem.html",
        refusal.status,
        heading=titles[reading_language(request)],
        status=refusal.status,
        text=reason(request, refusal),
    )
    answer.headers.update(headers)
    return answer


def _here(request: Request[Any, Any, Any]) -> str:
    """The address to come back to: that of a page, not that of a form's sending."""
    if request.method not in {"GET", "HEAD"}:
        return ""
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path
