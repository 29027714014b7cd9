"""Pictures for vouchers that a town has brought itself, and what became of a mail.

Revision: 0032, after 0031.

A picture is never changed: a voucher that was sold in it is printed in it. Of a mail, whoever
writes mails of a town may learn whether and how it has ended, and nothing of what it says.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    op.create_table(
        "motif",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name_de", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("alt_de", sa.Text(), nullable=False),
        sa.Column("alt_en", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("picture", sa.LargeBinary(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "key ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(key) <= 40", name=op.f("ck_motif_key")
        ),
        sa.CheckConstraint(
            "name_de <> '' AND name_en <> '' AND alt_de <> '' AND alt_en <> ''",
            name=op.f("ck_motif_words"),
        ),
        sa.CheckConstraint(
            "media_type IN ('image/png', 'image/jpeg')", name=op.f("ck_motif_media_type")
        ),
        sa.CheckConstraint(
            "octet_length(picture) BETWEEN 1 AND 700000", name=op.f("ck_motif_picture")
        ),
        sa.ForeignKeyConstraint(["town_id"], ["town.id"], name=op.f("fk_motif_town_id")),
        sa.PrimaryKeyConstraint("town_id", "key", name=op.f("pk_motif")),
        comment="Pictures for vouchers that a town has brought itself, beside the built-in ones.",
    )
    op.execute("ALTER TABLE motif ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE motif FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY own_towns ON motif"
        " USING (coalesce(town_id = ANY ((SELECT own_towns())::uuid[]), false))"
    )
    op.execute("CREATE POLICY auditor ON motif FOR SELECT TO gutschein_auditor USING (true)")
    op.execute("CREATE POLICY public ON motif FOR SELECT TO gutschein_public USING (true)")
    op.execute("GRANT SELECT, INSERT ON motif TO gutschein_app")
    op.execute(
        "GRANT UPDATE (name_de, name_en, alt_de, alt_en, position, is_active)"
        " ON motif TO gutschein_app"
    )
    op.execute("GRANT SELECT ON motif TO gutschein_auditor, gutschein_public")

    op.add_column(
        "mail_outbox",
        sa.Column("recipient_refused", sa.Boolean(), server_default="false", nullable=False),
    )
    op.create_check_constraint(
        op.f("ck_mail_outbox_refused"),
        "mail_outbox",
        "NOT recipient_refused OR given_up_at IS NOT NULL",
    )
    op.execute("CREATE POLICY fate ON mail_outbox FOR SELECT TO gutschein_app USING (true)")
    op.execute(
        "GRANT SELECT (id, sent_at, given_up_at, recipient_refused) ON mail_outbox TO gutschein_app"
    )
    op.execute("GRANT UPDATE (recipient_refused) ON mail_outbox TO gutschein_jobs")
    op.execute("GRANT SELECT (recipient_refused) ON mail_outbox TO gutschein_auditor")
