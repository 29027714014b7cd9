"""Files that a form brings: ``multipart/form-data`` (RFC 7578), kept in memory and nowhere else."""

from __future__ import annotations

import re

from gutschein.kernel.errors import Refusal

MEDIA_TYPE = "multipart/form-data"

#: A form has a few fields and one file.
_MOST_PARTS = 20

_BOUNDARY = re.compile(r';\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))', re.IGNORECASE)
_NAME = re.compile(rb'^content-disposition:\s*form-data;(?:.*;)?\s*name="([^"]*)"', re.I | re.M)


def is_upload(content_type: str) -> bool:
    """Tell whether a header field announces such a form."""
    return content_type.partition(";")[0].strip().lower() == MEDIA_TYPE


def parts_of(body: bytes, content_type: str) -> dict[str, bytes]:
    """Return what a form's fields hold, by name; of two of one name the first.

    :raises Refusal: ``form.unreadable``.
    """
    boundary = _BOUNDARY.search(content_type)
    if not is_upload(content_type) or boundary is None:
        raise Refusal("form.unreadable")
    delimiter = f"\r\n--{boundary[1] or boundary[2]}".encode("latin-1")
    _before, *pieces = (b"\r\n" + body).split(delimiter, _MOST_PARTS + 1)
    if not pieces or len(pieces) > _MOST_PARTS or not pieces[-1].startswith(b"--"):
        raise Refusal("form.unreadable")
    parts: dict[str, bytes] = {}
    for piece in pieces[:-1]:
        head, blank, content = piece.partition(b"\r\n\r\n")
        name = _NAME.search(head)
        if not blank or name is None:
            raise Refusal("form.unreadable")
        parts.setdefault(name[1].decode("utf-8", "replace"), content)
    return parts
