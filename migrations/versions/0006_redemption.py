"""Redemptions and reversals.

Revision: 0006, after 0005.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "redemption",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sale_id", sa.Uuid(), nullable=True),
        sa.Column("merchant_id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("issuing_town_id", sa.Uuid(), nullable=False),
        sa.Column("voucher_id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("fee_basis_points", sa.Integer(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("balance_after_cents", sa.BigInteger(), nullable=False),
        sa.Column("redeemed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("redeemed_on", sa.Date(), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_redemption_amount")),
        sa.CheckConstraint("balance_after_cents >= 0", name=op.f("ck_redemption_balance_after")),
        sa.CheckConstraint("fee_basis_points BETWEEN 0 AND 10000", name=op.f("ck_redemption_fee")),
        sa.ForeignKeyConstraint(
            ["town_id", "branch_id"],
            ["branch.town_id", "branch.id"],
            name=op.f("fk_redemption_town_id_branch_id"),
        ),
        sa.ForeignKeyConstraint(
            ["town_id", "merchant_id"],
            ["merchant.town_id", "merchant.id"],
            name=op.f("fk_redemption_town_id_merchant_id"),
        ),
        sa.PrimaryKeyConstraint("town_id", "id", name=op.f("pk_redemption")),
        comment="Redemptions in a town's shops, whoever issued the voucher. The till made the id.",
    )
    op.create_index(
        op.f("ix_redemption_town_id_merchant_id_redeemed_at"),
        "redemption",
        ["town_id", "merchant_id", "redeemed_at"],
        unique=False,
    )
    op.create_table(
        "reversal",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("redemption_id", sa.Uuid(), nullable=False),
        sa.Column("merchant_id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("credited_voucher_id", sa.Uuid(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("balance_after_cents", sa.BigInteger(), nullable=False),
        sa.Column("reversed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reversed_on", sa.Date(), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_reversal_amount")),
        sa.CheckConstraint("balance_after_cents >= 0", name=op.f("ck_reversal_balance_after")),
        sa.ForeignKeyConstraint(
            ["town_id", "branch_id"],
            ["branch.town_id", "branch.id"],
            name=op.f("fk_reversal_town_id_branch_id"),
        ),
        sa.ForeignKeyConstraint(
            ["town_id", "merchant_id"],
            ["merchant.town_id", "merchant.id"],
            name=op.f("fk_reversal_town_id_merchant_id"),
        ),
        sa.ForeignKeyConstraint(
            ["town_id", "redemption_id"],
            ["redemption.town_id", "redemption.id"],
            name=op.f("fk_reversal_town_id_redemption_id"),
        ),
        sa.PrimaryKeyConstraint("town_id", "id", name=op.f("pk_reversal")),
        sa.UniqueConstraint(
            "town_id", "redemption_id", name=op.f("uq_reversal_town_id_redemption_id")
        ),
        comment="Reversals: a redemption taken back whole, at most once.",
    )
    op.create_index(
        op.f("ix_reversal_town_id_merchant_id_reversed_at"),
        "reversal",
        ["town_id", "merchant_id", "reversed_at"],
        unique=False,
    )
