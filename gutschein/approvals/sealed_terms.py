"""Terms as they stand in the database: sealed, together with what is shown of them.

Whoever can write to the database can neither read the terms, nor put other ones in their
place, nor show the second person other words than those that belong to them.
"""

from __future__ import annotations

from uuid import UUID

import msgspec
from msgspec import Struct

from gutschein.approvals.kinds import Kind, T
from gutschein.approvals.rules import Request
from gutschein.kernel.errors import Refusal
from gutschein.signing.sealing import BrokenSeal, DataKey, place


class _Content(Struct, frozen=True):
    kind: str
    person_id: UUID | None
    requested_by: UUID
    summary: str
    reason: str
    terms: msgspec.Raw


def seal_terms(key: DataKey, request: Request, terms: Struct) -> bytes:
    """Seal the terms of *request* and its words, for its row alone."""
    content = _content(request, msgspec.Raw(msgspec.json.encode(terms)))
    return key.seal(msgspec.json.encode(content).decode(), _place(request))


def open_terms(key: DataKey, request: Request, kind: Kind[T]) -> T:
    """Return the terms of *request*.

    :raises Refusal: ``approval.changed`` when the row is not as it was written.
    """
    try:
        sealed = key.unseal(request.sealed_terms, _place(request))
    except BrokenSeal as error:
        raise Refusal("approval.changed") from error
    content = msgspec.json.decode(sealed, type=_Content)
    if content != _content(request, content.terms):
        raise Refusal("approval.changed")
    return msgspec.json.decode(content.terms, type=kind.terms)


def _content(request: Request, terms: msgspec.Raw) -> _Content:
    return _Content(
        request.kind,
        request.person_id,
        request.requested_by,
        request.summary,
        request.reason,
        terms,
    )


def _place(request: Request) -> bytes:
    return place("approval_request", "sealed_terms", request.id)
