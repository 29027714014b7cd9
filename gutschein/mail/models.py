"""The outbox's table."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from gutschein.db.metadata import instant_column, metadata, uuid_column

_WAITING = "sent_at IS NULL AND given_up_at IS NULL"

mail_outbox = Table(
    "mail_outbox",
    metadata,
    uuid_column("id"),
    Column("sealed_to", LargeBinary, nullable=False),
    Column("sealed_content", LargeBinary, nullable=False),
    instant_column("queued_at"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    instant_column("next_attempt_at"),
    instant_column("sent_at", nullable=True),
    instant_column("given_up_at", nullable=True),
    Column("last_error", Text),
    Column("recipient_refused", Boolean, nullable=False, server_default="false"),
    PrimaryKeyConstraint("id"),
    CheckConstraint("sent_at IS NULL OR given_up_at IS NULL", name="one_end"),
    CheckConstraint("NOT recipient_refused OR given_up_at IS NOT NULL", name="refused"),
    CheckConstraint(
        f"(octet_length(sealed_to) > 0) = ({_WAITING})"
        f" AND (octet_length(sealed_content) > 0) = ({_WAITING})",
        name="wiped_at_the_end",
    ),
    Index(None, "next_attempt_at", postgresql_where=text(_WAITING)),
    comment="Mail to be sent, sealed; what was sent or given up is wiped, the fact is kept.",
)
