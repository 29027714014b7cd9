"""How long somebody stays signed in, and when two factors are asked for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from gutschein.kernel.errors import Refusal
from gutschein.web.rights import OF_MERCHANT, TWO_FACTOR, Role


@dataclass(frozen=True, slots=True)
class SessionTimes:
    """How long a session lasts.

    :param whole: from its beginning, whatever is done in it.
    :param idle: without any request.
    """

    whole: timedelta
    idle: timedelta


#: Whoever works for a town or a region: a working day, and not over a lunch break. NIST
#: SP 800-63B-4, section 2.2.3, asks for a day and an hour at most.
TOWN_HALL = SessionTimes(timedelta(hours=12), timedelta(minutes=30))
#: Owners and cashiers, who look in on a phone between customers. What they can do to money
#: waits for a second person, or happens at a device.
SHOP = SessionTimes(timedelta(days=7), timedelta(hours=24))
#: Between the password and the second factor, which may first have to be set up.
WAITING = SessionTimes(timedelta(minutes=30), timedelta(minutes=30))

#: How long after signing in, or proving it again, factors may be changed.
FRESH = timedelta(minutes=10)
#: The time between two notes that a session is in use.
SEEN_EVERY = timedelta(minutes=1)
#: How long an invitation can be opened.
INVITATION = timedelta(hours=72)
#: How long a passkey may take to answer.
CHALLENGE = timedelta(minutes=5)
#: How long sessions that are over stay in the list of sessions.
REMEMBERED = timedelta(days=30)

_EMAIL = re.compile(r"[^\s@<>\"(),:;\\]{1,64}@(?:[^\s@.<>\"(),:;\\]+\.)+[^\s@.<>\"(),:;\\]{2,}")
_EMAIL_MAX = 254  # RFC 5321, section 4.5.3.1.3, without the angle brackets


def needs_second_factor(roles: Collection[Role], *, has_factor: bool) -> bool:
    """Tell whether a password alone opens nothing: some roles ask for a second factor, and
    whoever has set one up is asked for it.
    """
    return has_factor or not TWO_FACTOR.isdisjoint(roles)


def session_times(roles: Collection[Role], *, waiting: bool) -> SessionTimes:
    """Return how long a session of somebody with these roles lasts."""
    if waiting:
        return WAITING
    return SHOP if roles and OF_MERCHANT.issuperset(roles) else TOWN_HALL


def is_over(times: SessionTimes, begun_at: datetime, seen_at: datetime, now: datetime) -> bool:
    """Tell whether a session is over by the clock."""
    return now >= begun_at + times.whole or now >= seen_at + times.idle


def is_fresh(proved_at: datetime, now: datetime) -> bool:
    """Tell whether somebody has only just proved who they are."""
    return now < proved_at + FRESH


def normal_email(text: str) -> str:
    """Return an e-mail address as it is compared.

    Capital letters before the ``@`` may by RFC 5321 mean another mailbox, but nowhere do,
    and people write them as it comes.

    :raises Refusal: ``email.invalid``.
    """
    email = unicodedata.normalize("NFC", text.strip()).lower()
    if len(email) > _EMAIL_MAX or not email.isprintable() or not _EMAIL.fullmatch(email):
        raise Refusal("email.invalid")
    return email
