"""Tables of keys. Nothing in them opens anything without the key-encryption key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    LargeBinary,
    PrimaryKeyConstraint,
    Row,
    Table,
    Text,
)

from gutschein.db.metadata import instant_column, metadata, uuid_column
from gutschein.signing.key_contexts import (
    code_key_context,
    service_key_context,
    signing_key_context,
)

signing_key = Table(
    "signing_key",
    metadata,
    uuid_column("town_id"),
    Column("kid", LargeBinary, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("sealed_private_key", LargeBinary, nullable=False),
    Column("kek_id", Text, nullable=False),
    instant_column("not_before"),
    instant_column("sign_until"),
    instant_column("not_after"),
    instant_column("created_at"),
    Column("endorsement", LargeBinary),
    instant_column("endorsed_at", nullable=True),
    instant_column("revoked_at", nullable=True),
    Column("revoked_reason", Text),
    PrimaryKeyConstraint("town_id", "kid"),
    ForeignKeyConstraint(["town_id"], ["town.id"]),
    CheckConstraint("octet_length(kid) = 4", name="kid"),
    CheckConstraint("octet_length(public_key) = 32", name="public_key"),
    CheckConstraint("not_before < sign_until AND sign_until <= not_after", name="window"),
    CheckConstraint("(endorsement IS NULL) = (endorsed_at IS NULL)", name="endorsed"),
    CheckConstraint("(revoked_at IS NULL) = (revoked_reason IS NULL)", name="revoked"),
    comment="Ed25519 keys of a town: sign until one instant, verify until a later one.",
)

code_key = Table(
    "code_key",
    metadata,
    uuid_column("town_id"),
    Column("purpose", Text, nullable=False),
    Column("sealed_key", LargeBinary, nullable=False),
    Column("kek_id", Text, nullable=False),
    instant_column("created_at"),
    PrimaryKeyConstraint("town_id", "purpose"),
    ForeignKeyConstraint(["town_id"], ["town.id"]),
    CheckConstraint("purpose IN ('lookup', 'seal', 'data')", name="purpose"),
    comment="A town's sealed keys: hash codes for look-up, seal them for reprints, seal data.",
)

service_key = Table(
    "service_key",
    metadata,
    Column("purpose", Text, nullable=False),
    Column("sealed_key", LargeBinary, nullable=False),
    Column("kek_id", Text, nullable=False),
    instant_column("created_at"),
    PrimaryKeyConstraint("purpose"),
    comment="Sealed keys of the whole installation, for what belongs to no single town.",
)


@dataclass(frozen=True, slots=True)
class SealedKeys:
    """A table of sealed keys. Beside each stands ``kek_id``, the id of the key that sealed it.

    :param column: holds the sealed key.
    :param context: what the seal of a row is bound to.
    """

    table: Table
    column: str
    context: Callable[[Row[Any]], bytes]


#: Every place where a key stands sealed under the key-encryption key. By this list keys are
#: sealed anew when that changes, and the service knows at its start that all can be opened.
SEALED_KEYS = (
    SealedKeys(
        signing_key, "sealed_private_key", lambda row: signing_key_context(row.town_id, row.kid)
    ),
    SealedKeys(code_key, "sealed_key", lambda row: code_key_context(row.town_id, row.purpose)),
    SealedKeys(service_key, "sealed_key", lambda row: service_key_context(row.purpose)),
)
