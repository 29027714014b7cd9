"""How far the issuing and the printing of batches is.

Revision: 0020, after 0019.

The table is unlogged: after a crash nothing is under way any more, and writing it costs no
wait for the disk.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "batch_progress",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("done_count", sa.Integer(), nullable=False),
        sa.Column("total_count", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("task IN ('issue', 'print')", name=op.f("ck_batch_progress_task")),
        sa.CheckConstraint(
            "done_count BETWEEN 0 AND total_count", name=op.f("ck_batch_progress_done_count")
        ),
        sa.PrimaryKeyConstraint("town_id", "batch_id", "task", name=op.f("pk_batch_progress")),
        prefixes=["UNLOGGED"],
        comment="How far the issuing or the last printing of a large batch is. Empty after a crash.",
    )
    op.execute("ALTER TABLE batch_progress ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE batch_progress FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY auditor ON batch_progress FOR SELECT TO gutschein_auditor USING (true)"
    )
    op.execute(
        "CREATE POLICY own_towns ON batch_progress"
        " USING (coalesce(town_id = ANY ((SELECT own_towns())::uuid[]), false))"
    )
    op.execute("GRANT SELECT, INSERT ON batch_progress TO gutschein_app")
    op.execute(
        "GRANT UPDATE (done_count, total_count, began_at, reported_at, ended_at)"
        " ON batch_progress TO gutschein_app"
    )
    op.execute("GRANT SELECT ON batch_progress TO gutschein_auditor")
