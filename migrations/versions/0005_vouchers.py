"""Payments, and the vouchers issued against them.

Revision: 0005, after 0004.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "payment",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("issuing_point_id", sa.Uuid(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(method = 'cash') = (issuing_point_id IS NOT NULL)",
            name=op.f("ck_payment_issuing_point"),
        ),
        sa.CheckConstraint(
            "method IN ('bank_transfer', 'provider', 'cash', 'subsidy')",
            name=op.f("ck_payment_method"),
        ),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_payment_amount")),
        sa.ForeignKeyConstraint(
            ["town_id", "issuing_point_id"],
            ["issuing_point.town_id", "issuing_point.id"],
            name=op.f("fk_payment_town_id_issuing_point_id"),
        ),
        sa.ForeignKeyConstraint(["town_id"], ["town.id"], name=op.f("fk_payment_town_id")),
        sa.PrimaryKeyConstraint("town_id", "id", name=op.f("pk_payment")),
        comment="Booked payments. What is left of one stands on its guarded account.",
    )
    op.create_table(
        "voucher_batch",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("voucher_count", sa.Integer(), nullable=False),
        sa.Column("value_cents", sa.BigInteger(), nullable=False),
        sa.Column("sold_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("first_serial", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "voucher_count BETWEEN 1 AND 100000", name=op.f("ck_voucher_batch_voucher_count")
        ),
        sa.ForeignKeyConstraint(
            ["town_id", "payment_id"],
            ["payment.town_id", "payment.id"],
            name=op.f("fk_voucher_batch_town_id_payment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["town_id", "programme_id"],
            ["programme.town_id", "programme.id"],
            name=op.f("fk_voucher_batch_town_id_programme_id"),
        ),
        sa.PrimaryKeyConstraint("town_id", "id", name=op.f("pk_voucher_batch")),
        comment="Batches: vouchers of one value issued in one call against one payment.",
    )
    op.create_table(
        "voucher",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("kid", sa.LargeBinary(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_code", sa.LargeBinary(), nullable=False),
        sa.Column("face_value_cents", sa.BigInteger(), nullable=False),
        sa.Column("cap_cents", sa.BigInteger(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('active', 'blocked', 'replaced', 'expired')", name=op.f("ck_voucher_state")
        ),
        sa.CheckConstraint(
            "(batch_id IS NULL) <> (replaces_id IS NULL)", name=op.f("ck_voucher_origin")
        ),
        sa.CheckConstraint("face_value_cents BETWEEN 1 AND cap_cents", name=op.f("ck_voucher_cap")),
        sa.ForeignKeyConstraint(
            ["town_id", "batch_id"],
            ["voucher_batch.town_id", "voucher_batch.id"],
            name=op.f("fk_voucher_town_id_batch_id"),
        ),
        sa.ForeignKeyConstraint(
            ["town_id", "kid"],
            ["signing_key.town_id", "signing_key.kid"],
            name=op.f("fk_voucher_town_id_kid"),
        ),
        sa.ForeignKeyConstraint(
            ["town_id", "programme_id", "cap_cents"],
            ["programme.town_id", "programme.id", "programme.cap_cents"],
            name=op.f("fk_voucher_town_id_programme_id_cap_cents"),
        ),
        sa.ForeignKeyConstraint(
            ["town_id", "replaces_id"],
            ["voucher.town_id", "voucher.id"],
            name=op.f("fk_voucher_town_id_replaces_id"),
        ),
        sa.PrimaryKeyConstraint("town_id", "id", name=op.f("pk_voucher")),
        sa.UniqueConstraint("town_id", "code_hash", name=op.f("uq_voucher_town_id_code_hash")),
        sa.UniqueConstraint("town_id", "replaces_id", name=op.f("uq_voucher_town_id_replaces_id")),
        sa.UniqueConstraint("town_id", "serial", name=op.f("uq_voucher_town_id_serial")),
        comment="Vouchers. The code stands here only hashed and sealed; the value is the account.",
    )
    op.create_index(
        "ix_voucher_to_expire",
        "voucher",
        ["town_id", "valid_until"],
        unique=False,
        postgresql_where=sa.text("state IN ('active', 'blocked')"),
    )
    op.create_index(
        op.f("ix_voucher_town_id_batch_id_serial"),
        "voucher",
        ["town_id", "batch_id", "serial"],
        unique=False,
    )
    op.create_table(
        "voucher_event",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("voucher_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('active', 'blocked', 'replaced', 'expired')",
            name=op.f("ck_voucher_event_state"),
        ),
        sa.ForeignKeyConstraint(
            ["town_id", "voucher_id"],
            ["voucher.town_id", "voucher.id"],
            name=op.f("fk_voucher_event_town_id_voucher_id"),
        ),
        sa.PrimaryKeyConstraint("town_id", "id", name=op.f("pk_voucher_event")),
        comment="Changes of a voucher's state after its issue, with the reason given.",
    )
    op.create_index(
        op.f("ix_voucher_event_town_id_voucher_id"),
        "voucher_event",
        ["town_id", "voucher_id"],
        unique=False,
    )
