"""Pages: Jinja templates in the reader's language, inside the layout that all share.

Templates lie in ``gutschein/<package>/templates`` and are named ``<package>/<file>``. Besides
what a handler gives them they know what :func:`page` adds; see ``docs/explanation/pages.md``.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.response import Redirect
from markupsafe import Markup
from msgspec import Struct

from gutschein.kernel.clock import format_day
from gutschein.kernel.errors import Audience, Language, Refusal
from gutschein.kernel.money import format_euro
from gutschein.web import static
from gutschein.web.brand import brand_stylesheet
from gutschein.web.caller import Caller
from gutschein.web.entered import Entered
from gutschein.web.guard import CSRF_FIELD, authenticated
from gutschein.web.instants import format_instant, machine_instant
from gutschein.web.language import (
    LANGUAGE_CHOICE,
    chosen_language,
    language_cookie,
    reading_language,
)
from gutschein.web.local_path import is_local
from gutschein.web.navigation import is_routed, navigation
from gutschein.web.words import translations

_PACKAGE = Path(__file__).parents[1]


def page(
    request: Request[Any, Any, Any], template: str, status_code: int = 200, **values: Any
) -> Response[str]:
    """Answer with a page.

    :param template: such as ``identity/sign_in.html``.
    :param values: what the template names. ``entered`` is what a form is filled with, and
        ``town`` the town whose name and colour the page carries; both may be left out.
    """
    language = reading_language(request)
    given = {
        "request": request,
        "signed_in": caller_of(request),
        "language": language,
        "legal": request.app.state.get("legal_pages") or LegalPages(),
        "language_links": _language_links(request),
        "navigation": navigation(request),
        "entered": Entered(),
        "town": None,
        **values,
    }
    chosen = chosen_language(request)
    return Response(
        _environment(language).get_template(template).render(given),
        status_code=status_code,
        media_type="text/html",
        headers={"content-language": language, "vary": "Accept-Language, Cookie"},
        cookies=[] if chosen is None else [_remembering(request, chosen)],
    )


def see_other(path: str) -> Redirect:
    """Send the browser to another page of ours, with GET (RFC 9110, section 15.4.4).

    :raises ValueError: when *path* leads anywhere else.
    """
    if not is_local(path):
        raise ValueError(f"not a path of ours: {path!r}")
    return Redirect(path, status_code=303)


def caller_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Caller | None:
    """Return who is signed in, if the guard has found somebody."""
    caller: Caller | None = connection.state.get("caller")
    return caller


async def recognise(request: Request[Any, Any, Any]) -> None:
    """Find out who is signed in, on a page that is for everybody. A credential that is not
    good, such as that of a session that has ended, is nobody's.
    """
    caller = None
    with suppress(Refusal):
        caller = await authenticated(request)
    if caller is not None and caller.kind == "person":
        request.state.caller = caller


def audience_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Audience:
    """Tell whom words are for: those who are signed in read the true reason."""
    return "public" if caller_of(connection) is None else "staff"


def reason(request: Request[Any, Any, Any], refusal: Refusal) -> str:
    """Return a refusal's words for whoever reads this page."""
    return refusal.message(reading_language(request), audience_of(request))


class LegalPages(Struct, frozen=True):
    """Addresses that stand at the foot of every page, where the operator has given them."""

    imprint: str | None = None
    privacy: str | None = None
    accessibility: str | None = None


@cache
def _environment(language: Language) -> Environment:
    folders = {path.parent.name: path for path in _PACKAGE.glob("*/templates")}
    environment = Environment(
        loader=PrefixLoader({name: FileSystemLoader(path) for name, path in folders.items()}),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    environment.globals |= {
        "brand_stylesheet": brand_stylesheet,
        "is_routed": _is_routed,
        "script": static.script,
        "stylesheet": static.stylesheet,
        "csrf_field": _csrf_field,
    }
    environment.filters |= {
        "euro": lambda cents: format_euro(cents, language),
        "day": format_day,
        "instant": lambda instant: format_instant(instant, language),
        "machine_instant": machine_instant,
    }
    return environment


@pass_context
def _csrf_field(context: Context) -> Markup:
    """Return the hidden field that proves that a form came from a page of this session."""
    caller = caller_of(context["request"])
    if caller is None or not caller.csrf_token:
        return Markup()
    return Markup('<input type="hidden" name="{}" value="{}">').format(
        CSRF_FIELD, caller.csrf_token
    )


@pass_context
def _is_routed(context: Context, path: str) -> bool:
    return is_routed(context["request"].app, path)


def _language_links(request: Request[Any, Any, Any]) -> dict[Language, str]:
    """The same page in each language."""
    given = parse_qsl(request.url.query, keep_blank_values=True)
    others = [(name, value) for name, value in given if name != LANGUAGE_CHOICE]
    return {
        language: "?" + urlencode([*others, (LANGUAGE_CHOICE, language)])
        for language in ("de", "en")
    }


def _remembering(request: Request[Any, Any, Any], language: Language) -> Cookie:
    public_url: str = request.app.state.get("public_url", "")
    return language_cookie(language, secure=public_url.startswith("https:"))
