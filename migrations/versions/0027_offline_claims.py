"""What a town allows without a net, the claims that come of it, and tags for status lists.

Revision: 0027, after 0026.

A tag follows from a voucher's code, which only the service can open: vouchers that were there
before get theirs from a job, and until then their town publishes no list.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.add_column("voucher", sa.Column("status_tag", sa.LargeBinary(), nullable=True))
    op.create_check_constraint(
        op.f("ck_voucher_status_tag"), "voucher", "octet_length(status_tag) = 8"
    )
    op.create_index(
        "ix_voucher_untagged",
        "voucher",
        ["town_id", "id"],
        postgresql_where=sa.text("status_tag IS NULL"),
    )
    op.execute("GRANT UPDATE (status_tag) ON voucher TO gutschein_app")
    _make_terms()
    _make_claims()
    _secure()


def _make_terms() -> None:
    op.create_table(
        "offline_terms",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("voucher_cents", sa.BigInteger(), nullable=False),
        sa.Column("device_cents", sa.BigInteger(), nullable=False),
        sa.Column("outage_minutes", sa.Integer(), nullable=False),
        sa.Column("bearer", sa.Text(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "voucher_cents BETWEEN 1 AND device_cents AND device_cents <= 10000000",
            name=op.f("ck_offline_terms_limits"),
        ),
        sa.CheckConstraint(
            "outage_minutes BETWEEN 1 AND 1440", name=op.f("ck_offline_terms_outage_minutes")
        ),
        sa.CheckConstraint("bearer IN ('merchant', 'town')", name=op.f("ck_offline_terms_bearer")),
        sa.ForeignKeyConstraint(["town_id"], ["town.id"], name=op.f("fk_offline_terms_town_id")),
        sa.PrimaryKeyConstraint("town_id", "begins_at", name=op.f("pk_offline_terms")),
        comment="What a town's shops may take without a net, from an instant on; the newest counts.",
    )
    _never_change("offline_terms")


def _make_claims() -> None:
    op.create_table(
        "claim",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("merchant_id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("cashier_id", sa.Uuid(), nullable=True),
        sa.Column("issuing_town_id", sa.Uuid(), nullable=True),
        sa.Column("voucher_id", sa.Uuid(), nullable=True),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("outage_began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("terms_begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("reason_params", sa.Text(), nullable=True),
        sa.Column("bearer", sa.Text(), nullable=True),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_claim_amount")),
        sa.CheckConstraint("octet_length(content_hash) = 32", name=op.f("ck_claim_content_hash")),
        sa.CheckConstraint(
            "num_nonnulls(issuing_town_id, voucher_id) IN (0, 2)", name=op.f("ck_claim_voucher")
        ),
        sa.CheckConstraint(
            "outcome IN ('received', 'accepted', 'disputed')"
            " AND (outcome = 'received') = (decided_at IS NULL)"
            " AND (outcome = 'disputed') = (reason IS NOT NULL)"
            " AND (outcome = 'disputed') = (reason_params IS NOT NULL)"
            " AND (outcome = 'disputed') = (bearer IS NOT NULL)"
            " AND (outcome = 'disputed' OR voucher_id IS NOT NULL)"
            " AND (outcome <> 'received' OR terms_begun_at IS NOT NULL)",
            name=op.f("ck_claim_outcome"),
        ),
        sa.CheckConstraint("bearer IN ('merchant', 'town')", name=op.f("ck_claim_bearer")),
        sa.ForeignKeyConstraint(
            ["town_id", "merchant_id", "branch_id"],
            ["branch.town_id", "branch.merchant_id", "branch.id"],
            name=op.f("fk_claim_town_id_merchant_id_branch_id"),
        ),
        sa.ForeignKeyConstraint(
            ["town_id", "device_id"],
            ["device.town_id", "device.id"],
            name=op.f("fk_claim_town_id_device_id"),
        ),
        sa.ForeignKeyConstraint(
            ["town_id", "cashier_id"],
            ["cashier.town_id", "cashier.id"],
            name=op.f("fk_claim_town_id_cashier_id"),
        ),
        sa.ForeignKeyConstraint(
            ["town_id", "terms_begun_at"],
            ["offline_terms.town_id", "offline_terms.begins_at"],
            name=op.f("fk_claim_town_id_terms_begun_at"),
        ),
        sa.PrimaryKeyConstraint("town_id", "id", name=op.f("pk_claim")),
        comment="What devices took without a net, and what became of it. No code stands here.",
    )
    op.create_index(
        op.f("ix_claim_town_id_device_id_outage_began_at"),
        "claim",
        ["town_id", "device_id", "outage_began_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_claim_town_id_branch_id_claimed_at"),
        "claim",
        ["town_id", "branch_id", "claimed_at"],
        unique=False,
    )
    op.create_index(
        "ix_claim_open_or_disputed",
        "claim",
        ["town_id", "outcome", "received_at"],
        unique=False,
        postgresql_where=sa.text("outcome <> 'accepted'"),
    )
    _decide_once()
    op.create_table(
        "claim_resolution",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_by", sa.Uuid(), nullable=False),
        sa.Column("resolved_by_name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["town_id", "claim_id"],
            ["claim.town_id", "claim.id"],
            name=op.f("fk_claim_resolution_town_id_claim_id"),
        ),
        sa.PrimaryKeyConstraint("town_id", "claim_id", name=op.f("pk_claim_resolution")),
        comment="How a town has made good, outside these books, what it bears of a disputed claim.",
    )
    _never_change("claim_resolution")


def _never_change(table: str) -> None:
    op.execute(
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        f"CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def _decide_once() -> None:
    """What was sent never changes, and what was decided is the last word."""
    op.execute(
        """
        CREATE FUNCTION decide_claim_once() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.outcome <> 'received' THEN
                RAISE EXCEPTION 'a claim that is decided is never changed'
                    USING ERRCODE = 'restrict_violation';
            ELSIF (NEW.town_id, NEW.id, NEW.merchant_id, NEW.branch_id, NEW.device_id,
                   NEW.cashier_id, NEW.issuing_town_id, NEW.voucher_id, NEW.amount_cents,
                   NEW.outage_began_at, NEW.claimed_at, NEW.received_at, NEW.content_hash,
                   NEW.terms_begun_at)
                  IS DISTINCT FROM
                  (OLD.town_id, OLD.id, OLD.merchant_id, OLD.branch_id, OLD.device_id,
                   OLD.cashier_id, OLD.issuing_town_id, OLD.voucher_id, OLD.amount_cents,
                   OLD.outage_began_at, OLD.claimed_at, OLD.received_at, OLD.content_hash,
                   OLD.terms_begun_at) THEN
                RAISE EXCEPTION 'what was claimed is never changed'
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER decide_once BEFORE UPDATE ON claim"
        " FOR EACH ROW EXECUTE FUNCTION decide_claim_once()"
    )
    op.execute(
        "CREATE TRIGGER never_deleted BEFORE DELETE ON claim"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER never_truncated BEFORE TRUNCATE ON claim"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def _secure() -> None:
    for table in ("offline_terms", "claim", "claim_resolution"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY own_towns ON {table}"
            " USING (coalesce(town_id = ANY ((SELECT own_towns())::uuid[]), false))"
        )
        op.execute(f"CREATE POLICY auditor ON {table} FOR SELECT TO gutschein_auditor USING (true)")
        op.execute(f"GRANT SELECT ON {table} TO gutschein_auditor")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO gutschein_app")
    op.execute(
        "GRANT UPDATE (tried_at, outcome, decided_at, reason, reason_params, bearer)"
        " ON claim TO gutschein_app"
    )
