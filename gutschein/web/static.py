"""Scripts, styles and fonts, as the build has left them in ``gutschein/web/static``.

The names of most carry a hash of their content, so browsers keep them for ever. All are
read once, when the service starts: what is not in the folder then is not served.
"""

from __future__ import annotations

import gzip
import hashlib
from base64 import b64encode
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import msgspec
from litestar import Request, Response, Router, get
from litestar.params import FromPath
from markupsafe import Markup

from gutschein.kernel.errors import Refusal
from gutschein.web.guard import PUBLIC

FOLDER = Path(__file__).parent / "static"
MANIFEST = FOLDER / ".vite" / "manifest.json"
STATIC_PATH = "/static"
STYLES = "src/site.css"

_FOR_EVER = "public, max-age=31536000, immutable"
_FOR_A_DAY = "public, max-age=86400"
_MEDIA_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".wasm": "application/wasm",
    ".woff2": "font/woff2",
}
_COMPRESSED_ALREADY = {".png", ".woff2"}


class StaticFile(msgspec.Struct, frozen=True):
    """One file of the build, in memory."""

    content: bytes
    gzipped: bytes | None
    media_type: str
    etag: str
    integrity: str


class _Built(msgspec.Struct, frozen=True, rename="camel"):
    """What Vite's manifest says of one source file."""

    file: str
    imports: list[str] = []
    dynamic_imports: list[str] = []
    assets: list[str] = []


class NotBuilt(Exception):
    """The front end has not been built."""

    def __init__(self) -> None:
        super().__init__(f"{MANIFEST} is missing: make set-up builds it")


@cache
def files() -> dict[str, StaticFile]:
    """Return every file of the build by its path below ``/static``.

    :raises NotBuilt: when there is none.
    """
    if not MANIFEST.is_file():
        raise NotBuilt
    return {
        str(path.relative_to(FOLDER)): _read(path)
        for path in sorted(FOLDER.rglob("*"))
        if path.suffix in _MEDIA_TYPES and MANIFEST.parent not in path.parents
    }


@cache
def stylesheet(source: str = STYLES) -> Markup:
    """Return the element that includes styles: those of every page, unless told."""
    href, integrity = _built_from(source)
    return Markup(f'<link rel="stylesheet" href="{href}" integrity="{integrity}">')  # noqa: S704 - of the build


@cache
def script(name: str) -> Markup:
    """Return the elements that include ``merchant_app/src/pages/<name>.ts`` on a page.

    :raises KeyError: when there is no such script.
    """
    elements = []
    source = f"src/pages/{name}.ts"
    for imported in _manifest()[source].imports:
        href, integrity = _built_from(imported)
        elements.append(f'<link rel="modulepreload" href="{href}" integrity="{integrity}">')
    src, integrity = _built_from(source)
    elements.append(f'<script type="module" src="{src}" integrity="{integrity}"></script>')
    return Markup("".join(elements))  # noqa: S704 - of the build


def paths_of(source: str) -> list[str]:
    """Return where a source file and all that it may load are served, WebAssembly apart: a
    browser that needs it fetches it then.
    """
    found: dict[str, None] = {}
    waiting = [source]
    while waiting:
        built = _manifest()[waiting.pop()]
        if built.file in found:
            continue
        found[built.file] = None
        found |= {each: None for each in built.assets if not each.endswith(".wasm")}
        waiting += [*built.imports, *built.dynamic_imports]
    return [f"{STATIC_PATH}/{each}" for each in found]


def content_of(source: str) -> bytes:
    """Return what a source file was built into."""
    return files()[_manifest()[source].file].content


@cache
def _manifest() -> dict[str, _Built]:
    files()
    return msgspec.json.decode(MANIFEST.read_bytes(), type=dict[str, _Built])


def _built_from(source: str) -> tuple[str, str]:
    built = _manifest()[source].file
    return f"{STATIC_PATH}/{escape(built)}", files()[built].integrity


def _read(path: Path) -> StaticFile:
    content = path.read_bytes()
    return StaticFile(
        content=content,
        gzipped=None if path.suffix in _COMPRESSED_ALREADY else gzip.compress(content, mtime=0),
        media_type=_MEDIA_TYPES[path.suffix],
        etag=f'"{hashlib.sha256(content).hexdigest()[:32]}"',
        integrity=f"sha384-{b64encode(hashlib.sha384(content).digest()).decode('ascii')}",
    )


def _answer(request: Request[Any, Any, Any], name: str, cached: str) -> Response[bytes]:
    file = files().get(name)
    if file is None:
        raise Refusal("request.not_found")
    headers = {"etag": file.etag, "cache-control": cached}
    if file.gzipped is not None:
        headers["vary"] = "Accept-Encoding"
    if request.headers.get("if-none-match") == file.etag:
        return Response(b"", status_code=304, headers=headers)
    content = file.content
    if file.gzipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
        content = file.gzipped
        headers["content-encoding"] = "gzip"
    return Response(content, media_type=file.media_type, headers=headers)


@get(f"{STATIC_PATH}/{{name:path}}")
async def get_static_file(name: FromPath[Path], request: Request[Any, Any, Any]) -> Response[bytes]:
    """Return a file whose name changes with its content."""
    return _answer(request, name.as_posix().lstrip("/"), _FOR_EVER)


@get("/favicon.svg")
async def get_favicon(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Return the sign in the browser's tab."""
    return _answer(request, "favicon.svg", _FOR_A_DAY)


@get("/robots.txt")
async def get_robots(request: Request[Any, Any, Any]) -> Response[str]:
    """Tell search engines what is for them: the start page and the pages of towns, not what
    the service keeps at addresses of its own (RFC 9309).
    """
    parts = {route.path.split("/")[1] for route in request.app.routes}
    own = sorted(part for part in parts if part and "{" not in part and "." not in part)
    closed = [f"Disallow: /{part}{end}" for part in own for end in ("$", "/")]
    site = f"Sitemap: {request.app.state.public_url}/sitemap.xml"
    lines = ["User-agent: *", *closed, f"Allow: {STATIC_PATH}/", "Allow: /farbe/", "", site, ""]
    return Response(
        "\n".join(lines), media_type="text/plain", headers={"cache-control": _FOR_A_DAY}
    )


router = Router(
    "/",
    route_handlers=[get_static_file, get_favicon, get_robots],
    include_in_schema=False,
    opt=dict(PUBLIC),
)
