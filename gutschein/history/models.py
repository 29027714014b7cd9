"""The business log's table, and that of the chain over it and over the transfers."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from gutschein.db.metadata import instant_column, metadata, uuid_column

log_entry = Table(
    "log_entry",
    metadata,
    uuid_column("chain_id"),
    uuid_column("id"),
    instant_column("happened_at"),
    Column("action", Text, nullable=False),
    uuid_column("author_id", nullable=True),
    Column("author_name", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("before", Text),
    Column("after", Text),
    Column("reason", Text),
    PrimaryKeyConstraint("chain_id", "id"),
    CheckConstraint(r"action ~ '^[a-z0-9_]+\.[a-z0-9_]+$'", name="action"),
    Index(None, "chain_id", "happened_at"),
    comment="The business log: who did what, before, after, why. A town's or a region's chain.",
)

history_block = Table(
    "history_block",
    metadata,
    uuid_column("chain_id"),
    Column("kind", Text, nullable=False),
    Column("number", Integer, nullable=False),
    instant_column("sealed_up_to"),
    Column("row_count", Integer, nullable=False),
    Column("row_digests", LargeBinary, nullable=False),
    Column("previous_hash", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    instant_column("sealed_at"),
    PrimaryKeyConstraint("chain_id", "kind", "number"),
    CheckConstraint("kind IN ('log', 'transfer')", name="kind"),
    CheckConstraint("number >= 1", name="number"),
    CheckConstraint("octet_length(row_digests) = 48 * row_count", name="row_digests"),
    CheckConstraint("octet_length(previous_hash) = 32 AND octet_length(hash) = 32", name="hashes"),
    CheckConstraint("sealed_up_to < sealed_at", name="past"),
    comment="Blocks of a chain: id and SHA-256 of each row, and of the block before.",
)
