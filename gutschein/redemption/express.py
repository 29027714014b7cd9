"""The short way of a single redemption, past the web framework.

The framework's own part of a small request costs more than the two signatures that it
carries. So what is sent most, and has an ordinary form, is answered here: the same checks in
the same order by the same code as on the long way, and the same bytes. Everything else goes
the long way (:func:`gutschein.redemption.api.redeem_voucher`), and so does every refusal,
which is told there.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial

import msgspec
from litestar import Litestar
from litestar.types import ASGIApp, Receive, Scope, Send

from gutschein.devices.till_credentials import TillCredentials
from gutschein.kernel.errors import Refusal
from gutschein.redemption.at_the_till import AtTheTill, item_of
from gutschein.redemption.order import Sale
from gutschein.redemption.schemas import NewRedemption, RedemptionDone
from gutschein.web.body import read_json
from gutschein.web.caller import Caller
from gutschein.web.deadlines import Deadlines
from gutschein.web.guard import HandedOver
from gutschein.web.plain_request import (
    PlainHeaders,
    PlainRequest,
    answer,
    plain_headers,
    short_body,
    turn_away,
)
from gutschein.web.request_limits import limited
from gutschein.web.rights import Right

PATH = "/api/v1/redemptions"

#: Finds out who calls, from a request, the database and the instant.
Authenticate = Callable[..., Awaitable[Caller | None]]

_encode = msgspec.json.Encoder().encode


class Express:
    """Answers single redemptions, and hands everything else to *inner*.

    :param inner: the long way.
    :param headers: what every answer carries besides its content.
    :param seconds: that a body may take to arrive.
    """

    def __init__(
        self,
        inner: ASGIApp,
        app: Litestar,
        tills: TillCredentials,
        headers: list[tuple[bytes, bytes]],
        seconds: int,
    ) -> None:
        self._inner = inner
        self._app = app
        self._tills = tills
        self._headers = headers
        self._deadlines = Deadlines(seconds)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        ours = scope.get("path") == PATH and scope.get("method") == "POST"
        headers = plain_headers(scope) if ours and not self._stale() else None
        find = None if headers is None else self._authenticator(headers)
        if headers is None or find is None:
            await self._inner(scope, receive, send)
            return
        scope["path_template"] = PATH
        if self._app.state.clearing.is_full:
            await turn_away(scope, headers, self._headers, send)
            return
        handed_over = HandedOver()
        try:
            body = await short_body(receive, self._deadlines)
            request = PlainRequest(self._app, scope, PlainHeaders(headers), body)
            done = await self._redeemed(request, find, handed_over)
        except Exception as error:  # noqa: BLE001 - told on the long way
            handed_over.error = error
            handed_over.to(scope)
            await self._inner(scope, receive, send)
            return
        await answer(_encode(done), self._headers, send)

    def _stale(self) -> bool:
        stale: bool = self._app.state.schema.has_changed
        return stale

    def _authenticator(self, headers: dict[bytes, bytes]) -> Authenticate | None:
        """Return what finds out who calls; ``None`` for what is sent by nobody or by two."""
        if b"signature" in headers:
            return None if b"authorization" in headers else self._tills.device
        return self._tills.api_key if b"authorization" in headers else None

    async def _redeemed(
        self, request: PlainRequest, find: Authenticate, handed_over: HandedOver
    ) -> RedemptionDone:
        state = self._app.state
        now: datetime = state.clock()
        caller = await limited(request, partial(find, request, state.database, now), now)
        if caller is None:
            raise Refusal("auth.required")
        handed_over.caller = caller
        if not caller.holding(Right.TILL_REDEEM):
            raise Refusal("right.missing")
        data: NewRedemption = read_json(request.content, NewRedemption)
        till = AtTheTill(request, caller, now)
        [done] = await till.redeem(Sale(data.shop, [item_of(data)]))
        return RedemptionDone.of(done)
