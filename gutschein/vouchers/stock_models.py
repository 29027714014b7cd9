"""Tables of vouchers in stock: what was printed for sale, and what each is activated with."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from gutschein.db.metadata import cents_column, instant_column, metadata, uuid_column

stock_order = Table(
    "stock_order",
    metadata,
    uuid_column("town_id"),
    uuid_column("id"),
    uuid_column("programme_id"),
    Column("voucher_count", Integer, nullable=False),
    cents_column("value_cents", nullable=True),
    cents_column("token_value_cents"),
    Column("sell_until", Date, nullable=False),
    Column("token_valid_until", Date, nullable=False),
    Column("first_serial", Integer, nullable=False),
    uuid_column("ordered_by", nullable=True),
    Column("ordered_by_name", Text, nullable=False),
    instant_column("ordered_at"),
    PrimaryKeyConstraint("town_id", "id"),
    ForeignKeyConstraint(["town_id", "programme_id"], ["programme.town_id", "programme.id"]),
    CheckConstraint("voucher_count BETWEEN 1 AND 10000", name="voucher_count"),
    CheckConstraint("coalesce(value_cents, token_value_cents) = token_value_cents", name="value"),
    CheckConstraint("sell_until <= token_valid_until", name="sell_until"),
    comment="Printed vouchers made without a payment, to be sold later. "
    "The tokens on them name token_value_cents and token_valid_until.",
)

activation_code = Table(
    "activation_code",
    metadata,
    uuid_column("town_id"),
    uuid_column("voucher_id"),
    Column("code_hash", LargeBinary, nullable=False),
    Column("sealed_code", LargeBinary, nullable=False),
    PrimaryKeyConstraint("town_id", "voucher_id"),
    UniqueConstraint("town_id", "code_hash"),
    ForeignKeyConstraint(["town_id", "voucher_id"], ["voucher.town_id", "voucher.id"]),
    comment="What a voucher in stock is activated with when it is sold; only hashed and sealed.",
)
