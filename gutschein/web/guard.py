"""Who may come in: callers that know the one token of the API.

Every route asks for it unless it says ``opt={"public": True}``.
"""

from __future__ import annotations

import hmac
from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from gutschein.kernel.errors import Refusal

#: What a route that needs no token is marked with.
PUBLIC = {"public": True}


def require_token(
    connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
) -> None:
    """Let in who sends the API token as bearer token (RFC 6750, section 2.1).

    :raises Refusal: ``auth.required``.
    """
    if handler.opt.get("public"):
        return
    scheme, _, sent = connection.headers.get("authorization", "").partition(" ")
    token: str = connection.app.state.api_token
    # Compared as bytes, in constant time; headers are read as Latin-1.
    known = hmac.compare_digest(sent.strip().encode("latin-1", "replace"), token.encode("ascii"))
    if scheme.lower() != "bearer" or not known:
        raise Refusal("auth.required")
