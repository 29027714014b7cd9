"""The table of invitations. Like the tables of persons, it is for ``gutschein_identity``."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from gutschein.db.metadata import instant_column, metadata, uuid_column

invitation = Table(
    "invitation",
    metadata,
    uuid_column("id"),
    Column("name", Text, nullable=False),
    Column("email_hash", LargeBinary),
    Column("sealed_email", LargeBinary),
    Column("roles", ARRAY(Text), nullable=False),
    uuid_column("region_id", nullable=True),
    uuid_column("town_id", nullable=True),
    uuid_column("merchant_id", nullable=True),
    instant_column("invited_at"),
    uuid_column("invited_by"),
    uuid_column("approved_by", nullable=True),
    instant_column("ends_at"),
    instant_column("accepted_at", nullable=True),
    uuid_column("accepted_by", nullable=True),
    instant_column("retracted_at", nullable=True),
    uuid_column("retracted_by", nullable=True),
    PrimaryKeyConstraint("id"),
    ForeignKeyConstraint(["region_id"], ["region.id"]),
    ForeignKeyConstraint(["town_id"], ["town.id"]),
    ForeignKeyConstraint(["town_id", "merchant_id"], ["merchant.town_id", "merchant.id"]),
    ForeignKeyConstraint(["invited_by"], ["person.id"]),
    ForeignKeyConstraint(["accepted_by"], ["person.id"]),
    CheckConstraint(
        "cardinality(roles) > 0 AND CASE"
        " WHEN region_id IS NOT NULL THEN town_id IS NULL AND merchant_id IS NULL"
        " AND roles <@ ARRAY['operator']"
        " WHEN merchant_id IS NOT NULL THEN town_id IS NOT NULL"
        " AND roles <@ ARRAY['owner', 'cashier']"
        " ELSE town_id IS NOT NULL"
        " AND roles <@ ARRAY['administrator', 'approver', 'clerk', 'auditor'] END",
        name="scope",
    ),
    CheckConstraint(
        "(email_hash IS NULL) = (sealed_email IS NULL) AND octet_length(email_hash) = 32",
        name="email",
    ),
    CheckConstraint("num_nonnulls(accepted_at, retracted_at) <= 1", name="one_end"),
    CheckConstraint(
        "num_nonnulls(accepted_at, retracted_at) = 0 OR sealed_email IS NULL", name="forgotten"
    ),
    CheckConstraint("approved_by <> invited_by", name="two_persons"),
    Index(None, "town_id"),
    Index(None, "email_hash"),
    comment="Invitations to roles. The address is kept sealed, and only while one is open.",
)
