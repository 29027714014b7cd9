"""The table of programmes."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY

from gutschein.db.metadata import cents_column, instant_column, metadata, uuid_column

programme = Table(
    "programme",
    metadata,
    uuid_column("town_id"),
    uuid_column("id"),
    Column("name", Text, nullable=False),
    Column("fixed_values_cents", ARRAY(BigInteger)),
    cents_column("minimum_cents"),
    cents_column("maximum_cents"),
    cents_column("cap_cents"),
    Column("validity", Text, nullable=False),
    Column("validity_count", Integer),
    Column("validity_day", Date),
    Column("partial_redemption", Boolean, nullable=False),
    Column("merchant_fee_basis_points", Integer, nullable=False),
    Column("payer", Text, nullable=False),
    cents_column("pin_from_cents", nullable=True),
    instant_column("created_at"),
    PrimaryKeyConstraint("town_id", "id"),
    UniqueConstraint("town_id", "id", "cap_cents"),
    ForeignKeyConstraint(["town_id"], ["town.id"]),
    CheckConstraint(
        "minimum_cents >= 1 AND minimum_cents <= maximum_cents AND maximum_cents <= cap_cents",
        name="values",
    ),
    CheckConstraint(
        "CASE validity"
        " WHEN 'end_of_year' THEN validity_count >= 0 AND validity_day IS NULL"
        " WHEN 'days' THEN validity_count >= 1 AND validity_day IS NULL"
        " WHEN 'fixed_day' THEN validity_count IS NULL AND validity_day IS NOT NULL"
        " ELSE false END",
        name="validity",
    ),
    CheckConstraint("merchant_fee_basis_points BETWEEN 0 AND 10000", name="merchant_fee"),
    CheckConstraint("payer IN ('citizen', 'town')", name="payer"),
    CheckConstraint("pin_from_cents BETWEEN 1 AND maximum_cents", name="pin_from"),
    comment="Programmes (Gutscheinarten). Terms never change for vouchers already sold.",
)
