"""Pure decisions about API keys, devices and cashiers."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

from gutschein.kernel.clock import berlin_day, end_of_day
from gutschein.kernel.errors import Refusal

KEY_LASTS = timedelta(days=365)
KEY_LASTS_AT_MOST = timedelta(days=731)
#: So long before its end a key is shown as ending.
KEY_WARNING = timedelta(days=30)
#: So long a key stays good beside the one that replaces it, unless told.
KEY_GRACE = timedelta(days=7)
KEY_GRACE_AT_MOST = timedelta(days=30)

#: So long a pairing code is good.
PAIRING_LASTS = timedelta(minutes=5)

#: So far the clock of a device may be from the service's.
CLOCK_TOLERANCE = timedelta(seconds=60)

#: A device is noted as seen, and an API key as used, once in a while only, so that a request
#: writes nothing that waits for the disk.
SEEN_EVERY = timedelta(minutes=5)
USED_EVERY = timedelta(hours=1)

SHIFT_LASTS = timedelta(hours=12)

KeyState = Literal["valid", "ending", "ended", "revoked"]


def key_state(ends_at: datetime, revoked_at: datetime | None, now: datetime) -> KeyState:
    """Tell how an API key stands."""
    if revoked_at is not None:
        return "revoked"
    if ends_at <= now:
        return "ended"
    return "ending" if ends_at <= now + KEY_WARNING else "valid"


def check_key_end(ends_at: datetime, now: datetime) -> None:
    """Refuse a key that ends before it begins, or lasts too long.

    :raises Refusal: ``api_key.end``.
    """
    if not now < ends_at <= now + KEY_LASTS_AT_MOST:
        raise Refusal("api_key.end", date=berlin_day(now + KEY_LASTS_AT_MOST))


def check_key_living(ends_at: datetime, revoked_at: datetime | None, now: datetime) -> None:
    """Refuse to work with a key that is over.

    :raises Refusal: ``api_key.ended``.
    """
    if key_state(ends_at, revoked_at, now) in {"ended", "revoked"}:
        raise Refusal("api_key.ended")


def check_api_key(ends_at: datetime | None, revoked_at: datetime | None, now: datetime) -> None:
    """Refuse an API key that is over, or that there is not.

    :raises Refusal: ``auth.required``.
    """
    if ends_at is None or key_state(ends_at, revoked_at, now) in {"ended", "revoked"}:
        raise Refusal("auth.required")


def check_device(*, known: bool, fresh: bool, locked: bool) -> None:
    """Refuse a device that may not act, or what it has signed before.

    :param fresh: whether the nonce of its request is new.
    :raises Refusal: ``device.unknown``, ``device.replayed``, ``device.locked``.
    """
    if not known:
        raise Refusal("device.unknown")
    if not fresh:
        raise Refusal("device.replayed")
    if locked:
        raise Refusal("device.locked")


def is_trivial_pin(pin: str) -> bool:
    """Tell whether a PIN is one of the first that anybody tries: one digit, a run such as
    1234 or 9876, or two digits over and over.
    """
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    twos = set(zip(pin[::2], pin[1::2], strict=False))
    return steps in ({0}, {1}, {9}) or len(twos) == 1


def shift_end(begun_at: datetime) -> datetime:
    """Return until when a cashier stays signed on: 12 hours, or the end of the day in Germany."""
    return min(begun_at + SHIFT_LASTS, end_of_day(berlin_day(begun_at)))


def check_clock(created_at: datetime, now: datetime) -> None:
    """Refuse a request that was signed too long ago, or by a clock that is wrong.

    :raises Refusal: ``device.clock`` with the service's time, by which a device can tell how
        wrong its clock is.
    """
    if abs(created_at - now) > CLOCK_TOLERANCE:
        raise Refusal("device.clock", server_time=now.isoformat(timespec="seconds"))
