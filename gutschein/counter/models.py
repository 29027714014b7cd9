"""Tables of issuing points: what they have in stock, what they sold, and their cash counted."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from gutschein.db.metadata import cents_column, instant_column, metadata, uuid_column

stock_range = Table(
    "stock_range",
    metadata,
    uuid_column("town_id"),
    uuid_column("id"),
    uuid_column("issuing_point_id"),
    Column("first_serial", Integer, nullable=False),
    Column("last_serial", Integer, nullable=False),
    uuid_column("assigned_by", nullable=True),
    Column("assigned_by_name", Text, nullable=False),
    instant_column("assigned_at"),
    PrimaryKeyConstraint("town_id", "id"),
    ForeignKeyConstraint(
        ["town_id", "issuing_point_id"], ["issuing_point.town_id", "issuing_point.id"]
    ),
    CheckConstraint("first_serial BETWEEN 1 AND last_serial", name="serials"),
    Index(None, "town_id", "issuing_point_id"),
    comment="Which issuing point sells which vouchers in stock; "
    "of two that cover one, the newest counts.",
)

counter_sale = Table(
    "counter_sale",
    metadata,
    uuid_column("town_id"),
    uuid_column("id"),
    uuid_column("issuing_point_id"),
    Column("receipt_number", Integer, nullable=False),
    uuid_column("voucher_id"),
    uuid_column("sold_by", nullable=True),
    Column("sold_by_name", Text, nullable=False),
    instant_column("sold_at"),
    Column("sold_on", Date, nullable=False),
    PrimaryKeyConstraint("town_id", "id"),
    UniqueConstraint("town_id", "issuing_point_id", "receipt_number"),
    UniqueConstraint("town_id", "voucher_id"),
    ForeignKeyConstraint(["town_id", "id"], ["payment.town_id", "payment.id"]),
    ForeignKeyConstraint(
        ["town_id", "issuing_point_id"], ["issuing_point.town_id", "issuing_point.id"]
    ),
    ForeignKeyConstraint(["town_id", "voucher_id"], ["voucher.town_id", "voucher.id"]),
    CheckConstraint("receipt_number >= 1", name="receipt_number"),
    CheckConstraint("sold_on = (sold_at AT TIME ZONE 'Europe/Berlin')::date", name="day"),
    comment="Vouchers sold at an issuing point, under the id of the payment, "
    "with the number of the receipt.",
)

cash_closing = Table(
    "cash_closing",
    metadata,
    uuid_column("town_id"),
    uuid_column("id"),
    uuid_column("issuing_point_id"),
    Column("number", Integer, nullable=False),
    Column("follows", Integer, nullable=True),
    cents_column("carried_in_cents"),
    cents_column("cash_taken_cents"),
    cents_column("card_taken_cents"),
    cents_column("expected_cents"),
    cents_column("counted_cents"),
    cents_column("banked_cents"),
    Column("reason", Text, nullable=True),
    uuid_column("closed_by", nullable=True),
    Column("closed_by_name", Text, nullable=False),
    instant_column("closed_at"),
    Column("closed_on", Date, nullable=False),
    PrimaryKeyConstraint("town_id", "id"),
    UniqueConstraint("town_id", "issuing_point_id", "number"),
    ForeignKeyConstraint(
        ["town_id", "issuing_point_id"], ["issuing_point.town_id", "issuing_point.id"]
    ),
    # So that none is left out: each follows the one before.
    ForeignKeyConstraint(
        ["town_id", "issuing_point_id", "follows"],
        ["cash_closing.town_id", "cash_closing.issuing_point_id", "cash_closing.number"],
    ),
    CheckConstraint("number >= 1 AND coalesce(follows, 0) = number - 1", name="number"),
    CheckConstraint("cash_taken_cents >= 0 AND card_taken_cents >= 0", name="taken"),
    CheckConstraint("expected_cents = carried_in_cents + cash_taken_cents", name="expected"),
    CheckConstraint("banked_cents BETWEEN 0 AND counted_cents", name="banked"),
    CheckConstraint("counted_cents = expected_cents OR reason IS NOT NULL", name="reason"),
    CheckConstraint("closed_on = (closed_at AT TIME ZONE 'Europe/Berlin')::date", name="day"),
    comment="The cash of an issuing point, counted: what the books expected, what was there, "
    "what went to the bank.",
)
