"""The till: one page, the worker that keeps it on the device, and what makes it installable.

All of it is the same for every device and holds nothing of anybody: what a till shows it asks
for itself, signed.
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any

import msgspec
from litestar import Request, Response, Router, get

from gutschein.web import static
from gutschein.web.guard import PUBLIC
from gutschein.web.pages import page
from gutschein.web.security_headers import PAGE_POLICY, permissions

TILL_PATH = "/kasse"
WORKER_PATH = f"{TILL_PATH}/worker.js"
MANIFEST_PATH = f"{TILL_PATH}/app.webmanifest"
STYLES = "src/till/till.css"
WORKER = "src/till/worker.ts"

#: The reader of QR codes is WebAssembly where browsers have none of their own, and the worker
#: is the one script whose address a script says (Trusted Types).
TILL_POLICY = (
    PAGE_POLICY.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'").replace(
        "trusted-types 'none'", "trusted-types till"
    )
    + "; worker-src 'self'; media-src 'self'"
)
#: A worker asks for the till's files, and hands on what the till asks for.
WORKER_POLICY = "default-src 'none'; connect-src 'self'; script-src 'self'"

_MANIFEST = {
    "id": TILL_PATH,
    "name": "Kasse Stadtgutschein",
    "short_name": "Kasse",
    "description": "Stadtgutscheine scannen und einlösen",
    "lang": "de",
    "start_url": TILL_PATH,
    "scope": TILL_PATH,
    "display": "standalone",
    "orientation": "portrait",
    "background_color": "#ffffff",
    "theme_color": "#13152b",
    "icons": [
        {"src": "/static/till-192.png", "sizes": "192x192", "type": "image/png"},
        {"src": "/static/till-512.png", "sizes": "512x512", "type": "image/png"},
        {
            "src": "/static/till-maskable-512.png",
            "sizes": "512x512",
            "type": "image/png",
            "purpose": "maskable",
        },
    ],
}


@get(TILL_PATH)
async def show_till(request: Request[Any, Any, Any]) -> Response[str]:
    """Return the page that the till runs in."""
    shown = page(request, "web/till.html", styles=static.stylesheet(STYLES))
    shown.headers["content-security-policy"] = TILL_POLICY
    shown.headers["permissions-policy"] = permissions(camera=True)
    return shown


@get(WORKER_PATH)
async def get_worker() -> Response[bytes]:
    """Return the till's service worker, which knows what this version consists of."""
    return Response(
        _worker(),
        media_type="text/javascript",
        headers={
            "cache-control": "no-cache",
            "content-security-policy": WORKER_POLICY,
            "service-worker-allowed": TILL_PATH,
        },
    )


@get(MANIFEST_PATH)
async def get_manifest() -> Response[bytes]:
    """Return what a browser needs to know to install the till (Web Application Manifest)."""
    return Response(
        msgspec.json.encode(_MANIFEST),
        media_type="application/manifest+json",
        headers={"cache-control": "public, max-age=3600"},
    )


@cache
def _worker() -> bytes:
    """Return the worker's script, behind the names of the files of this version."""
    files = [
        *static.paths_of(static.STYLES),
        *static.paths_of(STYLES),
        *static.paths_of("src/pages/till.ts"),
    ]
    script = static.content_of(WORKER)
    version = hashlib.sha256(msgspec.json.encode(files) + script).hexdigest()[:16]
    till = {"page": TILL_PATH, "files": files, "version": version}
    return b"const TILL = " + msgspec.json.encode(till) + b";\n" + script


router = Router(
    "/",
    route_handlers=[show_till, get_worker, get_manifest],
    include_in_schema=False,
    opt=dict(PUBLIC),
)
