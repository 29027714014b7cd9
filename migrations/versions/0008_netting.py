"""The netting between towns.

Revision: 0008, after 0007.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "netting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region_id", sa.Uuid(), nullable=False),
        sa.Column("netted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_netting_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_netting")),
        comment="Nettings: the claims between a region's towns turned into the fewest payments.",
    )
    op.create_table(
        "netting_position",
        sa.Column("netting_id", sa.Uuid(), nullable=False),
        sa.Column("position_town_id", sa.Uuid(), nullable=False),
        sa.Column("position_cents", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["netting_id"], ["netting.id"], name=op.f("fk_netting_position_netting_id")
        ),
        sa.ForeignKeyConstraint(
            ["position_town_id"], ["town.id"], name=op.f("fk_netting_position_position_town_id")
        ),
        sa.PrimaryKeyConstraint("netting_id", "position_town_id", name=op.f("pk_netting_position")),
        comment="The net position of a town in a netting: positive is owed to it, negative it owes.",
    )
    op.create_table(
        "netting_payment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("netting_id", sa.Uuid(), nullable=False),
        sa.Column("payer_town_id", sa.Uuid(), nullable=False),
        sa.Column("payee_town_id", sa.Uuid(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_netting_payment_amount")),
        sa.CheckConstraint(
            "payer_town_id <> payee_town_id", name=op.f("ck_netting_payment_two_towns")
        ),
        sa.ForeignKeyConstraint(
            ["netting_id"], ["netting.id"], name=op.f("fk_netting_payment_netting_id")
        ),
        sa.ForeignKeyConstraint(
            ["payee_town_id"], ["town.id"], name=op.f("fk_netting_payment_payee_town_id")
        ),
        sa.ForeignKeyConstraint(
            ["payer_town_id"], ["town.id"], name=op.f("fk_netting_payment_payer_town_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_netting_payment")),
        sa.UniqueConstraint(
            "netting_id",
            "payer_town_id",
            "payee_town_id",
            name=op.f("uq_netting_payment_netting_id_payer_town_id_payee_town_id"),
        ),
        comment="Payments between towns that a netting asks for.",
    )
