"""Keys of the whole installation, and what is said of a town's keys.

Revision: 0016, after 0015.

A town's signing key may be endorsed by the region's master key and may be revoked. Sealed
keys are sealed anew by the role that works by the clock, and by no other.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "service_key",
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=False),
        sa.Column("kek_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("purpose", name=op.f("pk_service_key")),
        comment="Sealed keys of the whole installation, for what belongs to no single town.",
    )
    op.add_column("signing_key", sa.Column("endorsement", sa.LargeBinary()))
    op.add_column("signing_key", sa.Column("endorsed_at", sa.DateTime(timezone=True)))
    op.add_column("signing_key", sa.Column("revoked_at", sa.DateTime(timezone=True)))
    op.add_column("signing_key", sa.Column("revoked_reason", sa.Text()))
    op.create_check_constraint(
        op.f("ck_signing_key_endorsed"),
        "signing_key",
        "(endorsement IS NULL) = (endorsed_at IS NULL)",
    )
    op.create_check_constraint(
        op.f("ck_signing_key_revoked"),
        "signing_key",
        "(revoked_at IS NULL) = (revoked_reason IS NULL)",
    )
    op.drop_constraint(op.f("ck_code_key_purpose"), "code_key")
    op.create_check_constraint(
        op.f("ck_code_key_purpose"), "code_key", "purpose IN ('lookup', 'seal', 'data')"
    )
    op.create_table_comment(
        "code_key",
        "A town's sealed keys: hash codes for look-up, seal them for reprints, seal data.",
    )
    op.add_column("region", sa.Column("master_public_key", sa.LargeBinary()))
    op.create_check_constraint(
        op.f("ck_region_master_public_key"), "region", "octet_length(master_public_key) = 32"
    )
    _seal_anew_by_the_clock_alone()
    _endorse_revoke_and_reissue()


def _seal_anew_by_the_clock_alone() -> None:
    op.execute(
        "GRANT SELECT ON service_key TO gutschein_app, gutschein_clearing, gutschein_operator,"
        " gutschein_identity, gutschein_jobs"
    )
    op.execute("GRANT SELECT (purpose, kek_id, created_at) ON service_key TO gutschein_auditor")
    op.execute("GRANT INSERT, UPDATE (sealed_key, kek_id) ON service_key TO gutschein_jobs")
    op.execute("GRANT SELECT, UPDATE (sealed_private_key, kek_id) ON signing_key TO gutschein_jobs")
    op.execute("GRANT SELECT, UPDATE (sealed_key, kek_id) ON code_key TO gutschein_jobs")
    for table in ("signing_key", "code_key"):
        op.execute(f"CREATE POLICY jobs ON {table} TO gutschein_jobs USING (true)")
    op.execute(
        "REVOKE UPDATE (sealed_private_key, kek_id, not_after) ON signing_key FROM gutschein_app"
    )
    op.execute("REVOKE UPDATE (sealed_key, kek_id) ON code_key FROM gutschein_app")


def _endorse_revoke_and_reissue() -> None:
    op.execute("GRANT UPDATE (revoked_at, revoked_reason) ON signing_key TO gutschein_app")
    op.execute("GRANT UPDATE (kid) ON voucher TO gutschein_app")
    op.execute("GRANT UPDATE (endorsement, endorsed_at) ON signing_key TO gutschein_operator")
    op.execute("GRANT UPDATE (master_public_key) ON region TO gutschein_operator")
    # A region without towns is nobody's yet.
    op.execute(
        """
        CREATE POLICY own_region ON region FOR UPDATE TO gutschein_operator USING (
            id IN (SELECT region_id FROM town WHERE town.id = ANY ((SELECT own_towns())::uuid[]))
            OR NOT EXISTS (SELECT FROM town WHERE town.region_id = region.id)
        )
        """
    )
