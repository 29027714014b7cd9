"""The table of counters."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, LargeBinary, PrimaryKeyConstraint, Table

from gutschein.db.metadata import instant_column, metadata

rate_limit = Table(
    "rate_limit",
    metadata,
    Column("key", LargeBinary, nullable=False),
    instant_column("used_until"),
    PrimaryKeyConstraint("key"),
    CheckConstraint("octet_length(key) = 32", name="key"),
    prefixes=["UNLOGGED"],
    comment="How far tries have used up their limits; keys are keyed hashes. Empty after a crash.",
)
