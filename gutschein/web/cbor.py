"""CBOR (RFC 8949) beside JSON, for callers that send a great deal: the same types, fewer bytes.

Ids may be text or the byte strings of tag 37.
"""

from __future__ import annotations

from typing import Any

import cbor2
import msgspec
from litestar import Request, Response

MEDIA_TYPE = "application/cbor"
#: What a handler says in ``opt`` that also takes and gives CBOR.
ALSO_CBOR = "also_cbor"


def sends_cbor(request: Request[Any, Any, Any]) -> bool:
    """Tell whether the body of a request is CBOR that its handler takes."""
    content_type = request.headers.get("content-type", "").partition(";")[0]
    is_cbor = content_type.strip().lower() == MEDIA_TYPE
    return is_cbor and bool(request.route_handler.opt.get(ALSO_CBOR))


def answer_in_kind(request: Request[Any, Any, Any], answer: msgspec.Struct) -> Response[Any]:
    """Answer in CBOR who accepts it, everybody else in JSON."""
    if MEDIA_TYPE not in request.headers.get("accept", "").lower():
        return Response(answer, headers={"vary": "Accept"})
    content = cbor2.dumps(msgspec.to_builtins(answer))
    return Response(content, media_type=MEDIA_TYPE, headers={"vary": "Accept"})
