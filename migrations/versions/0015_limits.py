"""Counters of tries.

Revision: 0015, after 0014.

The table is unlogged: a count that is lost in a crash harms nobody, and writing it costs
no wait for the disk. A row whose instant has passed counts as no row.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "rate_limit",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("used_until", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("octet_length(key) = 32", name=op.f("ck_rate_limit_key")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rate_limit")),
        prefixes=["UNLOGGED"],
        comment="How far tries have used up their limits; keys are keyed hashes. Empty after a crash.",
    )
    # Room for new versions of a row on its own page: counters change often.
    op.execute("ALTER TABLE rate_limit SET (fillfactor = 60)")
    op.execute("GRANT SELECT, INSERT, UPDATE ON rate_limit TO gutschein_identity")
    op.execute("GRANT SELECT, DELETE ON rate_limit TO gutschein_jobs")
    op.execute("GRANT SELECT ON rate_limit TO gutschein_auditor")
