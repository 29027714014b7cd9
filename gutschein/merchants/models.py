"""Tables of merchants, their branches and payout accounts, and of issuing points."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ForeignKeyConstraint,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from gutschein.db.metadata import instant_column, metadata, uuid_column
from gutschein.signing.sealed_columns import SealedColumns

merchant = Table(
    "merchant",
    metadata,
    uuid_column("town_id"),
    uuid_column("id"),
    Column("name", Text, nullable=False),
    Column("street", Text, nullable=False),
    Column("house_number", Text, nullable=False),
    Column("postcode", Text, nullable=False),
    Column("post_town", Text, nullable=False),
    instant_column("created_at"),
    Column("sealed_contact_email", LargeBinary),
    PrimaryKeyConstraint("town_id", "id"),
    ForeignKeyConstraint(["town_id"], ["town.id"]),
    comment="Merchants (Akzeptanzstellen) under contract with a town.",
)

payout_account = Table(
    "payout_account",
    metadata,
    uuid_column("town_id"),
    uuid_column("merchant_id"),
    instant_column("valid_from"),
    Column("sealed_iban", LargeBinary, nullable=False),
    Column("sealed_account_holder", LargeBinary, nullable=False),
    PrimaryKeyConstraint("town_id", "merchant_id", "valid_from"),
    ForeignKeyConstraint(["town_id", "merchant_id"], ["merchant.town_id", "merchant.id"]),
    comment="Where a merchant is paid from an instant on, sealed; the newest begun counts.",
)

#: Sealed under the town's data key.
PAYOUT_ACCOUNT = SealedColumns("payout_account", ("iban", "account_holder"))

branch = Table(
    "branch",
    metadata,
    uuid_column("town_id"),
    uuid_column("id"),
    uuid_column("merchant_id"),
    Column("name", Text, nullable=False),
    instant_column("opened_at"),
    instant_column("closed_at", nullable=True),
    PrimaryKeyConstraint("town_id", "id"),
    ForeignKeyConstraint(["town_id", "merchant_id"], ["merchant.town_id", "merchant.id"]),
    UniqueConstraint("town_id", "merchant_id", "id"),
    comment="Branches: the shops of a merchant. A closed branch redeems nothing.",
)

issuing_point = Table(
    "issuing_point",
    metadata,
    uuid_column("town_id"),
    uuid_column("id"),
    Column("name", Text, nullable=False),
    instant_column("opened_at"),
    PrimaryKeyConstraint("town_id", "id"),
    ForeignKeyConstraint(["town_id"], ["town.id"]),
    comment="Issuing points (Ausgabestellen) that sell vouchers against cash or card.",
)
