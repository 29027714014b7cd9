"""Roles, their rights, and the guard on everything that is never changed.

Revision: 0009, after 0008.

The application's role holds no right to change or delete a posted row. The trigger says
the same to everyone else, the owner of the tables included.
"""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"

APPEND_ONLY = (
    "transfer",
    "balance_snapshot",
    "hold",
    "hold_resolution",
    "payout_account",
    "payment",
    "voucher_batch",
    "voucher_event",
    "redemption",
    "reversal",
    "statement",
    "statement_line",
    "statement_entry",
    "payout",
    "payout_event",
    "payout_file",
    "netting",
    "netting_position",
)

CHANGEABLE = {
    "town": "brand_colour, minimum_payout_cents",
    "town_counter": "value",
    "acceptance": "valid_until",
    "signing_key": "sealed_private_key, kek_id, sign_until, not_after",
    "code_key": "sealed_key, kek_id",
    "ledger_account": "balance_cents, held_cents",
    "branch": "closed_at",
    "voucher": "state",
    "settlement": "state, approved_at",
    "netting_payment": "paid_at",
}


def upgrade() -> None:
    for role in ("gutschein_app", "gutschein_auditor"):
        op.execute(
            f"""
            DO $$ BEGIN
                -- Roles belong to the cluster: another database of it may have made this one,
                -- and may be making it at this moment.
                IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
                    CREATE ROLE {role} NOLOGIN;
                END IF;
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;
            END $$
            """
        )
        op.execute(
            f"""
            DO $$ BEGIN
                IF NOT pg_has_role(CURRENT_USER, '{role}', 'MEMBER') THEN
                    GRANT {role} TO CURRENT_USER;
                END IF;
            END $$
            """
        )
        op.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        op.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")
    op.execute("GRANT INSERT ON ALL TABLES IN SCHEMA public TO gutschein_app")
    op.execute("REVOKE INSERT ON alembic_version FROM gutschein_app")
    op.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO gutschein_app")
    for table, columns in CHANGEABLE.items():
        op.execute(f"GRANT UPDATE ({columns}) ON {table} TO gutschein_app")

    op.execute(
        """
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation',
                      HINT = 'Correct it with a new row that says what is right.';
        END $$
        """
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
