"""Bank statements, deposits, payment requests, and which deposit is for which request.

Revision: 0031, after 0030.

Money that came in stands on a guarded account of its own, the deposit's, until it is assigned to
what a town asked for. The database lets a deposit be written only when it is booked, assigns no
more than came in and than was asked for, and lets a request be paid only by a payment whose money
came out of the deposits that were assigned to it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"

APPEND_ONLY = ("bank_statement", "bank_entry", "deposit", "deposit_assignment")

_KINDS = (
    "kind IN ('trust_bank', 'payment_provider', 'cash', 'subsidy', 'deposit', 'payment',"
    " 'voucher', 'merchant_payable', 'payout_in_transit', 'clearing', 'fee_income',"
    " 'vat_payable', 'lapsed')"
)


def upgrade() -> None:
    _keep_deposits_in_the_books()
    _read_statements()
    _take_deposits()
    _ask_for_payments()
    _assign()
    _pay()
    _secure()


def _keep_deposits_in_the_books() -> None:
    for name, words in (
        ("kind", _KINDS),
        ("guarded_kind", "guarded = (kind IN ('deposit', 'payment', 'voucher'))"),
    ):
        op.drop_constraint(op.f(f"ck_ledger_account_{name}"), "ledger_account", type_="check")
        op.create_check_constraint(op.f(f"ck_ledger_account_{name}"), "ledger_account", words)
    op.drop_constraint(op.f("ck_payment_method"), "payment", type_="check")
    op.create_check_constraint(
        op.f("ck_payment_method"),
        "payment",
        "method IN ('bank_transfer', 'provider', 'cash', 'card', 'subsidy', 'deposits')",
    )


def _read_statements() -> None:
    op.create_table(
        "bank_statement",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("bank_reference", sa.Text(), nullable=False),
        sa.Column("sequence_number", sa.BigInteger(), nullable=True),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("to_day", sa.Date(), nullable=False),
        sa.Column("opening_cents", sa.BigInteger(), nullable=False),
        sa.Column("entries_cents", sa.BigInteger(), nullable=False),
        sa.Column("closing_cents", sa.BigInteger(), nullable=False),
        sa.Column("known_cents", sa.BigInteger(), nullable=False),
        sa.Column("new_entries", sa.Integer(), nullable=False),
        sa.Column("known_entries", sa.Integer(), nullable=False),
        sa.Column("imported_by", sa.Uuid(), nullable=True),
        sa.Column("imported_by_name", sa.Text(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("from_day <= to_day", name=op.f("ck_bank_statement_days")),
        sa.CheckConstraint(
            "new_entries >= 0 AND known_entries >= 0", name=op.f("ck_bank_statement_entries")
        ),
        sa.CheckConstraint(
            "octet_length(fingerprint) = 32", name=op.f("ck_bank_statement_fingerprint")
        ),
        sa.CheckConstraint(
            "opening_cents + entries_cents = closing_cents", name=op.f("ck_bank_statement_sums")
        ),
        sa.ForeignKeyConstraint(["town_id"], ["town.id"], name=op.f("fk_bank_statement_town_id")),
        sa.PrimaryKeyConstraint("town_id", "id", name=op.f("pk_bank_statement")),
        sa.UniqueConstraint(
            "town_id", "fingerprint", name=op.f("uq_bank_statement_town_id_fingerprint")
        ),
        comment="Bank statements of the trust account. known_cents is what earlier statements had brought already of entries_cents.",
    )
    op.create_table(
        "bank_entry",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bank_statement_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("entry_key", sa.LargeBinary(), nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column("is_credit", sa.Boolean(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("is_reversal", sa.Boolean(), nullable=False),
        sa.Column("is_lump", sa.Boolean(), nullable=False),
        sa.Column("return_reason", sa.Text(), nullable=True),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("value_on", sa.Date(), nullable=False),
        sa.Column("bank_reference", sa.Text(), nullable=True),
        sa.Column("sealed_details", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_bank_entry_amount")),
        sa.CheckConstraint(
            "is_credit = (sealed_details IS NULL)", name=op.f("ck_bank_entry_details")
        ),
        sa.CheckConstraint("octet_length(entry_key) = 32", name=op.f("ck_bank_entry_entry_key")),
        sa.CheckConstraint(
            "position >= 1 AND occurrence >= 1", name=op.f("ck_bank_entry_position")
        ),
        sa.ForeignKeyConstraint(
            ["town_id", "bank_statement_id"],
            ["bank_statement.town_id", "bank_statement.id"],
            name=op.f("fk_bank_entry_town_id_bank_statement_id"),
        ),
        sa.PrimaryKeyConstraint("town_id", "id", name=op.f("pk_bank_entry")),
        sa.UniqueConstraint(
            "town_id",
            "bank_statement_id",
            "position",
            name=op.f("uq_bank_entry_town_id_bank_statement_id_position"),
        ),
        sa.UniqueConstraint(
            "town_id",
            "entry_key",
            "occurrence",
            name=op.f("uq_bank_entry_town_id_entry_key_occurrence"),
        ),
        sa.UniqueConstraint(
            "town_id",
            "id",
            "is_credit",
            "amount_cents",
            name=op.f("uq_bank_entry_town_id_id_is_credit_amount_cents"),
        ),
        comment="Booked entries of bank statements. entry_key is the same for entries that cannot be told apart; those of one account are counted by occurrence. Of a credit, the deposit says from whom it is; of a debit, sealed_details says what it was.",
    )


def _take_deposits() -> None:
    op.create_table(
        "deposit",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("bank_entry_id", sa.Uuid(), nullable=True),
        sa.Column("is_credit", sa.Boolean(), nullable=True),
        sa.Column("sealed_payer_name", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_payer_iban", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_remittance", sa.LargeBinary(), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(channel = 'bank') = (bank_entry_id IS NOT NULL) AND (bank_entry_id IS NULL) = (is_credit IS NULL) AND is_credit IS NOT false",
            name=op.f("ck_deposit_bank_entry"),
        ),
        sa.CheckConstraint("channel IN ('bank', 'provider')", name=op.f("ck_deposit_channel")),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_deposit_amount")),
        sa.ForeignKeyConstraint(
            ["town_id", "bank_entry_id", "is_credit", "amount_cents"],
            [
                "bank_entry.town_id",
                "bank_entry.id",
                "bank_entry.is_credit",
                "bank_entry.amount_cents",
            ],
            name=op.f("fk_deposit_town_id_bank_entry_id_is_credit_amount_cents"),
        ),
        sa.ForeignKeyConstraint(["town_id"], ["town.id"], name=op.f("fk_deposit_town_id")),
        sa.PrimaryKeyConstraint("town_id", "id", name=op.f("pk_deposit")),
        sa.UniqueConstraint(
            "town_id", "bank_entry_id", name=op.f("uq_deposit_town_id_bank_entry_id")
        ),
        sa.UniqueConstraint(
            "town_id", "channel", "external_id", name=op.f("uq_deposit_town_id_channel_external_id")
        ),
        comment="Money that came in. What is left of it stands on its guarded account.",
    )
    op.execute(
        """
        CREATE FUNCTION book_deposit() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NOT EXISTS (
                SELECT FROM transfer t
                JOIN ledger_account a ON a.town_id = t.town_id AND a.id = t.debit_account_id
                WHERE t.town_id = NEW.town_id AND t.credit_account_id = NEW.id
                  AND t.event = 'deposit' AND t.amount_cents = NEW.amount_cents
                  AND a.kind = CASE NEW.channel WHEN 'bank' THEN 'trust_bank'
                                                ELSE 'payment_provider' END
            ) THEN
                RAISE EXCEPTION 'a deposit is written when its money is booked'
                    USING ERRCODE = 'restrict_violation',
                          HINT = 'Open its account and post the transfer first.';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER book_deposit BEFORE INSERT ON deposit"
        " FOR EACH ROW EXECUTE FUNCTION book_deposit()"
    )


