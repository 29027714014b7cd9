"""Sessions: a secret in a cookie, everything else in the database.

The secret has 256 random bits; the database holds its SHA-256. It is replaced whenever what
may be done with it grows: after the second factor, and after a factor was changed.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from gutschein.db.unit_of_work import Work
from gutschein.identity import session_repository as repository
from gutschein.identity.roles import grants_of
from gutschein.identity.rules import (
    REMEMBERED,
    SEEN_EVERY,
    SessionTimes,
    is_over,
    needs_second_factor,
    session_times,
)
from gutschein.kernel.errors import Language, Refusal
from gutschein.kernel.ids import PersonId, new_id
from gutschein.web.caller import Grant
from gutschein.web.rights import Role

_TOKEN_BYTES = 32
_BROWSER_MAX = 80


@dataclass(frozen=True, slots=True)
class Session:
    """A session that has not ended, and its person as they are right now.

    :param account: the keyed hash of the person's e-mail address.
    :param proved_at: when they last showed all that they sign in with.
    :param sealed_new_totp: of an authenticator that is being set up.
    """

    id: UUID
    person_id: PersonId
    name: str
    language: Language
    grants: tuple[Grant, ...]
    second_factor: bool
    has_password: bool
    has_totp: bool
    has_passkey: bool
    begun_at: datetime
    proved_at: datetime
    seen_at: datetime
    browser: str
    account: bytes = field(repr=False)
    sealed_new_totp: bytes | None = field(repr=False)
    token: str = field(repr=False)

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(grant.role for grant in self.grants)

    @property
    def has_factor(self) -> bool:
        """Whether a second factor is set up."""
        return self.has_totp or self.has_passkey

    @property
    def waiting(self) -> bool:
        """Whether it waits for a second factor, and until then opens nothing."""
        return not self.second_factor and needs_second_factor(
            self.roles, has_factor=self.has_factor
        )

    @property
    def times(self) -> SessionTimes:
        return session_times(self.roles, waiting=self.waiting)

    @property
    def csrf_token(self) -> str:
        """What the forms of this session carry."""
        return csrf_token(self.token)


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A session in a person's list of them.

    :param waiting: whether it waits for its second factor.
    """

    id: UUID
    browser: str
    begun_at: datetime
    seen_at: datetime
    waiting: bool


async def start_session(
    work: Work, person_id: PersonId, *, second_factor: bool, browser: str, now: datetime
) -> str:
    """Begin a session and return its token.

    :param work: acting as ``IDENTITY``.
    :param second_factor: whether two factors were shown: a passkey, or password and code.
    :param browser: what the person will know it by, see :func:`browser_name`.
    """
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    roles = [grant.role for grant in await grants_of(work, person_id)]
    await repository.insert_session(
        work,
        {
            "id": new_id(),
            "token_hash": _hash(token),
            "person_id": person_id,
            "second_factor": second_factor,
            "browser": browser[:_BROWSER_MAX],
            "begun_at": now,
            "proved_at": now,
            "seen_at": now,
            "ends_at": now + session_times(roles, waiting=False).whole,
        },
    )
    return token


async def find_session(work: Work, token: str, now: datetime) -> Session | None:
    """Return the session of a token; ``None`` when there is none, or it is over.

    One that waits for its second factor is returned too: see :attr:`Session.waiting`.
    """
    rows = await repository.find_session(work, _hash(token), now)
    if not rows:
        return None
    found = _session(rows, token)
    return None if is_over(found.times, found.begun_at, found.seen_at, now) else found


async def note_seen(work: Work, session: Session, now: datetime) -> None:
    """Note that a session is in use, at most once a minute."""
    if now - session.seen_at >= SEEN_EVERY:
        await repository.note_seen(work, session.id, now)


async def replace_session(
    work: Work, session: Session, *, second_factor: bool, now: datetime
) -> str:
    """End a session and go on in one that begins now, with a token of its own; return it.

    :raises Refusal: ``session.ended`` when it has been ended in between.
    """
    if not await end_session(work, session.person_id, session.id, now):
        raise Refusal("session.ended")
    return await start_session(
        work,
        session.person_id,
        second_factor=second_factor,
        browser=session.browser,
        now=now,
    )


async def list_sessions(work: Work, person_id: PersonId, now: datetime) -> list[SessionLine]:
    """Return a person's sessions, the latest in use first."""
    roles = {grant.role for grant in await grants_of(work, person_id)}
    lines = []
    for row in await repository.list_sessions(work, person_id, now):
        needed = needs_second_factor(roles, has_factor=row.has_factor)
        waiting = needed and not row.second_factor
        times = session_times(roles, waiting=waiting)
        if not is_over(times, row.begun_at, row.seen_at, now):
            lines.append(SessionLine(row.id, row.browser, row.begun_at, row.seen_at, waiting))
    return lines


async def end_session(work: Work, person_id: PersonId, session_id: UUID, now: datetime) -> bool:
    """End a session; tell whether it was that person's, and had not ended."""
    return await repository.end_session(work, person_id, session_id, now)


async def end_sessions(
    work: Work, person_id: PersonId, now: datetime, *, but: UUID | None = None
) -> int:
    """Sign a person out everywhere, or everywhere but here; return how often."""
    return await repository.end_sessions(work, person_id, now, but=but)


async def purge_sessions(work: Work, now: datetime) -> int:
    """Delete sessions that were over long ago; return how many. Once a day will do."""
    return await repository.purge(work, now - REMEMBERED)


def csrf_token(token: str) -> str:
    """Derive the token of a session's forms from the session's, which it does not tell."""
    return hmac.digest(token.encode(), b"csrf", "sha256").hex()


def browser_name(user_agent: str) -> str:
    """Say a browser in words its owner knows it by, such as ``Firefox, Windows``.

    What else a ``User-Agent`` header tells is not kept.
    """
    browsers = {"Edg": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "FxiOS": "Firefox"}
    browsers |= {"SamsungBrowser": "Samsung Internet", "CriOS": "Chrome", "Chrome/": "Chrome"}
    browsers |= {"Safari/": "Safari"}
    systems = {"Windows": "Windows", "Android": "Android", "iPhone": "iPhone", "iPad": "iPad"}
    systems |= {"Mac OS X": "macOS", "CrOS": "ChromeOS", "Linux": "Linux"}
    found = (
        next((name for sign, name in names.items() if sign in user_agent), None)
        for names in (browsers, systems)
    )
    return ", ".join(name for name in found if name) or "?"


def _session(rows: Sequence[Row[Any]], token: str) -> Session:
    row = rows[0]
    return Session(
        id=row.id,
        person_id=row.person_id,
        name=row.name,
        language=row.language,
        grants=tuple(
            Grant(Role(each.role), each.region_id, each.town_id, each.merchant_id)
            for each in rows
            if each.role is not None
        ),
        second_factor=row.second_factor,
        has_password=row.has_password,
        has_totp=row.has_totp,
        has_passkey=row.has_passkey,
        begun_at=row.begun_at,
        proved_at=row.proved_at,
        seen_at=row.seen_at,
        browser=row.browser,
        account=row.email_hash,
        sealed_new_totp=row.sealed_new_totp,
        token=token,
    )


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
