"""Tables of withdrawals: what was declared, and how the town has settled it."""

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

from gutschein.db.metadata import instant_column, metadata, uuid_column
from gutschein.signing.sealed_columns import SealedColumns

withdrawal = Table(
    "withdrawal",
    metadata,
    uuid_column("town_id"),
    uuid_column("id"),
    Column("sealed_name", LargeBinary, nullable=False),
    Column("sealed_number", LargeBinary, nullable=False),
    Column("sealed_email", LargeBinary, nullable=False),
    Column("sealed_remarks", LargeBinary, nullable=False),
    instant_column("declared_at"),
    uuid_column("order_id", nullable=True),
    Column("outcome", Text, nullable=False),
    PrimaryKeyConstraint("town_id", "id"),
    ForeignKeyConstraint(["town_id"], ["town.id"]),
    ForeignKeyConstraint(["town_id", "order_id"], ["shop_order.town_id", "shop_order.id"]),
    CheckConstraint("outcome IN ('closed', 'frozen', 'too_late', 'unmatched')", name="outcome"),
    CheckConstraint("(outcome = 'unmatched') = (order_id IS NULL)", name="order"),
    Index(None, "town_id", "declared_at"),
    Index(None, "town_id", "order_id"),
    comment="Withdrawals as they were declared, and what came of each at once. order_id is the"
    " order that number and e-mail address fit.",
)

#: Sealed under the town's data key, also when they are empty.
DECLARATION = SealedColumns("withdrawal", ("name", "number", "email", "remarks"))

withdrawal_resolution = Table(
    "withdrawal_resolution",
    metadata,
    uuid_column("town_id"),
    uuid_column("withdrawal_id"),
    Column("how", Text, nullable=False),
    instant_column("resolved_at"),
    uuid_column("resolved_by"),
    Column("resolved_by_name", Text, nullable=False),
    PrimaryKeyConstraint("town_id", "withdrawal_id"),
    ForeignKeyConstraint(["town_id", "withdrawal_id"], ["withdrawal.town_id", "withdrawal.id"]),
    comment="How a town has settled a withdrawal.",
)
