"""The ledger: accounts, transfers, snapshots and holds.

Revision: 0003, after 0002.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "ledger_account",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("guarded", sa.Boolean(), nullable=False),
        sa.Column("balance_cents", sa.BigInteger(), nullable=True),
        sa.Column("held_cents", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "guarded = (kind IN ('payment', 'voucher'))",
            name=op.f("ck_ledger_account_guarded_kind"),
        ),
        sa.CheckConstraint(
            "kind IN ('trust_bank', 'payment_provider', 'cash', 'subsidy', 'payment', 'voucher', 'merchant_payable', 'payout_in_transit', 'clearing', 'fee_income', 'vat_payable', 'lapsed')",
            name=op.f("ck_ledger_account_kind"),
        ),
        sa.CheckConstraint(
            "CASE WHEN guarded THEN balance_cents IS NOT NULL AND held_cents >= 0 AND balance_cents >= held_cents ELSE balance_cents IS NULL AND held_cents = 0 END",
            name=op.f("ck_ledger_account_never_below_zero"),
        ),
        sa.ForeignKeyConstraint(["town_id"], ["town.id"], name=op.f("fk_ledger_account_town_id")),
        sa.PrimaryKeyConstraint("town_id", "id", name=op.f("pk_ledger_account")),
        sa.UniqueConstraint(
            "town_id",
            "kind",
            "owner_id",
            name=op.f("uq_ledger_account_town_id_kind_owner_id"),
            postgresql_nulls_not_distinct=True,
        ),
        comment="Accounts of a town. Guarded ones carry their balance and never fall below zero.",
    )
    op.create_table(
        "transfer",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("debit_account_id", sa.Uuid(), nullable=False),
        sa.Column("credit_account_id", sa.Uuid(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("reference_id", sa.Uuid(), nullable=False),
        sa.Column("link_id", sa.Uuid(), nullable=True),
        sa.Column("reverses_id", sa.Uuid(), nullable=True),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "booked_on = (booked_at AT TIME ZONE 'Europe/Berlin')::date",
            name=op.f("ck_transfer_day"),
        ),
        sa.CheckConstraint(
            "amount_cents BETWEEN 1 AND 9007199254740991", name=op.f("ck_transfer_amount")
        ),
        sa.CheckConstraint(
            "debit_account_id <> credit_account_id", name=op.f("ck_transfer_two_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["town_id", "credit_account_id"],
            ["ledger_account.town_id", "ledger_account.id"],
            name=op.f("fk_transfer_town_id_credit_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["town_id", "debit_account_id"],
            ["ledger_account.town_id", "ledger_account.id"],
            name=op.f("fk_transfer_town_id_debit_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["town_id", "reverses_id"],
            ["transfer.town_id", "transfer.id"],
            name=op.f("fk_transfer_town_id_reverses_id"),
        ),
        sa.PrimaryKeyConstraint("town_id", "id", name=op.f("pk_transfer")),
        sa.UniqueConstraint("town_id", "reverses_id", name=op.f("uq_transfer_town_id_reverses_id")),
        comment="Transfers: one debit, one credit, one positive amount; never changed or deleted.",
    )
    op.create_index(
        op.f("ix_transfer_town_id_credit_account_id_ordinal"),
        "transfer",
        ["town_id", "credit_account_id", "ordinal"],
        unique=False,
    )
    op.create_index(
        op.f("ix_transfer_town_id_debit_account_id_ordinal"),
        "transfer",
        ["town_id", "debit_account_id", "ordinal"],
        unique=False,
    )
    op.create_table(
        "balance_snapshot",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("up_to_ordinal", sa.BigInteger(), nullable=False),
        sa.Column("balance_cents", sa.BigInteger(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["town_id", "account_id"],
            ["ledger_account.town_id", "ledger_account.id"],
            name=op.f("fk_balance_snapshot_town_id_account_id"),
        ),
        sa.PrimaryKeyConstraint(
            "town_id", "account_id", "up_to_ordinal", name=op.f("pk_balance_snapshot")
        ),
        comment="Credits minus debits of a busy account over all transfers up to an ordinal.",
    )
    op.create_table(
        "hold",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("debit_account_id", sa.Uuid(), nullable=False),
        sa.Column("credit_account_id", sa.Uuid(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("reference_id", sa.Uuid(), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "amount_cents BETWEEN 1 AND 9007199254740991", name=op.f("ck_hold_amount")
        ),
        sa.CheckConstraint(
            "debit_account_id <> credit_account_id", name=op.f("ck_hold_two_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["town_id", "credit_account_id"],
            ["ledger_account.town_id", "ledger_account.id"],
            name=op.f("fk_hold_town_id_credit_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["town_id", "debit_account_id"],
            ["ledger_account.town_id", "ledger_account.id"],
            name=op.f("fk_hold_town_id_debit_account_id"),
        ),
        sa.PrimaryKeyConstraint("town_id", "id", name=op.f("pk_hold")),
        comment="Money set aside on a guarded account until it is posted or released.",
    )
    op.create_table(
        "hold_resolution",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("hold_id", sa.Uuid(), nullable=False),
        sa.Column("posted_cents", sa.BigInteger(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(posted_cents > 0) = (transfer_id IS NOT NULL)",
            name=op.f("ck_hold_resolution_transfer"),
        ),
        sa.CheckConstraint("posted_cents >= 0", name=op.f("ck_hold_resolution_posted")),
        sa.ForeignKeyConstraint(
            ["town_id", "hold_id"],
            ["hold.town_id", "hold.id"],
            name=op.f("fk_hold_resolution_town_id_hold_id"),
        ),
        sa.ForeignKeyConstraint(
            ["town_id", "transfer_id"],
            ["transfer.town_id", "transfer.id"],
            name=op.f("fk_hold_resolution_town_id_transfer_id"),
        ),
        sa.PrimaryKeyConstraint("town_id", "hold_id", name=op.f("pk_hold_resolution")),
        comment="The one end of a hold: posted in full or part, or released (0 cents posted).",
    )
