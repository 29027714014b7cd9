"""Who takes vouchers, who hands them out, and the kinds of voucher.

Revision: 0004, after 0003.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "merchant",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("house_number", sa.Text(), nullable=False),
        sa.Column("postcode", sa.Text(), nullable=False),
        sa.Column("post_town", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["town_id"], ["town.id"], name=op.f("fk_merchant_town_id")),
        sa.PrimaryKeyConstraint("town_id", "id", name=op.f("pk_merchant")),
        comment="Merchants (Akzeptanzstellen) under contract with a town.",
    )
    op.create_table(
        "payout_account",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("merchant_id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("iban", sa.Text(), nullable=False),
        sa.Column("account_holder", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["town_id", "merchant_id"],
            ["merchant.town_id", "merchant.id"],
            name=op.f("fk_payout_account_town_id_merchant_id"),
        ),
        sa.PrimaryKeyConstraint(
            "town_id", "merchant_id", "valid_from", name=op.f("pk_payout_account")
        ),
        comment="Where a merchant is paid from an instant on; the newest that has begun counts.",
    )
    op.create_table(
        "branch",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("merchant_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["town_id", "merchant_id"],
            ["merchant.town_id", "merchant.id"],
            name=op.f("fk_branch_town_id_merchant_id"),
        ),
        sa.PrimaryKeyConstraint("town_id", "id", name=op.f("pk_branch")),
        comment="Branches: the shops of a merchant. A closed branch redeems nothing.",
    )
    op.create_index(
        op.f("ix_branch_town_id_merchant_id"), "branch", ["town_id", "merchant_id"], unique=False
    )
    op.create_table(
        "issuing_point",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["town_id"], ["town.id"], name=op.f("fk_issuing_point_town_id")),
        sa.PrimaryKeyConstraint("town_id", "id", name=op.f("pk_issuing_point")),
        comment="Issuing points (Ausgabestellen) that sell vouchers against cash or card.",
    )
    op.create_table(
        "programme",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("fixed_values_cents", postgresql.ARRAY(sa.BigInteger()), nullable=True),
        sa.Column("minimum_cents", sa.BigInteger(), nullable=False),
        sa.Column("maximum_cents", sa.BigInteger(), nullable=False),
        sa.Column("cap_cents", sa.BigInteger(), nullable=False),
        sa.Column("validity", sa.Text(), nullable=False),
        sa.Column("validity_count", sa.Integer(), nullable=True),
        sa.Column("validity_day", sa.Date(), nullable=True),
        sa.Column("partial_redemption", sa.Boolean(), nullable=False),
        sa.Column("merchant_fee_basis_points", sa.Integer(), nullable=False),
        sa.Column("payer", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "CASE validity WHEN 'end_of_year' THEN validity_count >= 0 AND validity_day IS NULL WHEN 'days' THEN validity_count >= 1 AND validity_day IS NULL WHEN 'fixed_day' THEN validity_count IS NULL AND validity_day IS NOT NULL ELSE false END",
            name=op.f("ck_programme_validity"),
        ),
        sa.CheckConstraint("payer IN ('citizen', 'town')", name=op.f("ck_programme_payer")),
        sa.CheckConstraint(
            "merchant_fee_basis_points BETWEEN 0 AND 10000", name=op.f("ck_programme_merchant_fee")
        ),
        sa.CheckConstraint(
            "minimum_cents >= 1 AND minimum_cents <= maximum_cents AND maximum_cents <= cap_cents",
            name=op.f("ck_programme_values"),
        ),
        sa.ForeignKeyConstraint(["town_id"], ["town.id"], name=op.f("fk_programme_town_id")),
        sa.PrimaryKeyConstraint("town_id", "id", name=op.f("pk_programme")),
        sa.UniqueConstraint(
            "town_id", "id", "cap_cents", name=op.f("uq_programme_town_id_id_cap_cents")
        ),
        comment="Programmes (Gutscheinarten). Terms never change for vouchers already sold.",
    )
