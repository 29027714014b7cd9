"""What needs a second person, and whom to write to when a merchant's bank data change.

Revision: 0013, after 0012.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

DECISION = "decision, decided_by, decided_by_name, decided_at, decision_reason"


def upgrade() -> None:
    op.create_table(
        "approval_request",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("sealed_terms", sa.LargeBinary(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=False),
        sa.Column("requested_by_name", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_by_name", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column(
            "open_subject_id",
            sa.Uuid(),
            sa.Computed(
                "CASE WHEN (decision IS NULL) THEN subject_id ELSE NULL::uuid END", persisted=True
            ),
            nullable=True,
        ),
        sa.CheckConstraint("requested_at < ends_at", name=op.f("ck_approval_request_ends")),
        sa.CheckConstraint(
            "decision IN ('approved', 'rejected', 'retracted', 'expired')",
            name=op.f("ck_approval_request_decision"),
        ),
        sa.CheckConstraint(
            "(decision IS NULL) = (decided_at IS NULL)", name=op.f("ck_approval_request_decided")
        ),
        sa.CheckConstraint(
            "(coalesce(decision, 'expired') = 'expired') = (decided_by IS NULL) AND (decided_by IS NULL) = (decided_by_name IS NULL)",
            name=op.f("ck_approval_request_decider"),
        ),
        sa.CheckConstraint(
            "(decision = 'expired') = (decided_at >= ends_at)",
            name=op.f("ck_approval_request_in_time"),
        ),
        sa.CheckConstraint(
            "decision NOT IN ('approved', 'rejected') OR decided_by <> requested_by",
            name=op.f("ck_approval_request_two_persons"),
        ),
        sa.CheckConstraint(
            "decision <> 'approved' OR decided_by IS DISTINCT FROM person_id",
            name=op.f("ck_approval_request_not_for_oneself"),
        ),
        sa.CheckConstraint(
            "decision <> 'retracted' OR decided_by = requested_by",
            name=op.f("ck_approval_request_retracted"),
        ),
        sa.ForeignKeyConstraint(["town_id"], ["town.id"], name=op.f("fk_approval_request_town_id")),
        sa.PrimaryKeyConstraint("town_id", "id", name=op.f("pk_approval_request")),
        sa.UniqueConstraint(
            "town_id",
            "kind",
            "open_subject_id",
            name=op.f("uq_approval_request_town_id_kind_open_subject_id"),
        ),
        comment="What one person asked for and another decided. Decided once, never changed.",
    )
    op.create_index(
        op.f("ix_approval_request_town_id_requested_at"),
        "approval_request",
        ["town_id", "requested_at"],
        unique=False,
    )
    _decide_once()
    _secure()
    op.add_column("merchant", sa.Column("sealed_contact_email", sa.LargeBinary(), nullable=True))
    op.execute("GRANT UPDATE (sealed_contact_email) ON merchant TO gutschein_app")


def _decide_once() -> None:
    """A request begins undecided; what was asked for never changes, a decision is the last."""
    op.execute(
        """
        CREATE FUNCTION decide_once() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                IF NEW.decision IS NOT NULL THEN
                    RAISE EXCEPTION 'a request begins undecided'
                        USING ERRCODE = 'restrict_violation';
                END IF;
            ELSIF OLD.decision IS NOT NULL THEN
                RAISE EXCEPTION 'what is decided is never changed'
                    USING ERRCODE = 'restrict_violation';
            ELSIF (NEW.town_id, NEW.id, NEW.kind, NEW.subject_id, NEW.person_id, NEW.sealed_terms,
                   NEW.summary, NEW.reason, NEW.requested_by, NEW.requested_by_name,
                   NEW.requested_at, NEW.ends_at)
                  IS DISTINCT FROM
                  (OLD.town_id, OLD.id, OLD.kind, OLD.subject_id, OLD.person_id, OLD.sealed_terms,
                   OLD.summary, OLD.reason, OLD.requested_by, OLD.requested_by_name,
                   OLD.requested_at, OLD.ends_at) THEN
                RAISE EXCEPTION 'what was asked for is never changed'
                    USING ERRCODE = 'restrict_violation',
                          HINT = 'Retract the request and ask anew.';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER decide_once BEFORE INSERT OR UPDATE ON approval_request"
        " FOR EACH ROW EXECUTE FUNCTION decide_once()"
    )
    op.execute(
        "CREATE TRIGGER never_deleted BEFORE DELETE ON approval_request"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER never_truncated BEFORE TRUNCATE ON approval_request"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def _secure() -> None:
    op.execute("ALTER TABLE approval_request ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE approval_request FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY own_towns ON approval_request"
        " USING (coalesce(town_id = ANY ((SELECT own_towns())::uuid[]), false))"
    )
    op.execute(
        "CREATE POLICY auditor ON approval_request FOR SELECT TO gutschein_auditor USING (true)"
    )
    op.execute("GRANT SELECT, INSERT ON approval_request TO gutschein_app")
    op.execute(f"GRANT UPDATE ({DECISION}) ON approval_request TO gutschein_app")
    op.execute("GRANT SELECT ON approval_request TO gutschein_auditor")
