"""Files as answers."""

from __future__ import annotations

from litestar import Response

PDF = "application/pdf"
CSV = "text/csv"
XML = "application/xml"


def file_answer(content: bytes, media_type: str, name: str) -> Response[bytes]:
    """Answer with a file that the browser saves under *name* (RFC 6266; ASCII names only).

    It may hold codes or accounts, so no cache on the way may keep it.
    """
    return Response(
        content,
        media_type=media_type,
        headers={
            "content-disposition": f'attachment; filename="{name}"',
            "cache-control": "no-store",
        },
    )
