"""Regions and towns, and who honours whose vouchers.

Revision: 0001, after nothing.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "region",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_region")),
        comment="Regions: towns on one platform that may honour one another's vouchers.",
    )
    op.create_table(
        "town",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("ags", sa.Text(), nullable=False),
        sa.Column("trust_iban", sa.Text(), nullable=False),
        sa.Column("trust_account_holder", sa.Text(), nullable=False),
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("house_number", sa.Text(), nullable=False),
        sa.Column("postcode", sa.Text(), nullable=False),
        sa.Column("post_town", sa.Text(), nullable=False),
        sa.Column("brand_colour", sa.Text(), nullable=False),
        sa.Column("minimum_payout_cents", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ags ~ '^[0-9]{8}$'", name=op.f("ck_town_ags")),
        sa.CheckConstraint("brand_colour ~ '^#[0-9a-f]{6}$'", name=op.f("ck_town_brand_colour")),
        sa.CheckConstraint("minimum_payout_cents >= 0", name=op.f("ck_town_minimum_payout")),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_town_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_town")),
        sa.UniqueConstraint("region_id", "ags", name=op.f("uq_town_region_id_ags")),
        comment="Towns: each the legal issuer of its own vouchers, with its own trust account.",
    )
    op.create_table(
        "town_vat_rate",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("basis_points", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "basis_points BETWEEN 0 AND 10000", name=op.f("ck_town_vat_rate_basis_points")
        ),
        sa.ForeignKeyConstraint(["town_id"], ["town.id"], name=op.f("fk_town_vat_rate_town_id")),
        sa.PrimaryKeyConstraint("town_id", "valid_from", name=op.f("pk_town_vat_rate")),
        comment="The VAT rate on the town's merchant fees, from a day on (paragraph 2b UStG).",
    )
    op.create_table(
        "acceptance",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("accepting_town_id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("town_id <> accepting_town_id", name=op.f("ck_acceptance_two_towns")),
        sa.CheckConstraint("valid_until >= valid_from", name=op.f("ck_acceptance_period")),
        sa.ForeignKeyConstraint(
            ["accepting_town_id"], ["town.id"], name=op.f("fk_acceptance_accepting_town_id")
        ),
        sa.ForeignKeyConstraint(["town_id"], ["town.id"], name=op.f("fk_acceptance_town_id")),
        sa.PrimaryKeyConstraint(
            "town_id", "accepting_town_id", "valid_from", name=op.f("pk_acceptance")
        ),
        comment="Vouchers of town_id are honoured by merchants of accepting_town_id, inclusive days.",
    )
    op.create_table(
        "town_counter",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["town_id"], ["town.id"], name=op.f("fk_town_counter_town_id")),
        sa.PrimaryKeyConstraint("town_id", "name", name=op.f("pk_town_counter")),
        comment="The last number given out in a gapless series of a town.",
    )
