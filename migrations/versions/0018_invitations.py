"""Invitations to roles, and links that lead to one.

Revision: 0018, after 0017.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

OF_AUDITOR = (
    "id, name, roles, region_id, town_id, merchant_id, invited_at, invited_by, approved_by,"
    " ends_at, accepted_at, accepted_by, retracted_at, retracted_by"
)


def upgrade() -> None:
    op.create_table(
        "invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email_hash", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_email", sa.LargeBinary(), nullable=True),
        sa.Column("roles", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("region_id", sa.Uuid(), nullable=True),
        sa.Column("town_id", sa.Uuid(), nullable=True),
        sa.Column("merchant_id", sa.Uuid(), nullable=True),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_by", sa.Uuid(), nullable=True),
        sa.Column("retracted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retracted_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "cardinality(roles) > 0 AND CASE WHEN region_id IS NOT NULL THEN town_id IS NULL AND merchant_id IS NULL AND roles <@ ARRAY['operator'] WHEN merchant_id IS NOT NULL THEN town_id IS NOT NULL AND roles <@ ARRAY['owner', 'cashier'] ELSE town_id IS NOT NULL AND roles <@ ARRAY['administrator', 'approver', 'clerk', 'auditor'] END",
            name=op.f("ck_invitation_scope"),
        ),
        sa.CheckConstraint(
            "(email_hash IS NULL) = (sealed_email IS NULL) AND octet_length(email_hash) = 32",
            name=op.f("ck_invitation_email"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(accepted_at, retracted_at) <= 1", name=op.f("ck_invitation_one_end")
        ),
        sa.CheckConstraint(
            "num_nonnulls(accepted_at, retracted_at) = 0 OR sealed_email IS NULL",
            name=op.f("ck_invitation_forgotten"),
        ),
        sa.CheckConstraint("approved_by <> invited_by", name=op.f("ck_invitation_two_persons")),
        sa.ForeignKeyConstraint(
            ["accepted_by"], ["person.id"], name=op.f("fk_invitation_accepted_by")
        ),
        sa.ForeignKeyConstraint(
            ["invited_by"], ["person.id"], name=op.f("fk_invitation_invited_by")
        ),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_invitation_region_id")),
        sa.ForeignKeyConstraint(
            ["town_id", "merchant_id"],
            ["merchant.town_id", "merchant.id"],
            name=op.f("fk_invitation_town_id_merchant_id"),
        ),
        sa.ForeignKeyConstraint(["town_id"], ["town.id"], name=op.f("fk_invitation_town_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        comment="Invitations to roles. The address is kept sealed, and only while one is open.",
    )
    op.create_index(op.f("ix_invitation_town_id"), "invitation", ["town_id"], unique=False)
    op.create_index(op.f("ix_invitation_email_hash"), "invitation", ["email_hash"], unique=False)
    op.execute("GRANT SELECT, INSERT ON invitation TO gutschein_identity")
    op.execute(
        "GRANT UPDATE (email_hash, sealed_email, accepted_at, accepted_by, retracted_at,"
        " retracted_by) ON invitation TO gutschein_identity"
    )
    op.execute(f"GRANT SELECT ({OF_AUDITOR}) ON invitation TO gutschein_auditor")
    _lead_to_an_invitation()


def _lead_to_an_invitation() -> None:
    """A link leads to a person, or to an invitation whose person may not exist yet."""
    op.alter_column("one_time_link", "person_id", nullable=True)
    op.add_column("one_time_link", sa.Column("invitation_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_one_time_link_invitation_id"),
        "one_time_link",
        "invitation",
        ["invitation_id"],
        ["id"],
    )
    op.create_check_constraint(
        op.f("ck_one_time_link_whose"),
        "one_time_link",
        "num_nonnulls(person_id, invitation_id) = 1"
        " AND (invitation_id IS NULL OR purpose = 'invitation')",
    )
    op.create_index(
        op.f("ix_one_time_link_invitation_id"), "one_time_link", ["invitation_id"], unique=False
    )
