"""The towns' public keys, for every till that wants to know a genuine voucher."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from litestar import Request, Response, Router, get
from litestar.openapi.datastructures import ResponseSpec

from gutschein.db.access import CLEARING
from gutschein.signing.key_trust import published_keys
from gutschein.signing.keyset_forms import to_cose_key_set, to_jwk_set
from gutschein.signing.schemas import JwkSet
from gutschein.web.guard import PUBLIC
from gutschein.web.providers import Db

JWK_SET = "application/jwk-set+json"
COSE_KEY_SET = "application/cose-key-set"

#: A till asks again after an hour, and at once when it meets a ``kid`` it does not know.
_FRESH_SECONDS = 3_600

_UNCHANGED = {304: ResponseSpec(None, description="The keys are those that the caller has.")}
_AS_JWK_SET = {
    200: ResponseSpec(
        JwkSet, generate_examples=False, media_type=JWK_SET, description="The keys of all towns."
    )
}


@get("/keys.json", media_type=JWK_SET, responses=_AS_JWK_SET | _UNCHANGED)
async def get_jwk_set(database: Db, request: Request[Any, Any, Any]) -> Response[bytes]:
    """Return the keys of all towns as a JWK Set (RFC 7517)."""
    async with database.acting(CLEARING).reading() as work:
        keys = await published_keys(work)
    return _answer(request, json.dumps(to_jwk_set(keys)).encode(), JWK_SET)


@get("/keys.cbor", media_type=COSE_KEY_SET, responses=_UNCHANGED)
async def get_cose_key_set(database: Db, request: Request[Any, Any, Any]) -> Response[bytes]:
    """Return the keys of all towns as a COSE_KeySet (RFC 9052, section 7)."""
    async with database.acting(CLEARING).reading() as work:
        keys = await published_keys(work)
    return _answer(request, to_cose_key_set(keys), COSE_KEY_SET)


def _answer(request: Request[Any, Any, Any], content: bytes, media_type: str) -> Response[bytes]:
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"etag": etag, "cache-control": f"public, max-age={_FRESH_SECONDS}"}
    known = request.headers.get("if-none-match", "")
    if {"*", etag} & {tag.strip().removeprefix("W/") for tag in known.split(",")}:
        return Response(b"", status_code=304, media_type=media_type, headers=headers)
    return Response(content, media_type=media_type, headers=headers)


router = Router(
    "/.well-known/gutschein",
    route_handlers=[get_jwk_set, get_cose_key_set],
    tags=["Keys"],
    opt=dict(PUBLIC),
)
