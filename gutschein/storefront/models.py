"""Tables of what the public sees: a town's page and texts, and where its shops are.

A storefront belongs to the region as its town does, whose id it has: its short name leads to
the town, wherever that lives.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from gutschein.db.metadata import instant_column, metadata, uuid_column

storefront = Table(
    "storefront",
    metadata,
    uuid_column("id"),
    Column("slug", Text, nullable=False),
    Column("intro", Text, nullable=False),
    Column("intro_en", Text),
    Column("coat_of_arms_svg", LargeBinary),
    Column("contact_email", Text),
    Column("contact_phone", Text),
    Column("is_open", Boolean, nullable=False),
    instant_column("changed_at"),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("slug"),
    ForeignKeyConstraint(["id"], ["town.id"]),
    CheckConstraint("slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(slug) <= 60", name="slug"),
    CheckConstraint("octet_length(coat_of_arms_svg) <= 65536", name="coat_of_arms"),
    comment="What the public sees of a town, and the short name its pages go by.",
)

storefront_text = Table(
    "storefront_text",
    metadata,
    uuid_column("town_id"),
    Column("kind", Text, nullable=False),
    Column("language", Text, nullable=False),
    instant_column("begins_at"),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("town_id", "kind", "language", "begins_at"),
    ForeignKeyConstraint(["town_id"], ["town.id"]),
    CheckConstraint(
        "kind IN ('imprint', 'privacy', 'terms', 'withdrawal', 'accessibility')", name="kind"
    ),
    CheckConstraint("language IN ('de', 'en')", name="language"),
    comment="A town's imprint, privacy notice, terms and the like; the newest begun counts.",
)

branch_profile = Table(
    "branch_profile",
    metadata,
    uuid_column("town_id"),
    uuid_column("branch_id"),
    Column("category", Text, nullable=False),
    Column("street", Text, nullable=False),
    Column("house_number", Text, nullable=False),
    Column("postcode", Text, nullable=False),
    Column("post_town", Text, nullable=False),
    Column("phone", Text),
    Column("website", Text),
    Column("opening_hours", Text),
    Column("wheelchair", Text),
    Column("latitude_microdegrees", Integer),
    Column("longitude_microdegrees", Integer),
    PrimaryKeyConstraint("town_id", "branch_id"),
    ForeignKeyConstraint(["town_id", "branch_id"], ["branch.town_id", "branch.id"]),
    CheckConstraint("website ~ '^https://'", name="website"),
    CheckConstraint("wheelchair IN ('yes', 'partly', 'no')", name="wheelchair"),
    CheckConstraint(
        "num_nonnulls(latitude_microdegrees, longitude_microdegrees) IN (0, 2)"
        " AND latitude_microdegrees BETWEEN -90000000 AND 90000000"
        " AND longitude_microdegrees BETWEEN -180000000 AND 180000000",
        name="place",
    ),
    comment="Where a branch is and what it sells, for those who look for one.",
)
