"""The floor of HTTP: the same route, answering once the token's signature is checked.

It is the service itself with another handler under that address. The request travels the
way of a redemption (Granian, the ASGI wrappers, Litestar with its middleware and guard, the
same strict reading into the same type, the same check of the same token, an answer in
JSON), but nobody is signed in, and no database is asked.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from litestar import Litestar, Router, post
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.params import JSONBody

from gutschein import app as service
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId
from gutschein.redemption.schemas import NewRedemption
from gutschein.signing.keyset import KeySet, PublicKey
from gutschein.signing.token import token_from_scan, verify_token
from gutschein.web import health
from gutschein.web.fields import Id
from gutschein.web.guard import PUBLIC
from gutschein.web.providers import Now

#: Names the file that :func:`write_keys` has written.
KEYS_VARIABLE = "BENCH_KEYS"

Verifying = NamedDependency[KeySet]


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """That a voucher is genuine."""

    id: Id
    issuing_town_id: Id
    amount_cents: int


class _StoredKey(msgspec.Struct, frozen=True):
    kid: bytes
    public: bytes
    not_before: int
    not_after: int
    town_id: Id


def write_keys(path: Path, keys: Iterable[PublicKey]) -> None:
    """Write the public keys that tokens are to be verified with."""
    stored = [
        _StoredKey(
            key.kid,
            key.public,
            int(key.not_before.timestamp()),
            int(key.not_after.timestamp()),
            key.town_id,
        )
        for key in keys
    ]
    path.write_bytes(msgspec.json.encode(stored))


def _read_keys(path: Path) -> KeySet:
    stored = msgspec.json.decode(path.read_bytes(), type=list[_StoredKey])
    return KeySet(
        PublicKey(
            each.kid,
            each.public,
            datetime.fromtimestamp(each.not_before, UTC),
            datetime.fromtimestamp(each.not_after, UTC),
            TownId(each.town_id),
        )
        for each in stored
    )


@post("/redemptions", status_code=200)
async def verify(data: JSONBody[NewRedemption], *, now: Now, verifying: Verifying) -> Verified:
    """Answer once the signature is checked."""
    if data.token is None:
        raise Refusal("token.unreadable")
    verified = verify_token(token_from_scan(data.token), verifying, now)
    return Verified(id=data.id, issuing_town_id=verified.town_id, amount_cents=data.amount_cents)


def _verifying(state: State) -> KeySet:
    keys: KeySet = state.verifying
    return keys


def wired(make: Callable[[], Litestar]) -> Litestar:
    """Wire the service with this one route and those of its health; see :mod:`bench.aimed`."""
    router = Router(
        "/api/v1",
        route_handlers=[verify],
        dependencies={"verifying": Provide(_verifying, sync_to_thread=False)},
        tags=["Redemption"],
        opt=dict(PUBLIC),
    )
    service.ROUTERS = (router, health.router)  # type: ignore[assignment]
    app = make()
    app.state.verifying = _read_keys(Path(os.environ[KEYS_VARIABLE]))
    return app
