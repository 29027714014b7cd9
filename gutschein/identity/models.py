"""Tables of persons, their roles, and what they prove who they are with.

No table here has a ``town_id`` that leads: one person may hold roles in several towns.
Only the role ``gutschein_identity`` may read them.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from gutschein.db.metadata import instant_column, metadata, uuid_column

person = Table(
    "person",
    metadata,
    uuid_column("id"),
    Column("name", Text, nullable=False),
    Column("email_hash", LargeBinary, nullable=False),
    Column("sealed_email", LargeBinary, nullable=False),
    Column("language", Text, nullable=False),
    Column("password_hash", Text),
    Column("sealed_totp", LargeBinary),
    Column("totp_used_step", Integer),
    instant_column("created_at"),
    instant_column("disabled_at", nullable=True),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("email_hash"),
    CheckConstraint("language IN ('de', 'en')", name="language"),
    CheckConstraint("octet_length(email_hash) = 32", name="email_hash"),
    comment="Persons who sign in. The e-mail address is found by a keyed hash and kept sealed.",
)

role_grant = Table(
    "role_grant",
    metadata,
    uuid_column("id"),
    uuid_column("person_id"),
    Column("role", Text, nullable=False),
    uuid_column("region_id", nullable=True),
    uuid_column("town_id", nullable=True),
    uuid_column("merchant_id", nullable=True),
    instant_column("granted_at"),
    uuid_column("granted_by", nullable=True),
    instant_column("revoked_at", nullable=True),
    uuid_column("revoked_by", nullable=True),
    PrimaryKeyConstraint("id"),
    ForeignKeyConstraint(["person_id"], ["person.id"]),
    ForeignKeyConstraint(["region_id"], ["region.id"]),
    ForeignKeyConstraint(["town_id"], ["town.id"]),
    ForeignKeyConstraint(["town_id", "merchant_id"], ["merchant.town_id", "merchant.id"]),
    CheckConstraint(
        "CASE WHEN role = 'operator'"
        " THEN region_id IS NOT NULL AND town_id IS NULL AND merchant_id IS NULL"
        " WHEN role IN ('administrator', 'approver', 'clerk', 'auditor')"
        " THEN region_id IS NULL AND town_id IS NOT NULL AND merchant_id IS NULL"
        " WHEN role IN ('owner', 'cashier')"
        " THEN region_id IS NULL AND town_id IS NOT NULL AND merchant_id IS NOT NULL"
        " ELSE false END",
        name="scope",
    ),
    Index(None, "person_id"),
    Index(None, "town_id"),
    comment="Roles of persons for a region, a town or a merchant, from an instant to another.",
)

passkey = Table(
    "passkey",
    metadata,
    uuid_column("id"),
    uuid_column("person_id"),
    Column("credential_id", LargeBinary, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("backed_up", Boolean, nullable=False),
    Column("name", Text, nullable=False),
    instant_column("created_at"),
    instant_column("used_at", nullable=True),
    instant_column("removed_at", nullable=True),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("credential_id"),
    ForeignKeyConstraint(["person_id"], ["person.id"]),
    Index(None, "person_id"),
    comment="Passkeys (WebAuthn level 3): public keys of persons' authenticators.",
)

session = Table(
    "session",
    metadata,
    uuid_column("id"),
    Column("token_hash", LargeBinary, nullable=False),
    uuid_column("person_id"),
    Column("second_factor", Boolean, nullable=False),
    Column("browser", Text, nullable=False),
    Column("sealed_new_totp", LargeBinary),
    instant_column("begun_at"),
    instant_column("proved_at"),
    instant_column("seen_at"),
    instant_column("ends_at"),
    instant_column("ended_at", nullable=True),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("token_hash"),
    ForeignKeyConstraint(["person_id"], ["person.id"]),
    CheckConstraint("octet_length(token_hash) = 32", name="token_hash"),
    Index(None, "person_id"),
    comment="Sessions of persons. The cookie's secret stands here only as its SHA-256.",
)

one_time_link = Table(
    "one_time_link",
    metadata,
    uuid_column("id"),
    Column("token_hash", LargeBinary, nullable=False),
    Column("purpose", Text, nullable=False),
    uuid_column("person_id", nullable=True),
    uuid_column("invitation_id", nullable=True),
    instant_column("made_at"),
    uuid_column("made_by", nullable=True),
    instant_column("ends_at"),
    instant_column("used_at", nullable=True),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("token_hash"),
    ForeignKeyConstraint(["person_id"], ["person.id"]),
    ForeignKeyConstraint(["invitation_id"], ["invitation.id"]),
    CheckConstraint("purpose IN ('invitation', 'recovery')", name="purpose"),
    CheckConstraint(
        "num_nonnulls(person_id, invitation_id) = 1"
        " AND (invitation_id IS NULL OR purpose = 'invitation')",
        name="whose",
    ),
    Index(None, "person_id"),
    Index(None, "invitation_id"),
    comment="Links that open an account once: for somebody invited, or who lost every factor.",
)

challenge = Table(
    "challenge",
    metadata,
    uuid_column("id"),
    Column("value", LargeBinary, nullable=False),
    Column("purpose", Text, nullable=False),
    uuid_column("person_id", nullable=True),
    instant_column("ends_at"),
    instant_column("used_at", nullable=True),
    PrimaryKeyConstraint("id"),
    ForeignKeyConstraint(["person_id"], ["person.id"]),
    CheckConstraint("purpose IN ('sign_in', 'add_passkey')", name="purpose"),
    comment="Challenges for passkeys, each answered once (WebAuthn level 3, section 13.4.3).",
)