def _ask_for_payments() -> None:
    op.create_table(
        "payment_request",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "reference ~ '^RF[0-9]{2}[0-9A-Z]{1,21}$'", name=op.f("ck_payment_request_reference")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'paid', 'closed') AND (state = 'paid') = (paid_at IS NOT NULL) AND (state = 'closed') = (closed_at IS NOT NULL)",
            name=op.f("ck_payment_request_state"),
        ),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_payment_request_amount")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_payment_request_number")),
        sa.ForeignKeyConstraint(["town_id"], ["town.id"], name=op.f("fk_payment_request_town_id")),
        sa.PrimaryKeyConstraint("town_id", "id", name=op.f("pk_payment_request")),
        sa.UniqueConstraint("town_id", "number", name=op.f("uq_payment_request_town_id_number")),
        sa.UniqueConstraint(
            "town_id", "reference", name=op.f("uq_payment_request_town_id_reference")
        ),
        comment="What a town asks to be paid, and the reference it is paid under. Once covered it is a payment of the same id.",
    )
    op.create_index(
        "ix_payment_request_open",
        "payment_request",
        ["town_id", "number"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.execute(
        """
        CREATE FUNCTION end_request_once() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                IF NEW.state <> 'open' THEN
                    RAISE EXCEPTION 'a payment request begins open'
                        USING ERRCODE = 'restrict_violation';
                END IF;
                RETURN NEW;
            ELSIF TG_OP = 'DELETE' OR OLD.state <> 'open' THEN
                RAISE EXCEPTION 'a payment request ends once, and is never deleted'
                    USING ERRCODE = 'restrict_violation';
            ELSIF (NEW.town_id, NEW.id, NEW.number, NEW.reference, NEW.amount_cents, NEW.due_on,
                   NEW.asked_at)
                  IS DISTINCT FROM
                  (OLD.town_id, OLD.id, OLD.number, OLD.reference, OLD.amount_cents, OLD.due_on,
                   OLD.asked_at) THEN
                RAISE EXCEPTION 'what was asked for is never changed'
                    USING ERRCODE = 'restrict_violation';
            ELSIF (NEW.state = 'paid') <> EXISTS (
                SELECT FROM payment p
                WHERE p.town_id = NEW.town_id AND p.id = NEW.id AND p.method = 'deposits'
                  AND p.amount_cents = NEW.amount_cents
            ) THEN
                RAISE EXCEPTION 'a payment request is paid by the payment of its id'
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER end_once BEFORE INSERT OR UPDATE OR DELETE ON payment_request"
        " FOR EACH ROW EXECUTE FUNCTION end_request_once()"
    )
    op.execute(
        "CREATE TRIGGER end_once_truncate BEFORE TRUNCATE ON payment_request"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def _assign() -> None:
    op.create_table(
        "deposit_assignment",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("deposit_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("assigned_by", sa.Uuid(), nullable=True),
        sa.Column("assigned_by_name", sa.Text(), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_deposit_assignment_amount")),
        sa.ForeignKeyConstraint(
            ["town_id", "deposit_id"],
            ["deposit.town_id", "deposit.id"],
            name=op.f("fk_deposit_assignment_town_id_deposit_id"),
        ),
        sa.ForeignKeyConstraint(
            ["town_id", "request_id"],
            ["payment_request.town_id", "payment_request.id"],
            name=op.f("fk_deposit_assignment_town_id_request_id"),
        ),
        sa.PrimaryKeyConstraint(
            "town_id", "deposit_id", "request_id", name=op.f("pk_deposit_assignment")
        ),
        comment="Which deposit is for which request. Money moves when the request is covered; what was assigned to one that is closed is free again.",
    )
    op.create_index(
        op.f("ix_deposit_assignment_town_id_request_id"),
        "deposit_assignment",
        ["town_id", "request_id"],
        unique=False,
    )
    # What was assigned to open requests is still on the deposit's account, but spoken for. Both
    # rows are locked, so that no other assignment counts on the same money meanwhile.
    op.execute(
        """
        CREATE FUNCTION assign_within() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            asked bigint;
            available bigint;
        BEGIN
            SELECT r.amount_cents INTO asked FROM payment_request r
            WHERE r.town_id = NEW.town_id AND r.id = NEW.request_id AND r.state = 'open'
            FOR NO KEY UPDATE;
            SELECT a.balance_cents - a.held_cents INTO available FROM ledger_account a
            WHERE a.town_id = NEW.town_id AND a.id = NEW.deposit_id AND a.kind = 'deposit'
            FOR NO KEY UPDATE;
            IF asked IS NULL OR NEW.amount_cents > asked - (
                SELECT coalesce(sum(o.amount_cents), 0) FROM deposit_assignment o
                WHERE o.town_id = NEW.town_id AND o.request_id = NEW.request_id
            ) THEN
                RAISE EXCEPTION 'no more is assigned to a request than is missing while it is open'
                    USING ERRCODE = 'restrict_violation';
            END IF;
            IF available IS NULL OR NEW.amount_cents > available - (
                SELECT coalesce(sum(o.amount_cents), 0) FROM deposit_assignment o
                JOIN payment_request r ON r.town_id = o.town_id AND r.id = o.request_id
                WHERE o.town_id = NEW.town_id AND o.deposit_id = NEW.deposit_id
                  AND r.state = 'open'
            ) THEN
                RAISE EXCEPTION 'no more is assigned of a deposit than is left of it'
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER assign_within BEFORE INSERT ON deposit_assignment"
        " FOR EACH ROW EXECUTE FUNCTION assign_within()"
    )


def _pay() -> None:
    """A payment out of deposits is one of an open request, whose assignments have moved there.
    Nothing else is booked under the id of a request.
    """
    op.execute(
        """
        CREATE FUNCTION pay_request() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.method <> 'deposits' THEN
                IF EXISTS (SELECT FROM payment_request r
                           WHERE r.town_id = NEW.town_id AND r.id = NEW.id) THEN
                    RAISE EXCEPTION 'the id is that of a payment request'
                        USING ERRCODE = 'unique_violation', CONSTRAINT = 'pay_request';
                END IF;
            ELSIF NOT EXISTS (
                SELECT FROM payment_request r
                WHERE r.town_id = NEW.town_id AND r.id = NEW.id AND r.state = 'open'
                  AND r.amount_cents = NEW.amount_cents
            ) OR NEW.amount_cents IS DISTINCT FROM (
                SELECT sum(t.amount_cents) FROM transfer t
                JOIN deposit_assignment a ON a.town_id = t.town_id AND a.request_id = NEW.id
                    AND a.deposit_id = t.debit_account_id AND a.amount_cents = t.amount_cents
                WHERE t.town_id = NEW.town_id AND t.credit_account_id = NEW.id
                  AND t.event = 'assignment'
            ) THEN
                RAISE EXCEPTION 'a payment out of deposits is what was assigned to its request'
                    USING ERRCODE = 'restrict_violation',
                          HINT = 'Assign deposits and move their money first.';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER pay_request BEFORE INSERT ON payment"
        " FOR EACH ROW EXECUTE FUNCTION pay_request()"
    )


def _secure() -> None:
    for table in (*APPEND_ONLY, "payment_request"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY own_towns ON {table}"
            " USING (coalesce(town_id = ANY ((SELECT own_towns())::uuid[]), false))"
        )
        op.execute(f"CREATE POLICY auditor ON {table} FOR SELECT TO gutschein_auditor USING (true)")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO gutschein_app")
        op.execute(f"GRANT SELECT ON {table} TO gutschein_auditor")
    op.execute("GRANT UPDATE (state, paid_at, closed_at) ON payment_request TO gutschein_app")
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
