"""Tables of regions and towns."""

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
from gutschein.signing.sealed_columns import SealedColumns

region = Table(
    "region",
    metadata,
    uuid_column("id"),
    Column("name", Text, nullable=False),
    instant_column("created_at"),
    Column("master_public_key", LargeBinary),
    PrimaryKeyConstraint("id"),
    CheckConstraint("octet_length(master_public_key) = 32", name="master_public_key"),
    comment="Regions: towns on one platform that may honour one another's vouchers.",
)

town = Table(
    "town",
    metadata,
    uuid_column("id"),
    uuid_column("region_id"),
    Column("name", Text, nullable=False),
    Column("ags", Text, nullable=False),
    Column("sealed_trust_iban", LargeBinary, nullable=False),
    Column("sealed_trust_account_holder", LargeBinary, nullable=False),
    Column("street", Text, nullable=False),
    Column("house_number", Text, nullable=False),
    Column("postcode", Text, nullable=False),
    Column("post_town", Text, nullable=False),
    Column("brand_colour", Text, nullable=False),
    cents_column("minimum_payout_cents"),
    instant_column("created_at"),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("region_id", "ags"),
    ForeignKeyConstraint(["region_id"], ["region.id"]),
    CheckConstraint("ags ~ '^[0-9]{8}$'", name="ags"),
    CheckConstraint("brand_colour ~ '^#[0-9a-f]{6}$'", name="brand_colour"),
    CheckConstraint("minimum_payout_cents >= 0", name="minimum_payout"),
    comment="Towns: each the legal issuer of its own vouchers, with its own trust account, sealed.",
)

#: Sealed under the town's data key.
TRUST_ACCOUNT = SealedColumns("town", ("trust_iban", "trust_account_holder"))

town_vat_rate = Table(
    "town_vat_rate",
    metadata,
    uuid_column("town_id"),
    Column("valid_from", Date, nullable=False),
    Column("basis_points", Integer, nullable=False),
    PrimaryKeyConstraint("town_id", "valid_from"),
    ForeignKeyConstraint(["town_id"], ["town.id"]),
    CheckConstraint("basis_points BETWEEN 0 AND 10000", name="basis_points"),
    comment="The VAT rate on the town's merchant fees, from a day on (paragraph 2b UStG).",
)

acceptance = Table(
    "acceptance",
    metadata,
    uuid_column("town_id"),
    uuid_column("accepting_town_id"),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date),
    instant_column("agreed_at"),
    PrimaryKeyConstraint("town_id", "accepting_town_id", "valid_from"),
    ForeignKeyConstraint(["town_id"], ["town.id"]),
    ForeignKeyConstraint(["accepting_town_id"], ["town.id"]),
    CheckConstraint("town_id <> accepting_town_id", name="two_towns"),
    CheckConstraint("valid_until >= valid_from", name="period"),
    comment="Vouchers of town_id are honoured by merchants of accepting_town_id, inclusive days.",
)

town_counter = Table(
    "town_counter",
    metadata,
    uuid_column("town_id"),
    Column("name", Text, nullable=False),
    Column("value", Integer, nullable=False),
    PrimaryKeyConstraint("town_id", "name"),
    ForeignKeyConstraint(["town_id"], ["town.id"]),
    comment="The last number given out in a gapless series of a town.",
)
