"""Tables of batches, vouchers and what happened to them."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from gutschein.db.metadata import cents_column, instant_column, metadata, uuid_column

_STATES = "'stock', 'active', 'blocked', 'replaced', 'expired'"

voucher_batch = Table(
    "voucher_batch",
    metadata,
    uuid_column("town_id"),
    uuid_column("id"),
    uuid_column("programme_id"),
    uuid_column("payment_id"),
    Column("voucher_count", Integer, nullable=False),
    cents_column("value_cents"),
    Column("sold_on", Date, nullable=False),
    Column("valid_until", Date, nullable=False),
    Column("first_serial", Integer, nullable=False),
    instant_column("issued_at"),
    PrimaryKeyConstraint("town_id", "id"),
    ForeignKeyConstraint(["town_id", "programme_id"], ["programme.town_id", "programme.id"]),
    ForeignKeyConstraint(["town_id", "payment_id"], ["payment.town_id", "payment.id"]),
    CheckConstraint("voucher_count BETWEEN 1 AND 100000", name="voucher_count"),
    comment="Batches: vouchers of one value issued in one call against one payment.",
)

voucher = Table(
    "voucher",
    metadata,
    uuid_column("town_id"),
    uuid_column("id"),
    uuid_column("batch_id", nullable=True),
    uuid_column("replaces_id", nullable=True),
    uuid_column("stock_order_id", nullable=True),
    uuid_column("programme_id"),
    Column("serial", Integer, nullable=False),
    Column("kid", LargeBinary, nullable=False),
    Column("code_hash", LargeBinary, nullable=False),
    Column("sealed_code", LargeBinary, nullable=False),
    Column("status_tag", LargeBinary, nullable=True),
    Column("sealed_pin", LargeBinary, nullable=True),
    Column("pin_hash", LargeBinary, nullable=True),
    cents_column("face_value_cents"),
    cents_column("cap_cents"),
    Column("valid_until", Date, nullable=False),
    Column("state", Text, nullable=False),
    instant_column("issued_at"),
    PrimaryKeyConstraint("town_id", "id"),
    UniqueConstraint("town_id", "code_hash"),
    UniqueConstraint("town_id", "serial"),
    ForeignKeyConstraint(["town_id", "batch_id"], ["voucher_batch.town_id", "voucher_batch.id"]),
    ForeignKeyConstraint(["town_id", "replaces_id"], ["voucher.town_id", "voucher.id"]),
    ForeignKeyConstraint(
        ["town_id", "programme_id", "cap_cents"],
        ["programme.town_id", "programme.id", "programme.cap_cents"],
    ),
    ForeignKeyConstraint(["town_id", "kid"], ["signing_key.town_id", "signing_key.kid"]),
    ForeignKeyConstraint(["town_id", "stock_order_id"], ["stock_order.town_id", "stock_order.id"]),
    # One in stock has been paid for by nobody yet; one that is neither sold nor in stock is gone.
    CheckConstraint(
        "CASE num_nonnulls(batch_id, replaces_id)"
        " WHEN 1 THEN state <> 'stock' AND num_nonnulls(stock_order_id, replaces_id) <= 1"
        " WHEN 0 THEN stock_order_id IS NOT NULL AND state IN ('stock', 'blocked')"
        " ELSE false END",
        name="origin",
    ),
    CheckConstraint("face_value_cents BETWEEN 1 AND cap_cents", name="cap"),
    CheckConstraint(f"state IN ({_STATES})", name="state"),
    CheckConstraint("octet_length(status_tag) = 8", name="status_tag"),
    CheckConstraint(
        "(sealed_pin IS NULL) = (pin_hash IS NULL) AND octet_length(pin_hash) = 32", name="pin"
    ),
    Index("ix_voucher_untagged", "town_id", "id", postgresql_where=text("status_tag IS NULL")),
    Index(None, "town_id", "batch_id", "serial"),
    Index(
        "uq_voucher_town_id_replaces_id",
        "town_id",
        "replaces_id",
        unique=True,
        postgresql_where=text("replaces_id IS NOT NULL"),
    ),
    Index(
        "ix_voucher_to_expire",
        "town_id",
        "valid_until",
        postgresql_where=text("state IN ('active', 'blocked')"),
    ),
    comment="Vouchers. The code stands here only hashed and sealed; the value is the account.",
)

voucher_event = Table(
    "voucher_event",
    metadata,
    uuid_column("town_id"),
    uuid_column("id"),
    uuid_column("voucher_id"),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    instant_column("happened_at"),
    PrimaryKeyConstraint("town_id", "id"),
    ForeignKeyConstraint(["town_id", "voucher_id"], ["voucher.town_id", "voucher.id"]),
    CheckConstraint(f"state IN ({_STATES})", name="state"),
    Index(None, "town_id", "voucher_id"),
    comment="Changes of a voucher's state after its issue, with the reason given.",
)
