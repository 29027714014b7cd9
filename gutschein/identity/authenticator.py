"""Find out who calls, by the cookie of a session."""

from __future__ import annotations

from datetime import datetime

from gutschein.db.access import IDENTITY
from gutschein.db.unit_of_work import Database
from gutschein.identity.cookies import Connection, session_token
from gutschein.identity.sessions import Session, find_session, note_seen
from gutschein.kernel.errors import Refusal
from gutschein.web.caller import Caller


async def session_authenticator(
    connection: Connection, database: Database, now: datetime
) -> Caller | None:
    """Return the person whose session the request's cookie names.

    Roles are read with every request: one that was revoked counts no more. A session that
    waits for its second factor is nobody's yet; only the pages of signing in know it.

    :raises Refusal: ``session.ended``, the same for a session that has ended, one that never
        was, and one whose person may not sign in any more.
    """
    session = await current_session(connection, database, now)
    if session is None:
        if session_token(connection) is None:
            return None
        raise Refusal("session.ended")
    if session.waiting:
        return None
    return Caller(
        kind="person",
        id=session.person_id,
        name=session.name,
        grants=session.grants,
        second_factor=session.second_factor,
        session_id=session.id,
        csrf_token=session.csrf_token,
    )


async def current_session(
    connection: Connection, database: Database, now: datetime
) -> Session | None:
    """Return the session of a request, also one that waits for its second factor, and note
    that it is in use.
    """
    token = session_token(connection)
    if not token:
        return None
    async with database.acting(IDENTITY).unit_of_work() as work:
        session = await find_session(work, token, now)
        if session is not None:
            await note_seen(work, session, now)
    return session
