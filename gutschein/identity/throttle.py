"""Slow down guessing without locking anybody out.

Tries of a password are counted for the account and the caller's host, for the account from
everywhere, and failures for the host and its network, whether or not the account exists. A
browser that the account was signed in to before has tries of its own instead, which nobody
else can use up: see :mod:`gutschein.identity.known_browsers`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gutschein.limits.counting import Limits
from gutschein.limits.networks import host_of
from gutschein.limits.rules import (
    PASSKEY_CHALLENGE,
    SECOND_FACTOR,
    SIGN_IN,
    SIGN_IN_ACCOUNT,
    SIGN_IN_ACCOUNT_HERE,
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a try comes from.

    :param address: the caller's.
    :param browser: the number of a browser that knows the account; ``None`` for any other.
    """

    address: str
    browser: bytes | None = None


async def admit_password(limits: Limits, account: bytes, origin: Origin, now: datetime) -> None:
    """Count a try of a password, before it is looked at.

    :param account: the keyed hash of the e-mail address, of somebody or nobody.
    :raises Refusal: ``limit.rate``.
    """
    if origin.browser is not None:
        key = f"{account.hex()} browser {origin.browser.hex()}"
        await limits.take(SIGN_IN_ACCOUNT_HERE, key, now)
        return
    await limits.check(SIGN_IN, origin.address, now)
    here = f"{account.hex()} host {host_of(origin.address)}"
    await limits.take_all(
        [(SIGN_IN_ACCOUNT_HERE, here), (SIGN_IN_ACCOUNT, account.hex())],
        now,
    )


async def note_failure(limits: Limits, origin: Origin, now: datetime) -> None:
    """Count a password, code or passkey that was wrong."""
    if origin.browser is None:
        await limits.note(SIGN_IN, origin.address, now)


async def admit_code(limits: Limits, person_id: UUID, origin: Origin, now: datetime) -> None:
    """Count a try of a one-time code, before it is looked at: right ones count too, so that
    many at once are no way around.

    :raises Refusal: ``limit.rate``.
    """
    browser = "" if origin.browser is None else f" browser {origin.browser.hex()}"
    await limits.take(SECOND_FACTOR, f"{person_id}{browser}", now)


async def admit_passkey(limits: Limits, origin: Origin, now: datetime) -> None:
    """Count a challenge that is asked for by somebody unknown.

    :raises Refusal: ``limit.rate``.
    """
    await limits.check(SIGN_IN, origin.address, now)
    await limits.take(PASSKEY_CHALLENGE, origin.address, now)


async def admit_own_password(
    limits: Limits, person_id: UUID, origin: Origin, now: datetime
) -> None:
    """Count a password that somebody signed in gives again.

    :raises Refusal: ``limit.rate``.
    """
    await limits.take(SIGN_IN_ACCOUNT_HERE, f"{person_id} again {host_of(origin.address)}", now)
