"""Browsers in which somebody has signed in before: what keeps attackers from locking people out.

A cookie (OWASP, "device cookies") holds a random number of the browser and, for each of the
last accounts it was signed in to, a mark that only this service can make. It proves nothing
but that: passwords tried with it are counted for this browser alone, so that whatever
strangers try elsewhere does not shut its owner out. Nobody can read from it whose it is.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta

from gutschein.signing.service_keys import ServiceKeys

COOKIE = "browser"
#: The longest that browsers keep a cookie (RFC 6265bis, section 5.5).
LASTS = timedelta(days=400)
#: Accounts that one browser remembers: a desk that several share.
ACCOUNTS_MAX = 5

_NUMBER_BYTES = 16
_MARK_BYTES = 16


@dataclass(frozen=True, slots=True)
class Browser:
    """What the cookie holds.

    :param number: random, the browser's own.
    :param marks: of the accounts, the latest first.
    """

    number: bytes
    marks: tuple[bytes, ...] = ()


def new_browser() -> Browser:
    """Make a number for a browser that has none."""
    return Browser(secrets.token_bytes(_NUMBER_BYTES))


def read_browser(value: str | None) -> Browser | None:
    """Read a cookie; ``None`` when there is none, or none of ours."""
    try:
        raw = base64.urlsafe_b64decode((value or "") + "=" * (-len(value or "") % 4))
    except (binascii.Error, ValueError):
        return None
    marks = raw[_NUMBER_BYTES:]
    if not marks or len(marks) % _MARK_BYTES or len(marks) > ACCOUNTS_MAX * _MARK_BYTES:
        return None
    each = range(0, len(marks), _MARK_BYTES)
    return Browser(raw[:_NUMBER_BYTES], tuple(marks[at : at + _MARK_BYTES] for at in each))


def cookie_value(browser: Browser) -> str:
    """Write a cookie."""
    raw = browser.number + b"".join(browser.marks)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def knows(keys: ServiceKeys, browser: Browser, account: bytes) -> bool:
    """Tell whether an account was signed in to in this browser.

    :param account: the keyed hash of its e-mail address.
    """
    mark = _mark(keys, browser.number, account)
    return any([hmac.compare_digest(mark, each) for each in browser.marks])  # noqa: C419 - all, in constant time


def remembering(keys: ServiceKeys, browser: Browser | None, account: bytes) -> Browser:
    """Return the browser as one that an account was signed in to."""
    browser = browser or new_browser()
    mark = _mark(keys, browser.number, account)
    others = [each for each in browser.marks if each != mark]
    return Browser(browser.number, (mark, *others[: ACCOUNTS_MAX - 1]))


def _mark(keys: ServiceKeys, number: bytes, account: bytes) -> bytes:
    return keys.hmac("lookup", b"browser.account\0" + number + account)[:_MARK_BYTES]
