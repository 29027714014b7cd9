"""Files as answers."""

from __future__ import annotations

from collections.abc import AsyncIterator

from litestar import Response
from litestar.response import Stream

PDF = "application/pdf"
CSV = "text/csv"
XML = "application/xml"
ZIP = "application/zip"


def file_answer(content: bytes, media_type: str, name: str) -> Response[bytes]:
    """Answer with a file that the browser saves under *name* (RFC 6266; ASCII names only).

    It may hold codes or accounts, so no cache on the way may keep it.
    """
    return Response(content, media_type=media_type, headers=_headers(name))


def stream_answer(pieces: AsyncIterator[bytes], media_type: str, name: str) -> Stream:
    """Answer as :func:`file_answer` does, with a file that is made while it is sent."""
    return Stream(pieces, media_type=media_type, headers=_headers(name))


def _headers(name: str) -> dict[str, str]:
    return {
        "content-disposition": f'attachment; filename="{name}"',
        "cache-control": "no-store",
    }
