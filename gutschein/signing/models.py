"""Tables of keys. Nothing in them opens anything without the key-encryption key."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from gutschein.db.metadata import instant_column, metadata, uuid_column

signing_key = Table(
    "signing_key",
    metadata,
    uuid_column("town_id"),
    Column("kid", LargeBinary, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("sealed_private_key", LargeBinary, nullable=False),
    Column("kek_id", Text, nullable=False),
    instant_column("not_before"),
    instant_column("sign_until"),
    instant_column("not_after"),
    instant_column("created_at"),
    PrimaryKeyConstraint("town_id", "kid"),
    ForeignKeyConstraint(["town_id"], ["town.id"]),
    CheckConstraint("octet_length(kid) = 4", name="kid"),
    CheckConstraint("octet_length(public_key) = 32", name="public_key"),
    CheckConstraint("not_before < sign_until AND sign_until <= not_after", name="window"),
    comment="Ed25519 keys of a town: sign until one instant, verify until a later one.",
)

code_key = Table(
    "code_key",
    metadata,
    uuid_column("town_id"),
    Column("purpose", Text, nullable=False),
    Column("sealed_key", LargeBinary, nullable=False),
    Column("kek_id", Text, nullable=False),
    instant_column("created_at"),
    PrimaryKeyConstraint("town_id", "purpose"),
    ForeignKeyConstraint(["town_id"], ["town.id"]),
    CheckConstraint("purpose IN ('lookup', 'seal')", name="purpose"),
    comment="A town's sealed keys that hash codes for look-up and seal them for reprints.",
)
