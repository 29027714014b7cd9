"""Tell a database that is out of reach or overrun from a mistake of ours."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from gutschein.db.pool import LOST, DatabaseError

#: SQLSTATE classes and codes after which the same request may well succeed:
#: connection lost, resources used up, server stopping, timeouts, serialisation, deadlock.
_PASSING = ("08", "53", "57P0", "57014", "55P03", "25P03", "40001", "40P01")


def is_outage(error: BaseException) -> bool:
    """Tell whether *error* says that the database could not do it now.

    An ``OSError`` counts when it names no file: that is what asyncpg raises when it
    cannot connect, over TCP or a Unix socket.
    """
    if isinstance(error, OSError):
        return error.filename is None
    if isinstance(error, (PoolTimeout, *LOST)):
        return True
    if isinstance(error, DatabaseError):
        return (error.sqlstate or "").startswith(_PASSING)
    if not isinstance(error, DBAPIError):
        return False
    sqlstate = getattr(error.orig, "sqlstate", None) or ""
    return error.connection_invalidated or sqlstate.startswith(_PASSING)
