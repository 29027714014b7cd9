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
#: With this one a session ends that could not write its caches to a full disk, for one.
_INTERNAL = "XX000"

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
    state = _sqlstate_of(error)
    has_ended = getattr(_own(error), "severity_en", "") == "FATAL"  # the session, with the error
    return state.startswith(_PASSING) or (state == _INTERNAL and has_ended)


def log_outage(where: str, error: BaseException) -> None:
    """Note what the database could not do now; that a clock is wrong somebody has to mend."""
    if _sqlstate_of(error) == CLOCK_BEHIND:
        _log.error("refused at %s: %s", where, error)
    else:
        _log.warning("database out of reach at %s: %s", where, error)


def _sqlstate_of(error: BaseException) -> str:
    """Return the database's code of its own error or of SQLAlchemy's; empty of any other."""
    if isinstance(error, (DBAPIError, DatabaseError)):
        return getattr(_own(error), "sqlstate", None) or ""
    return ""


def _own(error: BaseException) -> BaseException | None:
    """Return the database's own error, out of SQLAlchemy's wrapping."""
    return error.orig if isinstance(error, DBAPIError) else error
