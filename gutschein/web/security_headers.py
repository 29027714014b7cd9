"""What browsers are told to refuse, on every answer.

A handler that needs something else, as the till needs the camera, says so in a header of
its own, which stays.
"""

from __future__ import annotations

from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

#: For pages: everything from here, nothing inline (CSP Level 3). `data:` is for the icons
#: that the design system keeps in its styles.
PAGE_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
#: For everything else, which no browser has a reason to show as a document.
DATA_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def permissions(*, camera: bool) -> str:
    """Return what pages may ask a browser for, the camera or not (Permissions Policy)."""
    return ", ".join(
        (
            "camera=(self)" if camera else "camera=()",
            "geolocation=()",
            "microphone=()",
            "payment=()",
            "publickey-credentials-create=(self)",
            "publickey-credentials-get=(self)",
            "usb=()",
        )
    )


_ALWAYS = {
    "x-content-type-options": "nosniff",
    # Addresses of ours may hold what others must not see; `no-referrer` would also hide
    # from us where a form was sent from.
    "referrer-policy": "same-origin",
    "permissions-policy": permissions(camera=False),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    # What may be kept says so itself.
    "cache-control": "no-store",
}
#: Two years, as browsers ask of hosts that they are to know beforehand (RFC 6797).
_TRANSPORT = "max-age=63072000; includeSubDomains"


def _as_sent(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()]


def headers_of_data(*, secure: bool) -> list[tuple[bytes, bytes]]:
    """Return what every answer carries that is no page."""
    return _as_sent(_always(secure=secure) | {"content-security-policy": DATA_POLICY})


def _always(*, secure: bool) -> dict[str, str]:
    return _ALWAYS | ({"strict-transport-security": _TRANSPORT} if secure else {})


def with_security_headers(inner: ASGIApp, *, secure: bool) -> ASGIApp:
    """Wrap *inner*, so that every answer carries the headers that it has not set itself.

    :param secure: whether people reach the service by HTTPS.
    """
    for_data = headers_of_data(secure=secure)
    for_pages = _as_sent(_always(secure=secure) | {"content-security-policy": PAGE_POLICY})

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await inner(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = dict(message["headers"])
                media_type = said.get(b"content-type", b"")
                if media_type.endswith((b"/xml", b"+xml")):
                    headers = MutableScopeHeaders.from_message(message)
                    headers["content-type"] = f"{media_type.decode('latin-1')}; charset=utf-8"
                ours = for_pages if media_type.startswith(b"text/html") else for_data
                message["headers"] = [
                    *message["headers"],
                    *(each for each in ours if each[0] not in said),
                ]
            await send(message)

        await inner(scope, receive, send_guarded)

    return wrapped
