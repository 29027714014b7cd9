"""Tables of the netting between the towns of a region. They belong to no single town."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from gutschein.db.metadata import cents_column, instant_column, metadata, uuid_column

netting = Table(
    "netting",
    metadata,
    uuid_column("id"),
    uuid_column("region_id"),
    instant_column("netted_at"),
    PrimaryKeyConstraint("id"),
    ForeignKeyConstraint(["region_id"], ["region.id"]),
    comment="Nettings: the claims between a region's towns turned into the fewest payments.",
)

netting_position = Table(
    "netting_position",
    metadata,
    uuid_column("netting_id"),
    uuid_column("position_town_id"),
    cents_column("position_cents"),
    PrimaryKeyConstraint("netting_id", "position_town_id"),
    ForeignKeyConstraint(["netting_id"], ["netting.id"]),
    ForeignKeyConstraint(["position_town_id"], ["town.id"]),
    comment="The net position of a town in a netting: positive is owed to it, negative it owes.",
)

netting_payment = Table(
    "netting_payment",
    metadata,
    uuid_column("id"),
    uuid_column("netting_id"),
    uuid_column("payer_town_id"),
    uuid_column("payee_town_id"),
    cents_column("amount_cents"),
    Column("reference", Text, nullable=False),
    instant_column("paid_at", nullable=True),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("netting_id", "payer_town_id", "payee_town_id"),
    ForeignKeyConstraint(["netting_id"], ["netting.id"]),
    ForeignKeyConstraint(["payer_town_id"], ["town.id"]),
    ForeignKeyConstraint(["payee_town_id"], ["town.id"]),
    CheckConstraint("amount_cents > 0", name="amount"),
    CheckConstraint("payer_town_id <> payee_town_id", name="two_towns"),
    comment="Payments between towns that a netting asks for.",
)
