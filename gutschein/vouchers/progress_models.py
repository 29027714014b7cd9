"""The table of what is under way."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Integer, PrimaryKeyConstraint, Table, Text

from gutschein.db.metadata import instant_column, metadata, uuid_column

batch_progress = Table(
    "batch_progress",
    metadata,
    uuid_column("town_id"),
    uuid_column("batch_id"),
    Column("task", Text, nullable=False),
    Column("done_count", Integer, nullable=False),
    Column("total_count", Integer, nullable=False),
    instant_column("began_at"),
    instant_column("reported_at"),
    instant_column("ended_at", nullable=True),
    PrimaryKeyConstraint("town_id", "batch_id", "task"),
    CheckConstraint("task IN ('issue', 'print')", name="task"),
    CheckConstraint("done_count BETWEEN 0 AND total_count", name="done_count"),
    prefixes=["UNLOGGED"],
    comment="How far the issuing or the last printing of a large batch is. Empty after a crash.",
)
