"""Withdrawals from citizens' orders.

Revision: 0034, after 0033.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    _make_withdrawals()
    _make_resolutions()
    for table in ("withdrawal", "withdrawal_resolution"):
        _never_change(table)
        _secure(table)
    op.execute(
        "GRANT SELECT (town_id, id, declared_at, order_id, outcome) ON withdrawal"
        " TO gutschein_auditor"
    )
    op.execute("GRANT SELECT ON withdrawal_resolution TO gutschein_auditor")


def _make_withdrawals() -> None:
    op.create_table(
        "withdrawal",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sealed_name", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_number", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_email", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_remarks", sa.LargeBinary(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('closed', 'frozen', 'too_late', 'unmatched')",
            name=op.f("ck_withdrawal_outcome"),
        ),
        sa.CheckConstraint(
            "(outcome = 'unmatched') = (order_id IS NULL)", name=op.f("ck_withdrawal_order")
        ),
        sa.ForeignKeyConstraint(["town_id"], ["town.id"], name=op.f("fk_withdrawal_town_id")),
        sa.ForeignKeyConstraint(
            ["town_id", "order_id"],
            ["shop_order.town_id", "shop_order.id"],
            name=op.f("fk_withdrawal_town_id_order_id"),
        ),
        sa.PrimaryKeyConstraint("town_id", "id", name=op.f("pk_withdrawal")),
        comment="Withdrawals as they were declared, and what came of each at once. order_id is the"
        " order that number and e-mail address fit.",
    )
    for column in ("declared_at", "order_id"):
        op.create_index(op.f(f"ix_withdrawal_town_id_{column}"), "withdrawal", ["town_id", column])


def _make_resolutions() -> None:
    op.create_table(
        "withdrawal_resolution",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("withdrawal_id", sa.Uuid(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_by", sa.Uuid(), nullable=False),
        sa.Column("resolved_by_name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["town_id", "withdrawal_id"],
            ["withdrawal.town_id", "withdrawal.id"],
            name=op.f("fk_withdrawal_resolution_town_id_withdrawal_id"),
        ),
        sa.PrimaryKeyConstraint("town_id", "withdrawal_id", name=op.f("pk_withdrawal_resolution")),
        comment="How a town has settled a withdrawal.",
    )


def _never_change(table: str) -> None:
    op.execute(
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        f"CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def _secure(table: str) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY own_towns ON {table}"
        " USING (coalesce(town_id = ANY ((SELECT own_towns())::uuid[]), false))"
    )
    op.execute(f"CREATE POLICY auditor ON {table} FOR SELECT TO gutschein_auditor USING (true)")
    op.execute(f"GRANT SELECT, INSERT ON {table} TO gutschein_app")
