"""Tell a database that is out of reach or overrun from a mistake of ours."""

from __future__ import annotations

import logging

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from gutschein.db.pool import LOST, DatabaseError

#: What the database says to a row that belongs into time which is sealed already.
CLOCK_BEHIND = "ZC001"

#: SQLSTATE classes and codes after which the same request may well succeed:
#: connection lost, resources used up, server stopping, timeouts, serialisation, deadlock, and
#: a clock that is to be set right.
_PASSING = ("08", "53", "57P0", "57014", "55P03", "25P03", "40001", "40P01", CLOCK_BEHIND)

_log = logging.getLogger(__name__)


def is_outage(error: BaseException) -> bool:
    """Tell whether *error* says that the database could not do it now.

    An ``OSError`` counts when it names no file: that is what asyncpg raises when it
    cannot connect, over TCP or a Unix socket.
    """
    if isinstance(error, OSError):
        return error.filename is None
    if isinstance(error, (PoolTimeout, *LOST)):
        return True
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return _sqlstate_of(error).startswith(_PASSING)


def log_outage(where: str, error: BaseException) -> None:
    """Note what the database could not do now; that a clock is wrong somebody has to mend."""
    if _sqlstate_of(error) == CLOCK_BEHIND:
        _log.error("refused at %s: %s", where, error)
    else:
        _log.warning("database out of reach at %s: %s", where, error)


def _sqlstate_of(error: BaseException) -> str:
    """Return the database's code of its own error or of SQLAlchemy's; empty of any other."""
    own = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(error, (DBAPIError, DatabaseError)):
        return getattr(own, "sqlstate", None) or ""
    return ""
