"""Settlements, statements and payouts.

Revision: 0007, after 0006.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "settlement",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_to", sa.Date(), nullable=False),
        sa.Column("follows", sa.Date(), nullable=True),
        sa.Column("vat_basis_points", sa.Integer(), nullable=False),
        sa.Column("minimum_payout_cents", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'approved') = (approved_at IS NOT NULL)", name=op.f("ck_settlement_approved")
        ),
        sa.CheckConstraint("state IN ('closed', 'approved')", name=op.f("ck_settlement_state")),
        sa.CheckConstraint("period_from <= period_to", name=op.f("ck_settlement_period")),
        sa.CheckConstraint("period_from = follows + 1", name=op.f("ck_settlement_follows")),
        sa.ForeignKeyConstraint(
            ["town_id", "follows"],
            ["settlement.town_id", "settlement.period_to"],
            name=op.f("fk_settlement_town_id_follows"),
        ),
        sa.ForeignKeyConstraint(["town_id"], ["town.id"], name=op.f("fk_settlement_town_id")),
        sa.PrimaryKeyConstraint("town_id", "id", name=op.f("pk_settlement")),
        sa.UniqueConstraint(
            "town_id",
            "follows",
            name=op.f("uq_settlement_town_id_follows"),
            postgresql_nulls_not_distinct=True,
        ),
        sa.UniqueConstraint("town_id", "number", name=op.f("uq_settlement_town_id_number")),
        sa.UniqueConstraint("town_id", "period_to", name=op.f("uq_settlement_town_id_period_to")),
        comment="Settlements: one closed period of a town, then approved.",
    )
    op.create_table(
        "statement",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("settlement_id", sa.Uuid(), nullable=False),
        sa.Column("merchant_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("redeemed_cents", sa.BigInteger(), nullable=False),
        sa.Column("reversed_cents", sa.BigInteger(), nullable=False),
        sa.Column("returned_cents", sa.BigInteger(), nullable=False),
        sa.Column("fee_cents", sa.BigInteger(), nullable=False),
        sa.Column("vat_cents", sa.BigInteger(), nullable=False),
        sa.Column("carried_in_cents", sa.BigInteger(), nullable=False),
        sa.Column("payout_cents", sa.BigInteger(), nullable=False),
        sa.Column("carried_out_cents", sa.BigInteger(), nullable=False),
        sa.Column("iban", sa.Text(), nullable=False),
        sa.Column("account_holder", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "carried_in_cents + redeemed_cents - reversed_cents + returned_cents - fee_cents - vat_cents = payout_cents + carried_out_cents",
            name=op.f("ck_statement_balances"),
        ),
        sa.CheckConstraint(
            "redeemed_cents >= 0 AND reversed_cents >= 0 AND returned_cents >= 0 AND payout_cents >= 0",
            name=op.f("ck_statement_signs"),
        ),
        sa.ForeignKeyConstraint(
            ["town_id", "merchant_id"],
            ["merchant.town_id", "merchant.id"],
            name=op.f("fk_statement_town_id_merchant_id"),
        ),
        sa.ForeignKeyConstraint(
            ["town_id", "settlement_id"],
            ["settlement.town_id", "settlement.id"],
            name=op.f("fk_statement_town_id_settlement_id"),
        ),
        sa.PrimaryKeyConstraint("town_id", "id", name=op.f("pk_statement")),
        sa.UniqueConstraint("town_id", "number", name=op.f("uq_statement_town_id_number")),
        sa.UniqueConstraint(
            "town_id",
            "settlement_id",
            "merchant_id",
            name=op.f("uq_statement_town_id_settlement_id_merchant_id"),
        ),
        comment="Statements: what one merchant is owed for one period, and where it goes.",
    )
    op.create_index(
        op.f("ix_statement_town_id_merchant_id"),
        "statement",
        ["town_id", "merchant_id"],
        unique=False,
    )
    op.create_table(
        "statement_line",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("issuing_town_id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("fee_basis_points", sa.Integer(), nullable=False),
        sa.Column("redemption_count", sa.Integer(), nullable=False),
        sa.Column("redeemed_cents", sa.BigInteger(), nullable=False),
        sa.Column("reversal_count", sa.Integer(), nullable=False),
        sa.Column("reversed_cents", sa.BigInteger(), nullable=False),
        sa.Column("fee_cents", sa.BigInteger(), nullable=False),
        sa.Column("vat_cents", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["town_id", "statement_id"],
            ["statement.town_id", "statement.id"],
            name=op.f("fk_statement_line_town_id_statement_id"),
        ),
        sa.PrimaryKeyConstraint(
            "town_id",
            "statement_id",
            "issuing_town_id",
            "programme_id",
            "fee_basis_points",
            name=op.f("pk_statement_line"),
        ),
        comment="Lines of a statement, one per programme: fee and VAT are rounded here, once.",
    )
    op.create_table(
        "statement_entry",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(amount_cents < 0) = (kind = 'reversal')", name=op.f("ck_statement_entry_sign")
        ),
        sa.CheckConstraint(
            "kind IN ('redemption', 'reversal', 'return')", name=op.f("ck_statement_entry_kind")
        ),
        sa.ForeignKeyConstraint(
            ["town_id", "statement_id"],
            ["statement.town_id", "statement.id"],
            deferrable=True,
            initially="DEFERRED",
            name=op.f("fk_statement_entry_town_id_statement_id"),
        ),
        sa.PrimaryKeyConstraint("town_id", "entry_id", name=op.f("pk_statement_entry")),
        comment="Which statement a redemption, reversal or returned payout entered: exactly one.",
    )
    op.create_index(
        op.f("ix_statement_entry_town_id_statement_id"),
        "statement_entry",
        ["town_id", "statement_id"],
        unique=False,
    )
    op.create_table(
        "payout",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("end_to_end_id", sa.Text(), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_payout_amount")),
        sa.ForeignKeyConstraint(
            ["town_id", "statement_id"],
            ["statement.town_id", "statement.id"],
            name=op.f("fk_payout_town_id_statement_id"),
        ),
        sa.PrimaryKeyConstraint("town_id", "statement_id", name=op.f("pk_payout")),
        sa.UniqueConstraint(
            "town_id", "end_to_end_id", name=op.f("uq_payout_town_id_end_to_end_id")
        ),
        comment="Payouts ordered by an approved statement.",
    )
    op.create_table(
        "payout_event",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('confirmed', 'returned')", name=op.f("ck_payout_event_kind")),
        sa.ForeignKeyConstraint(
            ["town_id", "statement_id"],
            ["payout.town_id", "payout.statement_id"],
            name=op.f("fk_payout_event_town_id_statement_id"),
        ),
        sa.PrimaryKeyConstraint("town_id", "id", name=op.f("pk_payout_event")),
        sa.UniqueConstraint(
            "town_id",
            "statement_id",
            "kind",
            name=op.f("uq_payout_event_town_id_statement_id_kind"),
        ),
        comment="What the bank said of a payout: confirmed, or returned with the bank's reason.",
    )
    op.create_table(
        "payout_file",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("settlement_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("transfer_count", sa.Integer(), nullable=False),
        sa.Column("control_sum_cents", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["town_id", "settlement_id"],
            ["settlement.town_id", "settlement.id"],
            name=op.f("fk_payout_file_town_id_settlement_id"),
        ),
        sa.PrimaryKeyConstraint("town_id", "settlement_id", name=op.f("pk_payout_file")),
        sa.UniqueConstraint(
            "town_id", "message_id", name=op.f("uq_payout_file_town_id_message_id")
        ),
        comment="The pain.001 file of a settlement, kept as it went to the bank.",
    )
