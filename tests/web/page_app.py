"""A small service with the page layer and a form of its own, without a database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import httpx
from jinja2 import ChoiceLoader, DictLoader
from litestar import Litestar, Request, Response, get, post
from msgspec import Meta, Struct

from gutschein.db.engine import create_engine
from gutschein.db.unit_of_work import Database
from gutschein.kernel.errors import Language, Refusal
from gutschein.kernel.ids import TownId, new_id
from gutschein.limits.counting import Limits
from gutschein.limits.credentials import Credentials
from gutschein.limits.local import LocalLimit
from gutschein.limits.rules import CALLER
from gutschein.web import brand, pages, start, static
from gutschein.web.body import StrictRequest
from gutschein.web.caller import Caller, Grant
from gutschein.web.forms import FormRefusal, Secret, form_again, read_form
from gutschein.web.methods import with_head_and_options
from gutschein.web.pages import page
from gutschein.web.problem import to_problem
from gutschein.web.rights import Role
from gutschein.web.security_headers import with_security_headers

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
NOW = datetime(2026, 12, 5, 9, 0, tzinfo=UTC)
CSRF_TOKEN = 'proof"of<the>session'

_TEMPLATE = """
{% extends "web/layout.html" %}
{% import "web/forms.html" as forms with context %}
{% block title %}Formular{% endblock %}
{% block content %}
{% call forms.form("/form") %}
  {{ forms.text("email", "E-Mail-Adresse", hint="Wie auf der Einladung.", type="email") }}
  {{ forms.password("password", "Passwort") }}
  {{ forms.one_time_code("code", "Einmalcode") }}
  {{ forms.select("role", "Rolle", [("clerk", "Ausgabe"), ("approver", "Freigabe")]) }}
  {{ forms.options("towns", "Städte", [("z", "Zwönitz"), ("s", "Schneeberg")], type="checkbox") }}
  {{ forms.checkbox("stay", "Angemeldet bleiben") }}
  {{ forms.textarea("note", "Anmerkung", required=false) }}
  {{ forms.button("Senden") }}
{% endcall %}
{% endblock %}
"""


class SentForm(Struct, frozen=True):
    """What the form sends."""

    email: Annotated[str, Meta(min_length=5, max_length=30)]
    password: Secret
    role: Role
    towns: list[str]
    stay: bool = False
    count: int | None = None
    region_id: UUID | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if self.note == self.email:
            raise ValueError("the note is the address")


@get("/form")
async def show_form(request: Request[Any, Any, Any]) -> Response[str]:
    return page(request, "test/form.html")


@post("/form", status_code=200)
async def send_form(request: Request[Any, Any, Any]) -> Response[Any]:
    try:
        form = await read_form(request, SentForm)
    except FormRefusal as refusal:
        return form_again(request, "test/form.html", refusal)
    if form.note == "refused":
        refusal = Refusal("limit.rate", seconds=30)
        return form_again(request, "test/form.html", refusal, form=form, field="email")
    return Response(form)


@get("/needs-sign-in")
async def needs_sign_in() -> None:
    raise Refusal("auth.required")


@get("/api/v1/needs-sign-in")
async def api_needs_sign_in() -> None:
    raise Refusal("auth.required")


@get("/refuses")
async def refuses() -> None:
    raise Refusal("voucher.blocked")


@get("/fails")
async def fails() -> None:
    raise RuntimeError("the secret of the house")


def page_app(caller: Caller | None = None, public_url: str = "http://test") -> Litestar:
    """The page layer, with *caller* signed in on every address that exists."""
    for language in ("de", "en"):
        _know_test_template(language)

    async def authenticate(connection: object, database: object, now: object) -> Caller | None:
        assert (database, now) == (app.state.database, NOW)
        if "bad=" in str(getattr(connection, "headers", {}).get("cookie")):
            raise Refusal("auth.required")
        return caller

    async def sign_in(request: Request[Any, Any, Any]) -> None:
        if caller is not None and request.url.path != "/":
            request.state.caller = caller

    handlers = [show_form, send_form, needs_sign_in, api_needs_sign_in, refuses, fails]
    app = Litestar(
        [start.router, static.router, brand.router, *handlers],
        request_class=StrictRequest,
        before_request=sign_in,
        exception_handlers={Exception: to_problem},
        openapi_config=None,
        logging_config=None,
    )
    app.state.public_url = public_url
    app.state.authenticators = [authenticate]
    app.state.database = Database(create_engine("postgresql://nobody@/nowhere"))
    app.state.credentials = Credentials(Limits(app.state.database, bytes))
    app.state.caller_limit = LocalLimit(CALLER)
    app.state.clock = lambda: NOW
    app.asgi_handler = with_security_headers(
        with_head_and_options(app), secure=public_url.startswith("https:")
    )
    return app


def _know_test_template(language: Language) -> None:
    environment = pages._environment(language)
    if not isinstance(environment.loader, ChoiceLoader):
        assert environment.loader is not None
        own = DictLoader({"test/form.html": _TEMPLATE})
        environment.loader = ChoiceLoader([environment.loader, own])


@asynccontextmanager
async def browsing(app: Litestar, **headers: str) -> AsyncIterator[httpx.AsyncClient]:
    """A browser, as far as its headers go."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    accepting = {"accept": BROWSER, **headers}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test", headers=accepting
    ) as client:
        yield client


def approver() -> Caller:
    """An approver of one town, signed in with two factors."""
    grant = Grant(Role.APPROVER, town_id=TownId(new_id()))
    return Caller("person", new_id(), "Jana Beispiel", (grant,), csrf_token=CSRF_TOKEN)
