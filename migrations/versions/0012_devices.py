"""Devices, the cashiers at them, API keys, and who redeemed.

Revision: 0012, after 0011.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"

OF_TOWNS = ("api_key", "pairing_code", "device", "device_nonce", "cashier", "device_shift")

CHANGEABLE = {
    "api_key": "ends_at, revoked_at, used_at",
    "pairing_code": "used_at",
    "device": "name, seen_at, locked_at, locked_by, locked_by_town, lock_reason",
    "cashier": "name, pin_hash, pin_changed_at, ended_at",
    "device_shift": "ended_at",
}

#: What an auditor has no use for: the hashes of secrets.
FOR_THE_AUDITOR = {
    "api_key": "town_id, id, merchant_id, name, rights, created_at, created_by, ends_at,"
    " revoked_at, used_at, replaces_id",
    "pairing_code": "town_id, id, merchant_id, branch_id, device_name, made_at, made_by,"
    " made_by_name, ends_at, used_at",
    "device": "town_id, id, merchant_id, branch_id, name, algorithm, public_key,"
    " pairing_code_id, paired_at, seen_at, locked_at, locked_by, locked_by_town, lock_reason",
    "device_nonce": "town_id, device_id, nonce, ends_at",
    "cashier": "town_id, id, merchant_id, name, pin_changed_at, created_at, ended_at",
    "device_shift": "town_id, id, device_id, cashier_id, begun_at, ends_at, ended_at",
}


def upgrade() -> None:
    _make_api_keys()
    _make_devices()
    _make_cashiers()
    _name_who_redeemed()
    _let_in()


def _make_api_keys() -> None:
    op.create_table(
        "api_key",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("merchant_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("rights", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("octet_length(secret_hash) = 32", name=op.f("ck_api_key_secret_hash")),
        sa.CheckConstraint(
            "cardinality(rights) > 0"
            " AND rights <@ ARRAY['till.redeem', 'till.balance', 'redemption.read']",
            name=op.f("ck_api_key_rights"),
        ),
        sa.CheckConstraint("ends_at > created_at", name=op.f("ck_api_key_ends_at")),
        sa.ForeignKeyConstraint(
            ["town_id", "merchant_id"],
            ["merchant.town_id", "merchant.id"],
            name=op.f("fk_api_key_town_id_merchant_id"),
        ),
        sa.ForeignKeyConstraint(
            ["town_id", "replaces_id"],
            ["api_key.town_id", "api_key.id"],
            name=op.f("fk_api_key_town_id_replaces_id"),
        ),
        sa.PrimaryKeyConstraint("town_id", "id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("town_id", "replaces_id", name=op.f("uq_api_key_town_id_replaces_id")),
        comment="API keys of cash registers: what each may do, until when. Secrets as SHA-256 only.",
    )
    op.create_index(
        op.f("ix_api_key_town_id_merchant_id"), "api_key", ["town_id", "merchant_id"], unique=False
    )


def _make_devices() -> None:
    op.create_table(
        "pairing_code",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("merchant_id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("device_name", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_by_name", sa.Text(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("octet_length(code_hash) = 32", name=op.f("ck_pairing_code_code_hash")),
        sa.CheckConstraint("ends_at > made_at", name=op.f("ck_pairing_code_ends_at")),
        sa.ForeignKeyConstraint(
            ["town_id", "branch_id"],
            ["branch.town_id", "branch.id"],
            name=op.f("fk_pairing_code_town_id_branch_id"),
        ),
        sa.ForeignKeyConstraint(
            ["town_id", "merchant_id"],
            ["merchant.town_id", "merchant.id"],
            name=op.f("fk_pairing_code_town_id_merchant_id"),
        ),
        sa.PrimaryKeyConstraint("town_id", "id", name=op.f("pk_pairing_code")),
        sa.UniqueConstraint("town_id", "code_hash", name=op.f("uq_pairing_code_town_id_code_hash")),
        comment="Codes that each make one device of a branch within minutes. Keyed hashes only.",
    )
    op.create_table(
        "device",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("merchant_id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("algorithm", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("pairing_code_id", sa.Uuid(), nullable=False),
        sa.Column("paired_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("locked_by", sa.Uuid(), nullable=True),
        sa.Column("locked_by_town", sa.Boolean(), nullable=True),
        sa.Column("lock_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "algorithm IN ('ecdsa-p256-sha256', 'ed25519')", name=op.f("ck_device_algorithm")
        ),
        sa.CheckConstraint(
            "(locked_at IS NULL) = (locked_by_town IS NULL)"
            " AND (locked_at IS NULL) = (lock_reason IS NULL)"
            " AND (locked_by IS NULL OR locked_at IS NOT NULL)",
            name=op.f("ck_device_lock"),
        ),
        sa.ForeignKeyConstraint(
            ["town_id", "branch_id"],
            ["branch.town_id", "branch.id"],
            name=op.f("fk_device_town_id_branch_id"),
        ),
        sa.ForeignKeyConstraint(
            ["town_id", "merchant_id"],
            ["merchant.town_id", "merchant.id"],
            name=op.f("fk_device_town_id_merchant_id"),
        ),
        sa.ForeignKeyConstraint(
            ["town_id", "pairing_code_id"],
            ["pairing_code.town_id", "pairing_code.id"],
            name=op.f("fk_device_town_id_pairing_code_id"),
        ),
        sa.PrimaryKeyConstraint("town_id", "id", name=op.f("pk_device")),
        sa.UniqueConstraint(
            "town_id", "pairing_code_id", name=op.f("uq_device_town_id_pairing_code_id")
        ),
        sa.UniqueConstraint("town_id", "public_key", name=op.f("uq_device_town_id_public_key")),
        comment="Phones and tills of a branch, by the public key whose other half never leaves them.",
    )
    op.create_index(
        op.f("ix_device_town_id_merchant_id"), "device", ["town_id", "merchant_id"], unique=False
    )
    # Unlogged: what is lost in a crash was valid for a minute more at most. No foreign key:
    # to check one would write a lock into the logged row of the device.
    op.create_table(
        "device_nonce",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("town_id", "device_id", "nonce", name=op.f("pk_device_nonce")),
        prefixes=["UNLOGGED"],
        comment="What requests were signed with, until they are too old to be taken again.",
    )


def _make_cashiers() -> None:
    op.create_table(
        "cashier",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("merchant_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("pin_hash", sa.Text(), nullable=False),
        sa.Column("pin_changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["town_id", "merchant_id"],
            ["merchant.town_id", "merchant.id"],
            name=op.f("fk_cashier_town_id_merchant_id"),
        ),
        sa.PrimaryKeyConstraint("town_id", "id", name=op.f("pk_cashier")),
        comment="Who stands at a merchant's devices, known there by a PIN (argon2id, peppered).",
    )
    op.create_index(
        op.f("ix_cashier_town_id_merchant_id"), "cashier", ["town_id", "merchant_id"], unique=False
    )
    op.create_table(
        "device_shift",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("cashier_id", sa.Uuid(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("ends_at > begun_at", name=op.f("ck_device_shift_ends_at")),
        sa.ForeignKeyConstraint(
            ["town_id", "cashier_id"],
            ["cashier.town_id", "cashier.id"],
            name=op.f("fk_device_shift_town_id_cashier_id"),
        ),
        sa.ForeignKeyConstraint(
            ["town_id", "device_id"],
            ["device.town_id", "device.id"],
            name=op.f("fk_device_shift_town_id_device_id"),
        ),
        sa.PrimaryKeyConstraint("town_id", "id", name=op.f("pk_device_shift")),
        comment="Which cashier stood at a device from when to when: the newest not ended does now.",
    )
    op.create_index(
        op.f("ix_device_shift_town_id_device_id_begun_at"),
        "device_shift",
        ["town_id", "device_id", "begun_at"],
        unique=False,
    )


def _name_who_redeemed() -> None:
    for table in ("redemption", "reversal"):
        for column, referred in (
            ("device_id", "device"),
            ("cashier_id", "cashier"),
            ("api_key_id", "api_key"),
        ):
            op.add_column(table, sa.Column(column, sa.Uuid(), nullable=True))
            op.create_foreign_key(
                op.f(f"fk_{table}_town_id_{column}"),
                table,
                referred,
                ["town_id", column],
                ["town_id", "id"],
            )
        op.create_check_constraint(
            op.f(f"ck_{table}_by"),
            table,
            "num_nonnulls(device_id, api_key_id) <= 1"
            " AND (cashier_id IS NULL OR device_id IS NOT NULL)",
        )


def _let_in() -> None:
    for table in OF_TOWNS:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY own_towns ON {table}"
            " USING (coalesce(town_id = ANY ((SELECT own_towns())::uuid[]), false))"
        )
        op.execute(f"CREATE POLICY auditor ON {table} FOR SELECT TO gutschein_auditor USING (true)")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO gutschein_app")
    for table, columns in CHANGEABLE.items():
        op.execute(f"GRANT UPDATE ({columns}) ON {table} TO gutschein_app")
    for table, columns in FOR_THE_AUDITOR.items():
        op.execute(f"GRANT SELECT ({columns}) ON {table} TO gutschein_auditor")
    # A new device knows its code and not its town: this finds the town, and nothing else.
    op.execute("GRANT SELECT (town_id, code_hash) ON pairing_code TO gutschein_identity")
    op.execute(
        "CREATE POLICY identity ON pairing_code FOR SELECT TO gutschein_identity USING (true)"
    )
    for table in ("device_nonce", "pairing_code"):
        op.execute(f"GRANT SELECT, DELETE ON {table} TO gutschein_jobs")
        op.execute(f"CREATE POLICY jobs ON {table} TO gutschein_jobs USING (true)")
