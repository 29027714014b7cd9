"""The table of the pictures that towns have brought themselves."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from gutschein.db.metadata import instant_column, metadata, uuid_column

motif = Table(
    "motif",
    metadata,
    uuid_column("town_id"),
    Column("key", Text, nullable=False),
    Column("name_de", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("alt_de", Text, nullable=False),
    Column("alt_en", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("picture", LargeBinary, nullable=False),
    Column("position", Integer, nullable=False),
    Column("is_active", Boolean, nullable=False, server_default="true"),
    instant_column("added_at"),
    PrimaryKeyConstraint("town_id", "key"),
    ForeignKeyConstraint(["town_id"], ["town.id"]),
    CheckConstraint("key ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(key) <= 40", name="key"),
    CheckConstraint(
        "name_de <> '' AND name_en <> '' AND alt_de <> '' AND alt_en <> ''", name="words"
    ),
    CheckConstraint("media_type IN ('image/png', 'image/jpeg')", name="media_type"),
    CheckConstraint("octet_length(picture) BETWEEN 1 AND 700000", name="picture"),
    comment="Pictures for vouchers that a town has brought itself, beside the built-in ones.",
)
