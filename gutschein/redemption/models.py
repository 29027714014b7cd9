"""Tables of redemptions and reversals, kept in the town of the merchant.

The till that made the id belongs to that town, so one look there tells whether an id was
used before. The issuing town's side is in its own ledger; there is no foreign key
between the two, because they may live on different nodes: the auditor compares them.
"""

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
    UniqueConstraint,
)

from gutschein.db.metadata import cents_column, instant_column, metadata, uuid_column

#: Through which device or API key; a cashier stands at a device.
BY = "num_nonnulls(device_id, api_key_id) <= 1 AND (cashier_id IS NULL OR device_id IS NOT NULL)"

redemption = Table(
    "redemption",
    metadata,
    uuid_column("town_id"),
    uuid_column("id"),
    uuid_column("sale_id", nullable=True),
    uuid_column("merchant_id"),
    uuid_column("branch_id"),
    uuid_column("issuing_town_id"),
    uuid_column("voucher_id"),
    uuid_column("programme_id"),
    Column("fee_basis_points", Integer, nullable=False),
    cents_column("amount_cents"),
    cents_column("balance_after_cents"),
    instant_column("redeemed_at"),
    Column("redeemed_on", Date, nullable=False),
    uuid_column("device_id", nullable=True),
    uuid_column("cashier_id", nullable=True),
    uuid_column("api_key_id", nullable=True),
    PrimaryKeyConstraint("town_id", "id"),
    ForeignKeyConstraint(
        ["town_id", "merchant_id", "branch_id"],
        ["branch.town_id", "branch.merchant_id", "branch.id"],
    ),
    ForeignKeyConstraint(["town_id", "device_id"], ["device.town_id", "device.id"]),
    ForeignKeyConstraint(["town_id", "cashier_id"], ["cashier.town_id", "cashier.id"]),
    ForeignKeyConstraint(["town_id", "api_key_id"], ["api_key.town_id", "api_key.id"]),
    CheckConstraint("amount_cents > 0", name="amount"),
    CheckConstraint("balance_after_cents >= 0", name="balance_after"),
    CheckConstraint(BY, name="by"),
    CheckConstraint("fee_basis_points BETWEEN 0 AND 10000", name="fee"),
    Index(None, "town_id", "merchant_id", "redeemed_at"),
    comment="Redemptions in a town's shops, whoever issued the voucher. The till made the id.",
)

reversal = Table(
    "reversal",
    metadata,
    uuid_column("town_id"),
    uuid_column("id"),
    uuid_column("redemption_id"),
    uuid_column("merchant_id"),
    uuid_column("branch_id"),
    uuid_column("credited_voucher_id"),
    cents_column("amount_cents"),
    cents_column("balance_after_cents"),
    instant_column("reversed_at"),
    Column("reversed_on", Date, nullable=False),
    uuid_column("device_id", nullable=True),
    uuid_column("cashier_id", nullable=True),
    uuid_column("api_key_id", nullable=True),
    PrimaryKeyConstraint("town_id", "id"),
    UniqueConstraint("town_id", "redemption_id"),
    ForeignKeyConstraint(["town_id", "redemption_id"], ["redemption.town_id", "redemption.id"]),
    ForeignKeyConstraint(
        ["town_id", "merchant_id", "branch_id"],
        ["branch.town_id", "branch.merchant_id", "branch.id"],
    ),
    ForeignKeyConstraint(["town_id", "device_id"], ["device.town_id", "device.id"]),
    ForeignKeyConstraint(["town_id", "cashier_id"], ["cashier.town_id", "cashier.id"]),
    ForeignKeyConstraint(["town_id", "api_key_id"], ["api_key.town_id", "api_key.id"]),
    CheckConstraint("amount_cents > 0", name="amount"),
    CheckConstraint("balance_after_cents >= 0", name="balance_after"),
    CheckConstraint(BY, name="by"),
    Index(None, "town_id", "merchant_id", "reversed_at"),
    comment="Reversals: a redemption taken back whole, at most once.",
)
