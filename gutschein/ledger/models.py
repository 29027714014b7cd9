"""The ledger's tables."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Identity,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from gutschein.db.metadata import cents_column, instant_column, metadata, uuid_column
from gutschein.kernel.money import LARGEST_AMOUNT_CENTS
from gutschein.ledger.chart import GUARDED_KINDS, AccountKind

_KINDS = ", ".join(f"'{kind}'" for kind in AccountKind)
_GUARDED = ", ".join(f"'{kind}'" for kind in sorted(GUARDED_KINDS))
_AMOUNT = f"amount_cents BETWEEN 1 AND {LARGEST_AMOUNT_CENTS}"

ledger_account = Table(
    "ledger_account",
    metadata,
    uuid_column("town_id"),
    uuid_column("id"),
    Column("kind", Text, nullable=False),
    uuid_column("owner_id", nullable=True),
    Column("guarded", Boolean, nullable=False),
    cents_column("balance_cents", nullable=True),
    cents_column("held_cents", server_default="0"),
    instant_column("opened_at"),
    PrimaryKeyConstraint("town_id", "id"),
    UniqueConstraint("town_id", "kind", "owner_id", postgresql_nulls_not_distinct=True),
    ForeignKeyConstraint(["town_id"], ["town.id"]),
    CheckConstraint(f"kind IN ({_KINDS})", name="kind"),
    CheckConstraint(f"guarded = (kind IN ({_GUARDED}))", name="guarded_kind"),
    CheckConstraint(
        "CASE WHEN guarded"
        " THEN balance_cents IS NOT NULL AND held_cents >= 0 AND balance_cents >= held_cents"
        " ELSE balance_cents IS NULL AND held_cents = 0 END",
        name="never_below_zero",
    ),
    comment="Accounts of a town. Guarded ones carry their balance and never fall below zero.",
)

transfer = Table(
    "transfer",
    metadata,
    uuid_column("town_id"),
    uuid_column("id"),
    Column("ordinal", BigInteger, Identity(always=True), nullable=False),
    uuid_column("debit_account_id"),
    uuid_column("credit_account_id"),
    cents_column("amount_cents"),
    Column("event", Text, nullable=False),
    uuid_column("reference_id"),
    uuid_column("link_id", nullable=True),
    uuid_column("reverses_id", nullable=True),
    instant_column("booked_at"),
    Column("booked_on", Date, nullable=False),
    PrimaryKeyConstraint("town_id", "id"),
    ForeignKeyConstraint(
        ["town_id", "debit_account_id"], ["ledger_account.town_id", "ledger_account.id"]
    ),
    ForeignKeyConstraint(
        ["town_id", "credit_account_id"], ["ledger_account.town_id", "ledger_account.id"]
    ),
    ForeignKeyConstraint(["town_id", "reverses_id"], ["transfer.town_id", "transfer.id"]),
    CheckConstraint(_AMOUNT, name="amount"),
    CheckConstraint("debit_account_id <> credit_account_id", name="two_accounts"),
    CheckConstraint("booked_on = (booked_at AT TIME ZONE 'Europe/Berlin')::date", name="day"),
    Index(None, "town_id", "debit_account_id", "ordinal"),
    Index(None, "town_id", "credit_account_id", "ordinal"),
    Index(None, "town_id", "booked_at"),
    Index(
        "uq_transfer_town_id_reverses_id",
        "town_id",
        "reverses_id",
        unique=True,
        postgresql_where=text("reverses_id IS NOT NULL"),
    ),
    comment="Transfers: one debit, one credit, one positive amount; never changed or deleted.",
)

balance_snapshot = Table(
    "balance_snapshot",
    metadata,
    uuid_column("town_id"),
    uuid_column("account_id"),
    Column("up_to_ordinal", BigInteger, nullable=False),
    cents_column("balance_cents"),
    instant_column("taken_at"),
    PrimaryKeyConstraint("town_id", "account_id", "up_to_ordinal"),
    ForeignKeyConstraint(
        ["town_id", "account_id"], ["ledger_account.town_id", "ledger_account.id"]
    ),
    comment="Credits minus debits of a busy account over all transfers up to an ordinal.",
)

hold = Table(
    "hold",
    metadata,
    uuid_column("town_id"),
    uuid_column("id"),
    uuid_column("debit_account_id"),
    uuid_column("credit_account_id"),
    cents_column("amount_cents"),
    Column("event", Text, nullable=False),
    uuid_column("reference_id"),
    instant_column("held_at"),
    PrimaryKeyConstraint("town_id", "id"),
    ForeignKeyConstraint(
        ["town_id", "debit_account_id"], ["ledger_account.town_id", "ledger_account.id"]
    ),
    ForeignKeyConstraint(
        ["town_id", "credit_account_id"], ["ledger_account.town_id", "ledger_account.id"]
    ),
    CheckConstraint(_AMOUNT, name="amount"),
    CheckConstraint("debit_account_id <> credit_account_id", name="two_accounts"),
    comment="Money set aside on a guarded account until it is posted or released.",
)

hold_resolution = Table(
    "hold_resolution",
    metadata,
    uuid_column("town_id"),
    uuid_column("hold_id"),
    cents_column("posted_cents"),
    uuid_column("transfer_id", nullable=True),
    instant_column("resolved_at"),
    PrimaryKeyConstraint("town_id", "hold_id"),
    ForeignKeyConstraint(["town_id", "hold_id"], ["hold.town_id", "hold.id"]),
    ForeignKeyConstraint(["town_id", "transfer_id"], ["transfer.town_id", "transfer.id"]),
    CheckConstraint("posted_cents >= 0", name="posted"),
    CheckConstraint("(posted_cents > 0) = (transfer_id IS NOT NULL)", name="transfer"),
    comment="The one end of a hold: posted in full or part, or released (0 cents posted).",
)
