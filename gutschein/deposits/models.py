"""Tables of money that came in: bank statements, deposits, and what is asked for."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from gutschein.db.metadata import cents_column, instant_column, metadata, uuid_column
from gutschein.signing.sealed_columns import SealedColumns

bank_statement = Table(
    "bank_statement",
    metadata,
    uuid_column("town_id"),
    uuid_column("id"),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("bank_reference", Text, nullable=False),
    Column("sequence_number", BigInteger),
    Column("from_day", Date, nullable=False),
    Column("to_day", Date, nullable=False),
    cents_column("opening_cents"),
    cents_column("entries_cents"),
    cents_column("closing_cents"),
    cents_column("known_cents"),
    Column("new_entries", Integer, nullable=False),
    Column("known_entries", Integer, nullable=False),
    uuid_column("imported_by", nullable=True),
    Column("imported_by_name", Text, nullable=False),
    instant_column("imported_at"),
    PrimaryKeyConstraint("town_id", "id"),
    UniqueConstraint("town_id", "fingerprint"),
    ForeignKeyConstraint(["town_id"], ["town.id"]),
    CheckConstraint("octet_length(fingerprint) = 32", name="fingerprint"),
    CheckConstraint("from_day <= to_day", name="days"),
    CheckConstraint("opening_cents + entries_cents = closing_cents", name="sums"),
    CheckConstraint("new_entries >= 0 AND known_entries >= 0", name="entries"),
    comment="Bank statements of the trust account. known_cents is what earlier statements had"
    " brought already of entries_cents.",
)

bank_entry = Table(
    "bank_entry",
    metadata,
    uuid_column("town_id"),
    uuid_column("id"),
    uuid_column("bank_statement_id"),
    Column("position", Integer, nullable=False),
    Column("entry_key", LargeBinary, nullable=False),
    Column("occurrence", Integer, nullable=False),
    Column("is_credit", Boolean, nullable=False),
    cents_column("amount_cents"),
    Column("is_reversal", Boolean, nullable=False),
    Column("is_lump", Boolean, nullable=False),
    Column("return_reason", Text),
    Column("booked_on", Date, nullable=False),
    Column("value_on", Date, nullable=False),
    Column("bank_reference", Text),
    Column("sealed_details", LargeBinary),
    PrimaryKeyConstraint("town_id", "id"),
    UniqueConstraint("town_id", "entry_key", "occurrence"),
    UniqueConstraint("town_id", "bank_statement_id", "position"),
    # What a deposit refers to, so that the bank's amount is the deposit's.
    UniqueConstraint("town_id", "id", "is_credit", "amount_cents"),
    ForeignKeyConstraint(
        ["town_id", "bank_statement_id"], ["bank_statement.town_id", "bank_statement.id"]
    ),
    CheckConstraint("octet_length(entry_key) = 32", name="entry_key"),
    CheckConstraint("position >= 1 AND occurrence >= 1", name="position"),
    CheckConstraint("amount_cents > 0", name="amount"),
    CheckConstraint("is_credit = (sealed_details IS NULL)", name="details"),
    comment="Booked entries of bank statements. entry_key is the same for entries that cannot be"
    " told apart; those of one account are counted by occurrence. Of a credit, the deposit says"
    " from whom it is; of a debit, sealed_details says what it was.",
)

#: Sealed under the town's data key, where it is not empty.
DEBIT = SealedColumns("bank_entry", ("details",))

deposit = Table(
    "deposit",
    metadata,
    uuid_column("town_id"),
    uuid_column("id"),
    Column("channel", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    cents_column("amount_cents"),
    Column("received_on", Date, nullable=False),
    uuid_column("bank_entry_id", nullable=True),
    Column("is_credit", Boolean),
    Column("sealed_payer_name", LargeBinary, nullable=False),
    Column("sealed_payer_iban", LargeBinary, nullable=False),
    Column("sealed_remittance", LargeBinary, nullable=False),
    instant_column("booked_at"),
    PrimaryKeyConstraint("town_id", "id"),
    UniqueConstraint("town_id", "channel", "external_id"),
    UniqueConstraint("town_id", "bank_entry_id"),
    ForeignKeyConstraint(["town_id"], ["town.id"]),
    ForeignKeyConstraint(
        ["town_id", "bank_entry_id", "is_credit", "amount_cents"],
        [
            "bank_entry.town_id",
            "bank_entry.id",
            "bank_entry.is_credit",
            "bank_entry.amount_cents",
        ],
    ),
    CheckConstraint("channel IN ('bank', 'provider')", name="channel"),
    CheckConstraint(
        "(channel = 'bank') = (bank_entry_id IS NOT NULL)"
        " AND (bank_entry_id IS NULL) = (is_credit IS NULL) AND is_credit IS NOT false",
        name="bank_entry",
    ),
    CheckConstraint("amount_cents > 0", name="amount"),
    comment="Money that came in. What is left of it stands on its guarded account.",
)

#: Sealed under the town's data key, also when they are empty.
PAYER = SealedColumns("deposit", ("payer_name", "payer_iban", "remittance"))

payment_request = Table(
    "payment_request",
    metadata,
    uuid_column("town_id"),
    uuid_column("id"),
    Column("number", Integer, nullable=False),
    Column("reference", Text, nullable=False),
    cents_column("amount_cents"),
    Column("state", Text, nullable=False),
    Column("due_on", Date, nullable=False),
    instant_column("asked_at"),
    instant_column("paid_at", nullable=True),
    instant_column("closed_at", nullable=True),
    PrimaryKeyConstraint("town_id", "id"),
    UniqueConstraint("town_id", "number"),
    UniqueConstraint("town_id", "reference"),
    ForeignKeyConstraint(["town_id"], ["town.id"]),
    CheckConstraint("number >= 1", name="number"),
    CheckConstraint("reference ~ '^RF[0-9]{2}[0-9A-Z]{1,21}$'", name="reference"),
    CheckConstraint("amount_cents > 0", name="amount"),
    CheckConstraint(
        "state IN ('open', 'paid', 'closed') AND (state = 'paid') = (paid_at IS NOT NULL)"
        " AND (state = 'closed') = (closed_at IS NOT NULL)",
        name="state",
    ),
    Index("ix_payment_request_open", "town_id", "number", postgresql_where=text("state = 'open'")),
    comment="What a town asks to be paid, and the reference it is paid under. Once covered it is"
    " a payment of the same id.",
)

deposit_assignment = Table(
    "deposit_assignment",
    metadata,
    uuid_column("town_id"),
    uuid_column("deposit_id"),
    uuid_column("request_id"),
    cents_column("amount_cents"),
    uuid_column("assigned_by", nullable=True),
    Column("assigned_by_name", Text, nullable=False),
    instant_column("assigned_at"),
    PrimaryKeyConstraint("town_id", "deposit_id", "request_id"),
    ForeignKeyConstraint(["town_id", "deposit_id"], ["deposit.town_id", "deposit.id"]),
    ForeignKeyConstraint(
        ["town_id", "request_id"], ["payment_request.town_id", "payment_request.id"]
    ),
    CheckConstraint("amount_cents > 0", name="amount"),
    Index(None, "town_id", "request_id"),
    comment="Which deposit is for which request. Money moves when the request is covered; what"
    " was assigned to one that is closed is free again.",
)
