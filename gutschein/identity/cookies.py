"""The cookies of sessions.

``Secure``, ``HttpOnly``, ``SameSite=Lax``, for this host and every path of it. Lax, since a
link in a mail should find its reader signed in; what changes anything is a POST, which Lax
keeps other sites from sending, and which needs the session's token besides.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie

from gutschein.identity.site import Site

SESSION = "sitzung"

Connection = ASGIConnection[Any, Any, Any, Any]


def site_of(connection: Connection) -> Site:
    """Return the address that people know this service by."""
    site: Site = connection.app.state.site
    return site


def session_token(connection: Connection) -> str | None:
    """Return the session's token that a request carries."""
    return connection.cookies.get(site_of(connection).cookie_name(SESSION))


def session_cookie(connection: Connection, token: str, lasts: timedelta | None = None) -> Cookie:
    """Return the cookie of a session.

    :param lasts: ``None`` until the browser is closed, as on a desk that several share.
    """
    return cookie(connection, SESSION, token, lasts)


def no_session_cookie(connection: Connection) -> Cookie:
    """Return the cookie that puts the session's away."""
    return cookie(connection, SESSION, "", timedelta(0))


def cookie(connection: Connection, name: str, value: str, lasts: timedelta | None) -> Cookie:
    """Return a cookie that no script and no other site can read."""
    site = site_of(connection)
    return Cookie(
        key=site.cookie_name(name),
        value=value,
        max_age=None if lasts is None else int(lasts.total_seconds()),
        path="/",
        secure=site.is_https,
        httponly=True,
        samesite="lax",
    )
