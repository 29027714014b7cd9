"""Keys of the towns, all sealed.

Revision: 0002, after 0001.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "signing_key",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("kid", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_private_key", sa.LargeBinary(), nullable=False),
        sa.Column("kek_id", sa.Text(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sign_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "not_before < sign_until AND sign_until <= not_after",
            name=op.f("ck_signing_key_window"),
        ),
        sa.CheckConstraint("octet_length(kid) = 4", name=op.f("ck_signing_key_kid")),
        sa.CheckConstraint("octet_length(public_key) = 32", name=op.f("ck_signing_key_public_key")),
        sa.ForeignKeyConstraint(["town_id"], ["town.id"], name=op.f("fk_signing_key_town_id")),
        sa.PrimaryKeyConstraint("town_id", "kid", name=op.f("pk_signing_key")),
        comment="Ed25519 keys of a town: sign until one instant, verify until a later one.",
    )
    op.create_table(
        "code_key",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=False),
        sa.Column("kek_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("purpose IN ('lookup', 'seal')", name=op.f("ck_code_key_purpose")),
        sa.ForeignKeyConstraint(["town_id"], ["town.id"], name=op.f("fk_code_key_town_id")),
        sa.PrimaryKeyConstraint("town_id", "purpose", name=op.f("pk_code_key")),
        comment="A town's sealed keys that hash codes for look-up and seal them for reprints.",
    )
