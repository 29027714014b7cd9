"""The table of payments."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from gutschein.db.metadata import cents_column, instant_column, metadata, uuid_column

payment = Table(
    "payment",
    metadata,
    uuid_column("town_id"),
    uuid_column("id"),
    Column("method", Text, nullable=False),
    cents_column("amount_cents"),
    uuid_column("issuing_point_id", nullable=True),
    Column("reference", Text, nullable=False),
    instant_column("booked_at"),
    PrimaryKeyConstraint("town_id", "id"),
    ForeignKeyConstraint(["town_id"], ["town.id"]),
    ForeignKeyConstraint(
        ["town_id", "issuing_point_id"], ["issuing_point.town_id", "issuing_point.id"]
    ),
    CheckConstraint(
        "method IN ('bank_transfer', 'provider', 'cash', 'card', 'subsidy', 'deposits')",
        name="method",
    ),
    CheckConstraint(
        "(method IN ('cash', 'card')) = (issuing_point_id IS NOT NULL)", name="issuing_point"
    ),
    CheckConstraint("amount_cents > 0", name="amount"),
    Index(
        None,
        "town_id",
        "issuing_point_id",
        postgresql_where=text("issuing_point_id IS NOT NULL"),
    ),
    comment="Booked payments. What is left of one stands on its guarded account.",
)
