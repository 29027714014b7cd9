"""Tables of devices, the cashiers at them, and API keys of cash registers.

No secret stands here: codes, PINs and keys of callers only as hashes, and of a device only
the public half of its key.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY

from gutschein.db.metadata import instant_column, metadata, uuid_column

api_key = Table(
    "api_key",
    metadata,
    uuid_column("town_id"),
    uuid_column("id"),
    uuid_column("merchant_id"),
    Column("name", Text, nullable=False),
    Column("secret_hash", LargeBinary, nullable=False),
    Column("rights", ARRAY(Text), nullable=False),
    instant_column("created_at"),
    uuid_column("created_by", nullable=True),
    instant_column("ends_at"),
    instant_column("revoked_at", nullable=True),
    instant_column("used_at", nullable=True),
    uuid_column("replaces_id", nullable=True),
    PrimaryKeyConstraint("town_id", "id"),
    UniqueConstraint("town_id", "replaces_id"),
    ForeignKeyConstraint(["town_id", "merchant_id"], ["merchant.town_id", "merchant.id"]),
    ForeignKeyConstraint(["town_id", "replaces_id"], ["api_key.town_id", "api_key.id"]),
    CheckConstraint("octet_length(secret_hash) = 32", name="secret_hash"),
    CheckConstraint(
        "cardinality(rights) > 0"
        " AND rights <@ ARRAY['till.redeem', 'till.balance', 'redemption.read']",
        name="rights",
    ),
    CheckConstraint("ends_at > created_at", name="ends_at"),
    Index(None, "town_id", "merchant_id"),
    comment="API keys of cash registers: what each may do, until when. Secrets as SHA-256 only.",
)

pairing_code = Table(
    "pairing_code",
    metadata,
    uuid_column("town_id"),
    uuid_column("id"),
    uuid_column("merchant_id"),
    uuid_column("branch_id"),
    Column("device_name", Text, nullable=False),
    Column("code_hash", LargeBinary, nullable=False),
    instant_column("made_at"),
    uuid_column("made_by", nullable=True),
    Column("made_by_name", Text, nullable=False),
    instant_column("ends_at"),
    instant_column("used_at", nullable=True),
    PrimaryKeyConstraint("town_id", "id"),
    UniqueConstraint("town_id", "code_hash"),
    ForeignKeyConstraint(["town_id", "merchant_id"], ["merchant.town_id", "merchant.id"]),
    ForeignKeyConstraint(["town_id", "branch_id"], ["branch.town_id", "branch.id"]),
    CheckConstraint("octet_length(code_hash) = 32", name="code_hash"),
    CheckConstraint("ends_at > made_at", name="ends_at"),
    comment="Codes that each make one device of a branch within minutes. Keyed hashes only.",
)

device = Table(
    "device",
    metadata,
    uuid_column("town_id"),
    uuid_column("id"),
    uuid_column("merchant_id"),
    uuid_column("branch_id"),
    Column("name", Text, nullable=False),
    Column("algorithm", Text, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    uuid_column("pairing_code_id"),
    instant_column("paired_at"),
    instant_column("seen_at"),
    instant_column("locked_at", nullable=True),
    uuid_column("locked_by", nullable=True),
    Column("locked_by_town", Boolean),
    Column("lock_reason", Text),
    PrimaryKeyConstraint("town_id", "id"),
    UniqueConstraint("town_id", "public_key"),
    UniqueConstraint("town_id", "pairing_code_id"),
    ForeignKeyConstraint(["town_id", "merchant_id"], ["merchant.town_id", "merchant.id"]),
    ForeignKeyConstraint(["town_id", "branch_id"], ["branch.town_id", "branch.id"]),
    ForeignKeyConstraint(
        ["town_id", "pairing_code_id"], ["pairing_code.town_id", "pairing_code.id"]
    ),
    CheckConstraint("algorithm IN ('ecdsa-p256-sha256', 'ed25519')", name="algorithm"),
    CheckConstraint(
        "(locked_at IS NULL) = (locked_by_town IS NULL)"
        " AND (locked_at IS NULL) = (lock_reason IS NULL)"
        " AND (locked_by IS NULL OR locked_at IS NOT NULL)",
        name="lock",
    ),
    Index(None, "town_id", "merchant_id"),
    comment="Phones and tills of a branch, by the public key whose other half never leaves them.",
)

#: Without foreign keys: to check one would write a lock into the logged row of the device,
#: and cost every request a wait for the disk.
device_nonce = Table(
    "device_nonce",
    metadata,
    uuid_column("town_id"),
    uuid_column("device_id"),
    Column("nonce", Text, nullable=False),
    instant_column("ends_at"),
    PrimaryKeyConstraint("town_id", "device_id", "nonce"),
    prefixes=["UNLOGGED"],
    comment="What requests were signed with, until they are too old to be taken again.",
)

cashier = Table(
    "cashier",
    metadata,
    uuid_column("town_id"),
    uuid_column("id"),
    uuid_column("merchant_id"),
    Column("name", Text, nullable=False),
    Column("pin_hash", Text, nullable=False),
    instant_column("pin_changed_at"),
    instant_column("created_at"),
    instant_column("ended_at", nullable=True),
    PrimaryKeyConstraint("town_id", "id"),
    ForeignKeyConstraint(["town_id", "merchant_id"], ["merchant.town_id", "merchant.id"]),
    Index(None, "town_id", "merchant_id"),
    comment="Who stands at a merchant's devices, known there by a PIN (argon2id, peppered).",
)

device_shift = Table(
    "device_shift",
    metadata,
    uuid_column("town_id"),
    uuid_column("id"),
    uuid_column("device_id"),
    uuid_column("cashier_id"),
    instant_column("begun_at"),
    instant_column("ends_at"),
    instant_column("ended_at", nullable=True),
    PrimaryKeyConstraint("town_id", "id"),
    ForeignKeyConstraint(["town_id", "device_id"], ["device.town_id", "device.id"]),
    ForeignKeyConstraint(["town_id", "cashier_id"], ["cashier.town_id", "cashier.id"]),
    CheckConstraint("ends_at > begun_at", name="ends_at"),
    Index(None, "town_id", "device_id", "begun_at"),
    comment="Which cashier stood at a device from when to when: the newest not ended does now.",
)
