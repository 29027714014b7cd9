"""What the pages of signing in read from a request, and leave in the browser."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response
from litestar.di import NamedDependency, Provide
from litestar.response import Redirect

from gutschein.db.access import IDENTITY
from gutschein.identity import known_browsers
from gutschein.identity.authenticator import current_session
from gutschein.identity.cookies import (
    Connection,
    cookie,
    no_session_cookie,
    session_cookie,
    session_token,
    site_of,
)
from gutschein.identity.known_browsers import Browser, cookie_value, knows, remembering
from gutschein.identity.rules import SHOP
from gutschein.identity.sessions import Session, browser_name, end_session, find_session
from gutschein.identity.sign_in import Doorkeeper
from gutschein.identity.throttle import Origin
from gutschein.kernel.errors import Refusal
from gutschein.limits.client import client_address
from gutschein.signing.service_keys import ServiceKeys
from gutschein.web.language import language_cookie, remembered_language
from gutschein.web.local_path import is_local
from gutschein.web.navigation import is_routed
from gutschein.web.pages import see_other
from gutschein.web.providers import Counters, Db, Now

AnyRequest = Request[Any, Any, Any]
Door = NamedDependency[Doorkeeper]
Own = NamedDependency[Session]

_FIRST_PAGES = ("/uebersicht", "/konto")


def _door(
    database: Db, limits: Counters, keys: NamedDependency[ServiceKeys], now: Now
) -> Doorkeeper:
    return Doorkeeper(database, limits, keys, now)


async def _session(request: AnyRequest, door: Door) -> Session:
    """Return the session that the guard has let in."""
    session = await current_session(request, door.database, door.now)
    if session is None:
        raise Refusal("session.ended")
    return session


DOOR = {"door": Provide(_door, sync_to_thread=False)}
OWN_SESSION = {"session": Provide(_session)}


def check_own_site(connection: Connection) -> None:
    """Take what anybody may send only from our own pages, so that no other site can sign
    somebody in to an account of its choice (login CSRF).

    What the browser itself says decides: ``Sec-Fetch-Site`` where it says it (all of today's,
    over HTTPS), else ``Origin``. A page of another site can forge neither.

    :raises Refusal: ``session.origin``.
    """
    here = site_of(connection).origin
    site = connection.headers.get("sec-fetch-site")
    own = connection.headers.get("origin") == here if site is None else site == "same-origin"
    if not own:
        raise Refusal("session.origin", url=here)


def origin_of(request: AnyRequest, keys: ServiceKeys, account: bytes | None) -> Origin:
    """Return where a try comes from.

    :param account: whose browser it might be; ``None`` before that is known.
    """
    browser = known_browser(request)
    known = browser is not None and account is not None and knows(keys, browser, account)
    return Origin(client_address(request), browser.number if browser and known else None)


def known_browser(request: AnyRequest) -> Browser | None:
    """Return what the browser remembers of earlier sign-ins."""
    name = site_of(request).cookie_name(known_browsers.COOKIE)
    return known_browsers.read_browser(request.cookies.get(name))


def browser_of(request: AnyRequest) -> str:
    """Return what the owner of a browser knows it by."""
    return browser_name(request.headers.get("user-agent", ""))


def first_page(request: AnyRequest, then: str) -> str:
    """Return where to go after signing in: where somebody wanted to go, else their start."""
    if then and is_local(then):
        return then
    return next(path for path in _FIRST_PAGES if is_routed(request.app, path))


async def leave_earlier(request: AnyRequest, door: Doorkeeper) -> None:
    """End the session that a browser had before it signs in anew."""
    token = session_token(request)
    if token is None:
        return
    async with door.database.acting(IDENTITY).unit_of_work() as work:
        session = await find_session(work, token, door.now)
        if session is not None:
            await end_session(work, session.person_id, session.id, door.now)


async def arrived(door: Doorkeeper, token: str) -> Session:
    """Return the session that was just begun."""
    async with door.database.acting(IDENTITY).reading() as work:
        session = await find_session(work, token, door.now)
    if session is None:
        raise Refusal("session.ended")
    return session


def give_session(
    request: AnyRequest, response: Response[Any], keys: ServiceKeys, session: Session
) -> None:
    """Leave a session's cookies in the browser.

    Once it waits for nothing more, the browser counts as known to the account, and reads in
    the person's language unless another was chosen in it.
    """
    lasts = SHOP.whole if session.times is SHOP else None
    response.set_cookie(session_cookie(request, session.token, lasts))
    if session.waiting:
        return
    browser = remembering(keys, known_browser(request), session.account)
    response.set_cookie(
        cookie(request, known_browsers.COOKIE, cookie_value(browser), known_browsers.LASTS)
    )
    if remembered_language(request) is None:
        secure = site_of(request).is_https
        response.set_cookie(language_cookie(session.language, secure=secure))


def take_session(request: AnyRequest, response: Response[Any]) -> None:
    """Put the session's cookie away, where there is one."""
    if session_token(request) is not None:
        response.set_cookie(no_session_cookie(request))


def signed_out(request: AnyRequest) -> Redirect:
    """Lead to the start page, and let the browser forget the session and its pages.

    Nothing else: a shop's phone keeps the key that makes it a device.
    """
    answer = see_other("/")
    answer.set_cookie(no_session_cookie(request))
    answer.headers["clear-site-data"] = '"cache"'
    return answer
