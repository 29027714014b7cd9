"""The table of what needs a second person."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Computed,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from gutschein.db.metadata import instant_column, metadata, uuid_column

approval_request = Table(
    "approval_request",
    metadata,
    uuid_column("town_id"),
    uuid_column("id"),
    Column("kind", Text, nullable=False),
    uuid_column("subject_id"),
    uuid_column("person_id", nullable=True),
    Column("sealed_terms", LargeBinary, nullable=False),
    Column("summary", Text, nullable=False),
    Column("reason", Text, nullable=False),
    uuid_column("requested_by"),
    Column("requested_by_name", Text, nullable=False),
    instant_column("requested_at"),
    instant_column("ends_at"),
    Column("decision", Text),
    uuid_column("decided_by", nullable=True),
    Column("decided_by_name", Text),
    instant_column("decided_at", nullable=True),
    Column("decision_reason", Text),
    # Empty once it is decided, and empty ones never collide: of one subject at most one
    # request of a kind is open.
    uuid_column(
        "open_subject_id",
        Computed(
            "CASE WHEN (decision IS NULL) THEN subject_id ELSE NULL::uuid END", persisted=True
        ),
        nullable=True,
    ),
    PrimaryKeyConstraint("town_id", "id"),
    UniqueConstraint("town_id", "kind", "open_subject_id"),
    ForeignKeyConstraint(["town_id"], ["town.id"]),
    CheckConstraint("requested_at < ends_at", name="ends"),
    CheckConstraint(
        "decision IN ('approved', 'rejected', 'retracted', 'expired')", name="decision"
    ),
    CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name="decided"),
    CheckConstraint(
        "(coalesce(decision, 'expired') = 'expired') = (decided_by IS NULL)"
        " AND (decided_by IS NULL) = (decided_by_name IS NULL)",
        name="decider",
    ),
    CheckConstraint("(decision = 'expired') = (decided_at >= ends_at)", name="in_time"),
    CheckConstraint(
        "decision NOT IN ('approved', 'rejected') OR decided_by <> requested_by",
        name="two_persons",
    ),
    CheckConstraint(
        "decision <> 'approved' OR decided_by IS DISTINCT FROM person_id", name="not_for_oneself"
    ),
    CheckConstraint("decision <> 'retracted' OR decided_by = requested_by", name="retracted"),
    Index(None, "town_id", "requested_at"),
    comment="What one person asked for and another decided. Decided once, never changed.",
)
