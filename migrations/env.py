"""Run by Alembic: migrations inside the transaction of the connection it is given."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, text

from gutschein.tables import metadata

LOCK_TIMEOUT = "4s"
STATEMENT_TIMEOUT = "5s"
#: Two services that start at once must not migrate at once.
MIGRATION_LOCK = 0x6775_7473


def run(connection: Connection) -> None:
    connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
    connection.execute(text(f"SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT}'"))
    connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
    context.configure(connection=connection, target_metadata=metadata, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
