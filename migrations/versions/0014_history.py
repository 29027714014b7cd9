"""The business log, the chain over it and over the transfers, and the outbox of mail.

Revision: 0014, after 0013.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

APPEND_ONLY = ("log_entry", "history_block")

OWN = "coalesce(chain_id = ANY ((SELECT own_towns())::uuid[]), false)"
WAITING = "sent_at IS NULL AND given_up_at IS NULL"


def upgrade() -> None:
    _make_log()
    _make_blocks()
    _make_outbox()
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    # What is sealed next is found by its instant.
    op.create_index(
        op.f("ix_transfer_town_id_booked_at"), "transfer", ["town_id", "booked_at"], unique=False
    )
    op.execute("CREATE POLICY jobs ON transfer FOR SELECT TO gutschein_jobs USING (true)")
    op.execute("GRANT SELECT ON transfer TO gutschein_jobs")


def _make_log() -> None:
    op.create_table(
        "log_entry",
        sa.Column("chain_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            r"action ~ '^[a-z0-9_]+\.[a-z0-9_]+$'", name=op.f("ck_log_entry_action")
        ),
        sa.PrimaryKeyConstraint("chain_id", "id", name=op.f("pk_log_entry")),
        comment="The business log: who did what, before, after, why. A town's or a region's chain.",
    )
    op.create_index(
        op.f("ix_log_entry_chain_id_happened_at"),
        "log_entry",
        ["chain_id", "happened_at"],
        unique=False,
    )
    _secure("log_entry")
    op.execute(f"CREATE POLICY own_towns ON log_entry USING ({OWN})")
    # Their units of work name no town, or a region, and may well change what a town reads of.
    for role in ("identity", "operator"):
        op.execute(
            f"CREATE POLICY {role} ON log_entry FOR INSERT TO gutschein_{role} WITH CHECK (true)"
        )
    op.execute(
        "CREATE POLICY region ON log_entry FOR SELECT TO gutschein_operator"
        " USING (chain_id NOT IN (SELECT id FROM town))"
    )
    op.execute("CREATE POLICY jobs ON log_entry FOR SELECT TO gutschein_jobs USING (true)")
    op.execute(
        "GRANT SELECT, INSERT ON log_entry TO gutschein_app, gutschein_identity, gutschein_operator"
    )
    op.execute("GRANT SELECT ON log_entry TO gutschein_jobs, gutschein_auditor")


def _make_blocks() -> None:
    op.create_table(
        "history_block",
        sa.Column("chain_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sealed_up_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("row_digests", sa.LargeBinary(), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('log', 'transfer')", name=op.f("ck_history_block_kind")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_history_block_number")),
        sa.CheckConstraint(
            "octet_length(row_digests) = 48 * row_count",
            name=op.f("ck_history_block_row_digests"),
        ),
        sa.CheckConstraint(
            "octet_length(previous_hash) = 32 AND octet_length(hash) = 32",
            name=op.f("ck_history_block_hashes"),
        ),
        sa.CheckConstraint("sealed_up_to < sealed_at", name=op.f("ck_history_block_past")),
        sa.PrimaryKeyConstraint("chain_id", "kind", "number", name=op.f("pk_history_block")),
        comment="Blocks of a chain: id and SHA-256 of each row, and of the block before.",
    )
    # Ids and digests do not get smaller by trying.
    op.execute("ALTER TABLE history_block ALTER COLUMN row_digests SET STORAGE EXTERNAL")
    _secure("history_block")
    op.execute(f"CREATE POLICY own_towns ON history_block USING ({OWN})")
    op.execute("CREATE POLICY jobs ON history_block TO gutschein_jobs USING (true)")
    op.execute("GRANT SELECT, INSERT ON history_block TO gutschein_jobs")
    op.execute("GRANT SELECT ON history_block TO gutschein_auditor")


def _make_outbox() -> None:
    op.create_table(
        "mail_outbox",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sealed_to", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_content", sa.LargeBinary(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("given_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "sent_at IS NULL OR given_up_at IS NULL", name=op.f("ck_mail_outbox_one_end")
        ),
        sa.CheckConstraint(
            f"(octet_length(sealed_to) > 0) = ({WAITING})"
            f" AND (octet_length(sealed_content) > 0) = ({WAITING})",
            name=op.f("ck_mail_outbox_wiped_at_the_end"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_outbox")),
        comment="Mail to be sent, sealed; what was sent or given up is wiped, the fact is kept.",
    )
    op.create_index(
        op.f("ix_mail_outbox_next_attempt_at"),
        "mail_outbox",
        ["next_attempt_at"],
        unique=False,
        postgresql_where=sa.text(WAITING),
    )
    _secure("mail_outbox")
    op.execute("CREATE POLICY anybody ON mail_outbox FOR INSERT WITH CHECK (true)")
    op.execute("CREATE POLICY jobs ON mail_outbox TO gutschein_jobs USING (true)")
    op.execute(
        "GRANT INSERT ON mail_outbox"
        " TO gutschein_app, gutschein_identity, gutschein_operator, gutschein_jobs"
    )
    op.execute("GRANT SELECT, DELETE ON mail_outbox TO gutschein_jobs")
    op.execute(
        "GRANT UPDATE (sealed_to, sealed_content, attempts, next_attempt_at, sent_at,"
        " given_up_at, last_error) ON mail_outbox TO gutschein_jobs"
    )
    op.execute(
        "GRANT SELECT (id, queued_at, attempts, next_attempt_at, sent_at, given_up_at, last_error)"
        " ON mail_outbox TO gutschein_auditor"
    )


def _secure(table: str) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY auditor ON {table} FOR SELECT TO gutschein_auditor USING (true)")
