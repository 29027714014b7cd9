"""What the technical log tells of refusals: who tried what (OWASP ASVS 5.0, V16.3).

Of somebody known, every refusal: who holds a credential is answered for. Of somebody unknown,
only those that a stranger does not run into: a credential, a signature or a form that is not
genuine. Too many tries are told of once, by :mod:`gutschein.limits.counting`, so that a flood
of requests does not become a flood of lines.
"""

from __future__ import annotations

import logging
from typing import Any

from litestar.connection import ASGIConnection

from gutschein.kernel.errors import Refusal
from gutschein.watch.metrics import count_refusal
from gutschein.web.caller import Caller

_log = logging.getLogger(__name__)

#: What no honest caller is refused with, but by mistake.
SUSPICIOUS = frozenset(
    {
        "approval.own_rights",
        "approval.same_person",
        "device.locked",
        "device.replayed",
        "device.signature",
        "device.unknown",
        "right.missing",
        "session.csrf",
        "session.ended",
        "session.origin",
    }
)


def log_refusal(connection: ASGIConnection[Any, Any, Any, Any], refusal: Refusal) -> None:
    """Count a refusal, and note it.

    The line has its code, whom, and the route; no secret, name, address or content.
    """
    count_refusal(refusal.code)
    caller: Caller | None = connection.state.get("caller")
    suspicious = refusal.code in SUSPICIOUS
    if caller is None and refusal.code == "auth.required":
        suspicious = "authorization" in connection.headers
    if refusal.code == "limit.rate" or (caller is None and not suspicious):
        return
    _log.log(
        logging.WARNING if suspicious else logging.INFO,
        "refused %s: %s at %s %s",
        refusal.code,
        "somebody unknown" if caller is None else f"{caller.kind} {caller.id}",
        connection.scope.get("method"),
        connection.scope.get("path_template", "an address that there is not"),
    )
