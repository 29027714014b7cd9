"""Roles for each kind of work, and the rows that each of them sees.

Revision: 0010, after 0009.

Row-level security is forced, so that it holds for the owner of the tables too. A unit of
work names its towns in the setting ``gutschein.towns``; where it names none, no town's
row is there.
"""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"

OF_TOWNS = (
    "acceptance",
    "balance_snapshot",
    "branch",
    "code_key",
    "hold",
    "hold_resolution",
    "issuing_point",
    "ledger_account",
    "merchant",
    "payment",
    "payout",
    "payout_account",
    "payout_event",
    "payout_file",
    "programme",
    "redemption",
    "reversal",
    "settlement",
    "signing_key",
    "statement",
    "statement_entry",
    "statement_line",
    "town_counter",
    "town_vat_rate",
    "transfer",
    "voucher",
    "voucher_batch",
    "voucher_event",
)
OF_REGION = ("region", "town", "netting", "netting_position", "netting_payment")

#: What a sale across towns, a reversal and the balance of a voucher need, and no more.
#: A row lock wants the right to update some column; no statement of that role changes it.
CLEARING = {
    "SELECT": (
        "region, town, acceptance, merchant, branch, programme, voucher, ledger_account, "
        "balance_snapshot, hold, hold_resolution, transfer, redemption, reversal, signing_key, "
        "code_key"
    ),
    "INSERT": "transfer, redemption, reversal",
    "UPDATE (balance_cents, held_cents)": "ledger_account",
    "UPDATE (serial)": "voucher",
}

#: Opening towns, and netting what they owe one another.
OPERATOR = {
    "SELECT": (
        "region, town, town_vat_rate, acceptance, ledger_account, balance_snapshot, transfer, "
        "signing_key, code_key, netting, netting_position, netting_payment"
    ),
    "INSERT": (
        "region, town, town_counter, ledger_account, transfer, signing_key, code_key, netting, "
        "netting_position, netting_payment"
    ),
    "UPDATE (balance_cents, held_cents)": "ledger_account",
    "UPDATE (sign_until)": "signing_key",
    "UPDATE (paid_at)": "netting_payment",
}

ROLES = ("gutschein_clearing", "gutschein_operator", "gutschein_identity", "gutschein_jobs")


def upgrade() -> None:
    for role in ROLES:
        _make_role(role)
    op.execute(
        """
        CREATE FUNCTION own_towns() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
            SELECT coalesce(nullif(current_setting('gutschein.towns', true), ''), '{}')::uuid[]
        $$
        """
    )
    _let_in()
    for table in (*OF_TOWNS, *OF_REGION):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY auditor ON {table} FOR SELECT TO gutschein_auditor USING (true)")
    for table in OF_TOWNS:
        op.execute(f"CREATE POLICY own_towns ON {table} USING (coalesce(town_id = {_OWN}, false))")
    for table in CLEARING["SELECT"].split(", "):
        if table in OF_TOWNS:
            op.execute(f"CREATE POLICY clearing ON {table} TO gutschein_clearing USING (true)")
    _tell_of_agreements()
    _open_the_region()


# Beside a table's own town_id it stands in a coalesce, so that the planner takes it for a
# filter and never for a way in: as a condition of an index it would read a town's every
# account to find the one that the query names.
_OWN = "ANY ((SELECT own_towns())::uuid[])"


def _make_role(role: str) -> None:
    op.execute(
        f"""
        DO $$ BEGIN
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


def _let_in() -> None:
    op.execute(
        "REVOKE INSERT ON region, town, netting, netting_position, netting_payment"
        " FROM gutschein_app"
    )
    op.execute("REVOKE UPDATE ON netting_payment FROM gutschein_app")
    for right, tables in CLEARING.items():
        op.execute(f"GRANT {right} ON {tables} TO gutschein_clearing")
    for right, tables in OPERATOR.items():
        op.execute(f"GRANT {right} ON {tables} TO gutschein_operator")
    op.execute("GRANT SELECT ON region, town, merchant, branch TO gutschein_identity")
    op.execute("GRANT SELECT ON region, town TO gutschein_jobs")
    for table in ("merchant", "branch"):
        op.execute(
            f"CREATE POLICY identity ON {table} FOR SELECT TO gutschein_identity USING (true)"
        )


def _tell_of_agreements() -> None:
    """Both towns of an agreement may read it; only the issuing town changes it. Statements of
    the town that honours the vouchers name the kinds of voucher that were redeemed there.
    """
    op.execute(
        f"CREATE POLICY accepting_town ON acceptance FOR SELECT USING (accepting_town_id = {_OWN})"
    )
    op.execute(
        "CREATE POLICY accepting_town ON programme FOR SELECT USING (town_id IN"
        f" (SELECT a.town_id FROM acceptance a WHERE a.accepting_town_id = {_OWN}))"
    )


def _open_the_region() -> None:
    """Names of regions and towns are no secret; the netting is for those it is about."""
    op.execute("CREATE POLICY everybody ON region FOR SELECT USING (true)")
    op.execute(
        "CREATE POLICY operator ON region FOR INSERT TO gutschein_operator WITH CHECK (true)"
    )
    op.execute("CREATE POLICY everybody ON town FOR SELECT USING (true)")
    op.execute(f"CREATE POLICY own_towns ON town FOR UPDATE USING (id = {_OWN})")
    op.execute(
        f"CREATE POLICY operator ON town FOR INSERT TO gutschein_operator WITH CHECK (id = {_OWN})"
    )
    of_region = f"region_id IN (SELECT region_id FROM town WHERE id = {_OWN})"
    op.execute(f"CREATE POLICY own_region ON netting USING ({of_region})")
    op.execute(
        "CREATE POLICY own_region ON netting_position"
        " USING (netting_id IN (SELECT id FROM netting))"
    )
    op.execute(
        "CREATE POLICY own_region ON netting_payment USING (netting_id IN (SELECT id FROM netting))"
    )
