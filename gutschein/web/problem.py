"""Every error leaves the service as a problem document (RFC 9457), or as a page for browsers.

``type`` is the relative address of the code's own description, ``code`` its stable name,
``detail`` a sentence for staff in the caller's language. The facts of the case stand
beside them as members of their own; amounts are integer cents.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from msgspec import UNSET, Meta, Struct, UnsetType

from gutschein.kernel.errors import Language, Refusal
from gutschein.watch.request_id import id_of
from gutschein.web.language import preferred_language
from gutschein.web.methods import allow
from gutschein.web.outage import is_outage, log_outage
from gutschein.web.problem_page import prefers_page, problem_page
from gutschein.web.refusal_log import log_refusal

ERRORS_PATH = "/api/v1/errors"
PROBLEM_MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 1

_log = logging.getLogger(__name__)

_TITLES: dict[int, dict[Language, str]] = {
    400: {"de": "Anfrage nicht lesbar", "en": "Unreadable request"},
    401: {"de": "Nicht angemeldet", "en": "Not signed in"},
    403: {"de": "Nicht erlaubt", "en": "Not allowed"},
    404: {"de": "Nicht gefunden", "en": "Not found"},
    405: {"de": "Methode nicht bekannt", "en": "Method not known"},
    408: {"de": "Zu langsam", "en": "Too slow"},
    409: {"de": "Passt nicht zum jetzigen Stand", "en": "Does not fit how things stand"},
    413: {"de": "Zu groß", "en": "Too large"},
    414: {"de": "Zu lang", "en": "Too long"},
    422: {"de": "Angabe passt nicht", "en": "Data does not fit"},
    429: {"de": "Zu oft", "en": "Too often"},
    431: {"de": "Zu groß", "en": "Too large"},
    500: {"de": "Fehler bei uns", "en": "Our mistake"},
    503: {"de": "Gerade nicht erreichbar", "en": "Out of reach right now"},
}


#: What Litestar itself says, in our codes.
_ROUTER_CODES = {400: "request.malformed", 404: "request.not_found", 405: "request.method"}


class FieldError(Struct, frozen=True):
    """One field that does not fit."""

    path: Annotated[str, Meta(examples=["name"])]
    """Where it is in the request; empty for the request as a whole."""
    reason: Annotated[str, Meta(examples=["Expected `str`, got `int`"])]
    """What a developer needs to know, in English."""


class Problem(Struct, frozen=True, kw_only=True):
    """A problem document (RFC 9457); the facts of the case are further members of it."""

    type: Annotated[str, Meta(examples=[f"{ERRORS_PATH}/request.invalid"])]
    title: Annotated[str, Meta(examples=["Angabe passt nicht"])]
    status: Annotated[int, Meta(examples=[422])]
    detail: Annotated[str, Meta(examples=["Eine Angabe fehlt oder passt nicht: name"])]
    code: Annotated[str, Meta(examples=["request.invalid"])]
    errors: list[FieldError] | UnsetType = UNSET


class FieldRefusal(Refusal):
    """A refusal that names the field at fault."""

    def __init__(self, code: str, error: FieldError, **params: int | str) -> None:
        super().__init__(code, **params)
        self.errors = [error]


def invalid(path: str, reason: str) -> FieldRefusal:
    """Refuse a request because of one field: ``request.invalid``."""
    return FieldRefusal("request.invalid", FieldError(path, reason), reason=path or reason)


def title_of(status: int, language: Language) -> str:
    """Return the short summary that problems of one status share."""
    return _TITLES[status][language]


def to_problem(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Answer any exception. What was not expected is logged, and nothing of it is told."""
    refusal = _refusal_for(request, error)
    log_refusal(request, refusal)
    headers = {"x-request-id": id_of(request.scope), **_headers_for(refusal, error)}
    if prefers_page(request.headers.get("accept", "")):
        return problem_page(request, refusal, _TITLES[refusal.status], headers)
    language = preferred_language(request.headers.get("accept-language", ""))
    return Response(
        msgspec.json.encode(problem_of(refusal, language)),
        status_code=refusal.status,
        media_type=PROBLEM_MEDIA_TYPE,
        headers={
            **headers,
            "content-language": language,
            "vary": "Accept-Language",
        },
    )


def problem_of(refusal: Refusal, language: Language) -> dict[str, Any]:
    """Write the problem document of a refusal."""
    problem: dict[str, Any] = {
        **refusal.params,
        "type": f"{ERRORS_PATH}/{refusal.code}",
        "title": title_of(refusal.status, language),
        "status": refusal.status,
        "detail": refusal.message(language),
        "code": refusal.code,
    }
    if isinstance(refusal, FieldRefusal):
        problem["errors"] = refusal.errors
    return problem


def _headers_for(refusal: Refusal, error: Exception) -> dict[str, str]:
    headers = dict((isinstance(error, HTTPException) and error.headers) or {})
    if "allow" in headers:
        headers["allow"] = allow(headers["allow"].split(", "))
    if refusal.status == 401:
        headers["www-authenticate"] = "Bearer"
    if refusal.code == "service.busy":
        headers["retry-after"] = str(RETRY_AFTER_SECONDS)
    if refusal.code == "request.timeout":
        headers["connection"] = "close"
    if refusal.code == "limit.rate":
        headers["retry-after"] = str(refusal.params["seconds"])
    return headers


def _refusal_for(request: Request[Any, Any, Any], error: Exception) -> Refusal:
    if isinstance(error, Refusal):
        return error
    if isinstance(error, ValidationException):
        return _refusal_for_parameters(error.extra)
    if isinstance(error, HTTPException) and error.status_code == 413:
        limit = request.route_handler.resolve_request_max_body_size()
        return Refusal("request.too_large", max_bytes=limit or 0)
    if isinstance(error, HTTPException) and error.status_code in _ROUTER_CODES:
        return Refusal(_ROUTER_CODES[error.status_code])
    where = f"{request.method} {request.scope.get('path_template', 'an address that there is not')}"
    if is_outage(error):
        log_outage(where, error)
        return Refusal("service.busy")
    _log.error("unexpected error at %s", where, exc_info=error)
    return Refusal("service.failed")


def _refusal_for_parameters(messages: dict[str, Any] | Sequence[Any] | None) -> Refusal:
    """Refuse what Litestar found in path, query or headers, or a body that is missing."""
    first: dict[str, str] = messages[0] if isinstance(messages, list) and messages else {}
    if first.get("key") == "data":
        return Refusal("request.malformed")
    return invalid(first.get("key", ""), first.get("message", "unreadable"))
