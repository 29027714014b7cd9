"""Tables of settlements, statements and payouts."""

from __future__ import annotations

from sqlalchemy import (
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
)

from gutschein.db.metadata import cents_column, instant_column, metadata, uuid_column
from gutschein.signing.sealed_columns import SealedColumns

settlement = Table(
    "settlement",
    metadata,
    uuid_column("town_id"),
    uuid_column("id"),
    Column("number", Integer, nullable=False),
    Column("period_from", Date, nullable=False),
    Column("period_to", Date, nullable=False),
    Column("follows", Date),
    Column("vat_basis_points", Integer, nullable=False),
    cents_column("minimum_payout_cents"),
    Column("state", Text, nullable=False),
    instant_column("closed_at"),
    instant_column("approved_at", nullable=True),
    PrimaryKeyConstraint("town_id", "id"),
    UniqueConstraint("town_id", "number"),
    UniqueConstraint("town_id", "period_to"),
    # Each period names the last day of the one before it, and each day is named once:
    # the periods of a town form one chain without gap or overlap.
    UniqueConstraint("town_id", "follows", postgresql_nulls_not_distinct=True),
    ForeignKeyConstraint(["town_id"], ["town.id"]),
    ForeignKeyConstraint(["town_id", "follows"], ["settlement.town_id", "settlement.period_to"]),
    CheckConstraint("period_from <= period_to", name="period"),
    CheckConstraint("period_from = follows + 1", name="follows"),
    CheckConstraint("state IN ('closed', 'approved')", name="state"),
    CheckConstraint("(state = 'approved') = (approved_at IS NOT NULL)", name="approved"),
    comment="Settlements: one closed period of a town, then approved.",
)

statement = Table(
    "statement",
    metadata,
    uuid_column("town_id"),
    uuid_column("id"),
    uuid_column("settlement_id"),
    uuid_column("merchant_id"),
    Column("number", Text, nullable=False),
    cents_column("redeemed_cents"),
    cents_column("reversed_cents"),
    cents_column("returned_cents"),
    cents_column("fee_cents"),
    cents_column("vat_cents"),
    cents_column("carried_in_cents"),
    cents_column("payout_cents"),
    cents_column("carried_out_cents"),
    Column("sealed_iban", LargeBinary, nullable=False),
    Column("sealed_account_holder", LargeBinary, nullable=False),
    PrimaryKeyConstraint("town_id", "id"),
    UniqueConstraint("town_id", "number"),
    UniqueConstraint("town_id", "settlement_id", "merchant_id"),
    ForeignKeyConstraint(["town_id", "settlement_id"], ["settlement.town_id", "settlement.id"]),
    ForeignKeyConstraint(["town_id", "merchant_id"], ["merchant.town_id", "merchant.id"]),
    CheckConstraint(
        "redeemed_cents >= 0 AND reversed_cents >= 0 AND returned_cents >= 0 AND payout_cents >= 0",
        name="signs",
    ),
    CheckConstraint(
        "carried_in_cents + redeemed_cents - reversed_cents + returned_cents"
        " - fee_cents - vat_cents = payout_cents + carried_out_cents",
        name="balances",
    ),
    Index(None, "town_id", "merchant_id"),
    comment="Statements: what one merchant is owed for one period, and where it goes, sealed.",
)

#: Sealed under the town's data key.
STATEMENT_ACCOUNT = SealedColumns("statement", ("iban", "account_holder"))

statement_line = Table(
    "statement_line",
    metadata,
    uuid_column("town_id"),
    uuid_column("statement_id"),
    uuid_column("issuing_town_id"),
    uuid_column("programme_id"),
    Column("fee_basis_points", Integer, nullable=False),
    Column("redemption_count", Integer, nullable=False),
    cents_column("redeemed_cents"),
    Column("reversal_count", Integer, nullable=False),
    cents_column("reversed_cents"),
    cents_column("fee_cents"),
    cents_column("vat_cents"),
    PrimaryKeyConstraint(
        "town_id", "statement_id", "issuing_town_id", "programme_id", "fee_basis_points"
    ),
    ForeignKeyConstraint(["town_id", "statement_id"], ["statement.town_id", "statement.id"]),
    comment="Lines of a statement, one per programme: fee and VAT are rounded here, once.",
)

statement_entry = Table(
    "statement_entry",
    metadata,
    uuid_column("town_id"),
    uuid_column("entry_id"),
    Column("kind", Text, nullable=False),
    uuid_column("statement_id"),
    cents_column("amount_cents"),
    PrimaryKeyConstraint("town_id", "entry_id"),
    # Entries are assigned first and summed up into their statement afterwards, so that
    # what is summed is exactly what was assigned.
    ForeignKeyConstraint(
        ["town_id", "statement_id"],
        ["statement.town_id", "statement.id"],
        deferrable=True,
        initially="DEFERRED",
    ),
    CheckConstraint("kind IN ('redemption', 'reversal', 'return')", name="kind"),
    CheckConstraint("(amount_cents < 0) = (kind = 'reversal')", name="sign"),
    Index(None, "town_id", "statement_id"),
    comment="Which statement a redemption, reversal or returned payout entered: exactly one.",
)

payout = Table(
    "payout",
    metadata,
    uuid_column("town_id"),
    uuid_column("statement_id"),
    cents_column("amount_cents"),
    Column("end_to_end_id", Text, nullable=False),
    instant_column("ordered_at"),
    PrimaryKeyConstraint("town_id", "statement_id"),
    UniqueConstraint("town_id", "end_to_end_id"),
    ForeignKeyConstraint(["town_id", "statement_id"], ["statement.town_id", "statement.id"]),
    CheckConstraint("amount_cents > 0", name="amount"),
    comment="Payouts ordered by an approved statement.",
)

payout_event = Table(
    "payout_event",
    metadata,
    uuid_column("town_id"),
    uuid_column("id"),
    uuid_column("statement_id"),
    Column("kind", Text, nullable=False),
    Column("reason", Text, nullable=False),
    instant_column("happened_at"),
    PrimaryKeyConstraint("town_id", "id"),
    UniqueConstraint("town_id", "statement_id", "kind"),
    ForeignKeyConstraint(["town_id", "statement_id"], ["payout.town_id", "payout.statement_id"]),
    CheckConstraint("kind IN ('confirmed', 'returned')", name="kind"),
    comment="What the bank said of a payout: confirmed, or returned with the bank's reason.",
)

payout_file = Table(
    "payout_file",
    metadata,
    uuid_column("town_id"),
    uuid_column("settlement_id"),
    Column("message_id", Text, nullable=False),
    Column("transfer_count", Integer, nullable=False),
    cents_column("control_sum_cents"),
    Column("sealed_content", LargeBinary, nullable=False),
    instant_column("written_at"),
    PrimaryKeyConstraint("town_id", "settlement_id"),
    UniqueConstraint("town_id", "message_id"),
    ForeignKeyConstraint(["town_id", "settlement_id"], ["settlement.town_id", "settlement.id"]),
    comment="The pain.001 file of a settlement, kept as it went to the bank, sealed.",
)

#: Sealed under the town's data key.
FILE_CONTENT = SealedColumns("payout_file", ("content",))
