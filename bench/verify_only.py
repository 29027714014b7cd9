"""The floors of HTTP: the same address, answering once the token's signature is checked.

It is the service itself with another handler under that address: Granian, the same strict
reading into the same type, the same check of the same token, an answer in JSON, but nobody is
signed in, and no database is asked. There are two of them:

- :func:`wired`: the request travels through the web framework, as most requests of the
  service do. That is what the ratios are of: a floor that stays where it is whatever the
  service finds to spare.
- :func:`wired_short`: it takes the short way of redemptions past the framework.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from litestar import Litestar, Router, post
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.params import JSONBody

from gutschein import app as service
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId
from gutschein.redemption.express import Authenticate, Express
from gutschein.redemption.schemas import NewRedemption
from gutschein.signing.keyset import KeySet, PublicKey
from gutschein.signing.token import token_from_scan, verify_token
from gutschein.web import health
from gutschein.web.body import read_json
from gutschein.web.fields import Id
from gutschein.web.guard import PUBLIC, HandedOver
from gutschein.web.plain_request import PlainRequest
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
    return _verified(data, verifying, now)


def _verified(data: NewRedemption, keys: KeySet, now: datetime) -> Verified:
    if data.token is None:
        raise Refusal("token.unreadable")
    verified = verify_token(token_from_scan(data.token), keys, now)
    return Verified(id=data.id, issuing_town_id=verified.town_id, amount_cents=data.amount_cents)


class _ShortWay(Express):
    """The short way, which ends once the signature is checked."""

    def _authenticator(self, headers: dict[bytes, bytes]) -> Authenticate:  # noqa: ARG002
        return _nobody

    async def _redeemed(
        self,
        request: PlainRequest,
        find: Authenticate,  # noqa: ARG002 - as the service is called
        handed_over: HandedOver,  # noqa: ARG002
    ) -> Any:
        state = self._app.state
        data: NewRedemption = read_json(request.content, NewRedemption)
        return _verified(data, state.verifying, state.clock())


async def _nobody(*_: Any) -> None:
    return None


def _verifying(state: State) -> KeySet:
    keys: KeySet = state.verifying
    return keys


def wired(make: Callable[[], Litestar]) -> Litestar:
    """Wire the service with this one route and those of its health; see :mod:`bench.aimed`."""
    setattr(service, "Express", lambda inner, *_: inner)  # noqa: B010 - there is no short way
    return _wired(make)


def wired_short(make: Callable[[], Litestar]) -> Litestar:
    """Wire the same, with the short way before it."""
    setattr(service, "Express", _ShortWay)  # noqa: B010 - mypy would have the one class
    return _wired(make)


def _wired(make: Callable[[], Litestar]) -> Litestar:
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
