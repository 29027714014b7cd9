"""Tables of citizens' orders."""

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
    text,
)

from gutschein.db.metadata import cents_column, instant_column, metadata, uuid_column
from gutschein.signing.sealed_columns import SealedColumns

#: The most vouchers that one order holds.
MOST_ITEMS = 20

_PLACED = "num_nonnulls(placed_at, request_id, total_cents, sealed_email)"

shop_order = Table(
    "shop_order",
    metadata,
    uuid_column("town_id"),
    uuid_column("id"),
    Column("language", Text, nullable=False),
    instant_column("made_at"),
    instant_column("placed_at", nullable=True),
    uuid_column("request_id", nullable=True),
    cents_column("total_cents", nullable=True),
    Column("sealed_email", LargeBinary),
    instant_column("issued_at", nullable=True),
    uuid_column("mail_id", nullable=True),
    instant_column("closed_at", nullable=True),
    PrimaryKeyConstraint("town_id", "id"),
    ForeignKeyConstraint(["town_id"], ["town.id"]),
    ForeignKeyConstraint(
        ["town_id", "request_id"], ["payment_request.town_id", "payment_request.id"]
    ),
    CheckConstraint("language IN ('de', 'en')", name="language"),
    CheckConstraint(f"{_PLACED} IN (0, 4)", name="placed"),
    CheckConstraint("request_id = id", name="request"),
    CheckConstraint("total_cents > 0", name="total"),
    CheckConstraint("placed_at IS NOT NULL OR issued_at IS NULL", name="issued"),
    CheckConstraint("placed_at IS NOT NULL OR closed_at IS NULL", name="closed"),
    CheckConstraint("num_nonnulls(issued_at, closed_at) <= 1", name="one_end"),
    CheckConstraint("mail_id IS NULL OR issued_at IS NOT NULL", name="mailed"),
    Index(
        "ix_shop_order_open",
        "town_id",
        "placed_at",
        postgresql_where=text("placed_at IS NOT NULL AND num_nonnulls(issued_at, closed_at) = 0"),
    ),
    Index(
        "ix_shop_order_to_mail",
        "town_id",
        "issued_at",
        postgresql_where=text("issued_at IS NOT NULL AND mail_id IS NULL"),
    ),
    Index("ix_shop_order_draft", "town_id", "made_at", postgresql_where=text("placed_at IS NULL")),
    comment="Citizens' orders: a draft, then placed under the payment request of the same id,"
    " then issued against the money, or closed without.",
)

#: Sealed under the town's data key.
BUYER = SealedColumns("shop_order", ("email",))

order_item = Table(
    "order_item",
    metadata,
    uuid_column("town_id"),
    uuid_column("order_id"),
    Column("position", Integer, nullable=False),
    uuid_column("programme_id"),
    cents_column("value_cents"),
    Column("motif", Text, nullable=False),
    Column("sealed_message", LargeBinary, nullable=False),
    Column("delivery", Text, nullable=False),
    Column("sealed_recipient", LargeBinary, nullable=False),
    Column("deliver_on", Date),
    uuid_column("batch_id", nullable=True),
    uuid_column("mail_id", nullable=True),
    PrimaryKeyConstraint("town_id", "order_id", "position"),
    ForeignKeyConstraint(["town_id", "order_id"], ["shop_order.town_id", "shop_order.id"]),
    ForeignKeyConstraint(["town_id", "programme_id"], ["programme.town_id", "programme.id"]),
    ForeignKeyConstraint(["town_id", "batch_id"], ["voucher_batch.town_id", "voucher_batch.id"]),
    CheckConstraint(f"position BETWEEN 1 AND {MOST_ITEMS}", name="position"),
    CheckConstraint("value_cents > 0", name="value"),
    CheckConstraint("delivery IN ('download', 'buyer', 'recipient')", name="delivery"),
    CheckConstraint("(delivery = 'recipient') = (deliver_on IS NOT NULL)", name="deliver_on"),
    CheckConstraint(
        "mail_id IS NULL OR (batch_id IS NOT NULL AND delivery = 'recipient')", name="mailed"
    ),
    Index(
        "ix_order_item_to_mail",
        "town_id",
        "deliver_on",
        postgresql_where=text(
            "batch_id IS NOT NULL AND mail_id IS NULL AND delivery = 'recipient'"
        ),
    ),
    comment="The vouchers of an order, one each. Message and recipient are sealed, also when"
    " they are empty.",
)

#: Sealed under the town's data key.
GIFT = SealedColumns("order_item", ("message", "recipient"))
