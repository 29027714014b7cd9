"""Tables of a town's terms without a net, and of the claims that its shops send afterwards.

A claim stands in the town of the merchant, as its redemption does. It refers to that by its
id alone: the redemption is made by the clearing engine in a transaction of its own.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
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

_BEARERS = "bearer IN ('merchant', 'town')"

offline_terms = Table(
    "offline_terms",
    metadata,
    uuid_column("town_id"),
    instant_column("begins_at"),
    Column("enabled", Boolean, nullable=False),
    cents_column("voucher_cents"),
    cents_column("device_cents"),
    Column("outage_minutes", Integer, nullable=False),
    Column("bearer", Text, nullable=False),
    uuid_column("set_by"),
    PrimaryKeyConstraint("town_id", "begins_at"),
    ForeignKeyConstraint(["town_id"], ["town.id"]),
    CheckConstraint(
        "voucher_cents BETWEEN 1 AND device_cents AND device_cents <= 10000000", name="limits"
    ),
    CheckConstraint("outage_minutes BETWEEN 1 AND 1440", name="outage_minutes"),
    CheckConstraint(_BEARERS, name="bearer"),
    comment="What a town's shops may take without a net, from an instant on; the newest counts.",
)

claim = Table(
    "claim",
    metadata,
    uuid_column("town_id"),
    uuid_column("id"),
    uuid_column("merchant_id"),
    uuid_column("branch_id"),
    uuid_column("device_id"),
    uuid_column("cashier_id", nullable=True),
    uuid_column("issuing_town_id", nullable=True),
    uuid_column("voucher_id", nullable=True),
    cents_column("amount_cents"),
    instant_column("outage_began_at"),
    instant_column("claimed_at"),
    instant_column("received_at"),
    Column("content_hash", LargeBinary, nullable=False),
    instant_column("terms_begun_at", nullable=True),
    instant_column("tried_at"),
    Column("outcome", Text, nullable=False),
    instant_column("decided_at", nullable=True),
    Column("reason", Text, nullable=True),
    Column("reason_params", Text, nullable=True),
    Column("bearer", Text, nullable=True),
    PrimaryKeyConstraint("town_id", "id"),
    ForeignKeyConstraint(
        ["town_id", "merchant_id", "branch_id"],
        ["branch.town_id", "branch.merchant_id", "branch.id"],
    ),
    ForeignKeyConstraint(["town_id", "device_id"], ["device.town_id", "device.id"]),
    ForeignKeyConstraint(["town_id", "cashier_id"], ["cashier.town_id", "cashier.id"]),
    ForeignKeyConstraint(
        ["town_id", "terms_begun_at"], ["offline_terms.town_id", "offline_terms.begins_at"]
    ),
    CheckConstraint("amount_cents > 0", name="amount"),
    CheckConstraint("octet_length(content_hash) = 32", name="content_hash"),
    CheckConstraint("num_nonnulls(issuing_town_id, voucher_id) IN (0, 2)", name="voucher"),
    CheckConstraint(
        "outcome IN ('received', 'accepted', 'disputed')"
        " AND (outcome = 'received') = (decided_at IS NULL)"
        " AND (outcome = 'disputed') = (reason IS NOT NULL)"
        " AND (outcome = 'disputed') = (reason_params IS NOT NULL)"
        " AND (outcome = 'disputed') = (bearer IS NOT NULL)"
        " AND (outcome = 'disputed' OR voucher_id IS NOT NULL)"
        " AND (outcome <> 'received' OR terms_begun_at IS NOT NULL)",
        name="outcome",
    ),
    CheckConstraint(_BEARERS, name="bearer"),
    Index(None, "town_id", "device_id", "outage_began_at"),
    Index(None, "town_id", "branch_id", "claimed_at"),
    Index(
        "ix_claim_open_or_disputed",
        "town_id",
        "outcome",
        "received_at",
        postgresql_where=text("outcome <> 'accepted'"),
    ),
    comment="What devices took without a net, and what became of it. No code stands here.",
)

claim_resolution = Table(
    "claim_resolution",
    metadata,
    uuid_column("town_id"),
    uuid_column("claim_id"),
    Column("how", Text, nullable=False),
    instant_column("resolved_at"),
    uuid_column("resolved_by"),
    Column("resolved_by_name", Text, nullable=False),
    PrimaryKeyConstraint("town_id", "claim_id"),
    ForeignKeyConstraint(["town_id", "claim_id"], ["claim.town_id", "claim.id"]),
    comment="How a town has made good, outside these books, what it bears of a disputed claim.",
)
