"""Who may come in: callers with the right that a route declares.

A route names its right (``opt=needs(Right.…)``) or is public (``opt=dict(PUBLIC)``); one
that says neither lets nobody in. The guard finds out who calls, looks the right up in the
one table, and from there on the request sees the rows of that scope and no others.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import parse_qs
from uuid import UUID

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from gutschein.db.access import CLEARING, IDENTITY, NOTHING, Access
from gutschein.db.unit_of_work import Database
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import MerchantId, RegionId, TownId
from gutschein.web.caller import Caller
from gutschein.web.request_limits import limited
from gutschein.web.rights import OF_TOWN, RIGHTS, SIGNS_IN_WITH_REQUEST, Right, Scope
from gutschein.web.uploads import is_upload, parts_of

_HANDED_OVER = "gutschein.handed_over"

#: What a route that needs no right is marked with.
PUBLIC = {"public": True}

CSRF_HEADER = "x-csrf-token"
CSRF_FIELD = "csrf_token"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_FORM = "application/x-www-form-urlencoded"

Connection = ASGIConnection[Any, Any, Any, Any]
ScopeOfRequest = Any
TownsOf = Callable[[Database, RegionId], Awaitable[frozenset[TownId]]]


class Authenticator(Protocol):
    """Finds out who calls by one kind of credential."""

    async def __call__(
        self, connection: Connection, database: Database, now: datetime
    ) -> Caller | None:
        """Return the caller, or ``None`` when the request carries no such credential.

        :raises Refusal: when it carries a bad one.
        """


@dataclass(slots=True)
class HandedOver:
    """What a short way before the web framework has found out of a request that it refuses.

    :param caller: as far as it is known who calls.
    """

    caller: Caller | None = None
    error: Exception | None = None

    def to(self, scope: ScopeOfRequest) -> None:
        """Let the guard refuse the request for the same reason."""
        scope[_HANDED_OVER] = self

    @staticmethod
    def refuse(connection: Connection) -> None:
        """Raise what was handed over with a request, if anything was."""
        known = connection.scope.get(_HANDED_OVER)
        if isinstance(known, HandedOver) and known.error is not None:
            if known.caller is not None:
                connection.state.caller = known.caller
            raise known.error


async def require_right(connection: Connection, handler: BaseRouteHandler) -> None:
    """Let in who has the right of the route.

    :raises Refusal: ``auth.required`` for nobody, ``right.missing`` for somebody else,
        whether or not what they ask for exists, ``session.csrf``.
    """
    HandedOver.refuse(connection)
    # What methods an address has is in the API's description.
    if handler.opt.get("public") or _method(connection) == "OPTIONS":
        connection.state.access = NOTHING
        return
    right: Right = handler.opt["right"]
    caller = await authenticated(connection)
    if caller is None:
        raise Refusal("auth.required")
    connection.state.caller = caller
    if caller.kind == "person" and _method(connection) not in _SAFE:
        await _check_csrf(connection, caller)
    connection.state.access = await _access(connection, caller, right)


async def authenticated(connection: Connection) -> Caller | None:
    """Return who calls, by the first kind of credential that the request carries.

    :raises Refusal: ``limit.rate``, and whatever is wrong with that credential.
    """
    state = connection.app.state
    authenticators: Sequence[Authenticator] = (
        state.swift_authenticators
        if connection.route_handler.opt.get(SIGNS_IN_WITH_REQUEST)
        else state.authenticators
    )
    now: datetime = state.clock()

    async def authenticate() -> Caller | None:
        for find in authenticators:
            caller = await find(connection, state.database, now)
            if caller is not None:
                return caller
        return None

    return await limited(connection, authenticate, now)


async def _access(connection: Connection, caller: Caller, right: Right) -> Access:
    """Return what the request may touch, once the caller is known to have the right."""
    rule, grants = RIGHTS[right], caller.holding(right)
    if rule.scope is Scope.SELF:
        _require(caller.kind == "person" and bool(grants or not rule.roles))
        return IDENTITY
    if rule.scope is Scope.TILL:
        _require(bool(grants))
        return CLEARING
    if rule.scope is Scope.REGION:
        region_id = RegionId(_path_id(connection, "region_id"))
        _require(any(grant.region_id == region_id for grant in grants))
        towns_of: TownsOf = connection.app.state.towns_of
        return Access.operator(await towns_of(connection.app.state.database, region_id))
    town_id = TownId(_path_id(connection, "town_id"))
    here = [grant for grant in grants if grant.town_id == town_id]
    if rule.scope is Scope.MERCHANT:
        merchant_id = MerchantId(_path_id(connection, "merchant_id"))
        here = [each for each in here if each.role in OF_TOWN or each.merchant_id == merchant_id]
    _require(bool(here))
    return Access.town(town_id)


def _require(allowed: bool) -> None:  # noqa: FBT001 - reads as a sentence
    if not allowed:
        raise Refusal("right.missing")


def _method(connection: Connection) -> str:
    return connection.method if isinstance(connection, Request) else ""


def _path_id(connection: Connection, name: str) -> UUID:
    value: UUID = connection.path_params[name]
    return value


async def _check_csrf(connection: Connection, caller: Caller) -> None:
    """Ask for proof that one of our own pages sent a request that carries a session.

    The browser's word (Fetch Metadata) and a token of the session that other sites cannot
    read: in a header, or in a field of the form.

    :raises Refusal: ``session.csrf``.
    """
    site = connection.headers.get("sec-fetch-site", "same-origin")
    sent = connection.headers.get(CSRF_HEADER) or await _form_token(connection)
    known = hmac.compare_digest(sent.encode("utf-8", "replace"), caller.csrf_token.encode("ascii"))
    if not known or site not in {"same-origin", "none"}:
        raise Refusal("session.csrf")


async def _form_token(connection: Connection) -> str:
    content_type = connection.headers.get("content-type", "")
    if not isinstance(connection, Request):
        return ""
    if is_upload(content_type):
        with suppress(Refusal):
            parts = parts_of(await connection.body(), content_type)
            return parts.get(CSRF_FIELD, b"").decode("utf-8", "replace")
    if content_type.partition(";")[0].strip().lower() != _FORM:
        return ""
    fields = parse_qs((await connection.body()).decode("utf-8", "replace"))
    return fields.get(CSRF_FIELD, [""])[0]
