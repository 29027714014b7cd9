"""Vouchers in stock, sold at issuing points against cash or card, and the cash counted.

Revision: 0028, after 0027.

A printed voucher in stock has no payment and no money. It is sold once: then it gets its batch,
its value and its last day, and the database lets that happen only when the payment is booked and
the money is on the voucher.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"

NEW_TABLES = ("stock_order", "activation_code", "stock_range", "counter_sale", "cash_closing")

#: The auditor has no use for the sealed codes themselves.
FOR_THE_AUDITOR = {"activation_code": "(town_id, voucher_id) "}

_STATES = "state IN ('stock', 'active', 'blocked', 'replaced', 'expired')"


def upgrade() -> None:
    _take_cards()
    _keep_stock()
    _sell()
    _close_cash()
    _secure()


def _take_cards() -> None:
    op.drop_constraint(op.f("ck_payment_method"), "payment", type_="check")
    op.drop_constraint(op.f("ck_payment_issuing_point"), "payment", type_="check")
    op.create_check_constraint(
        op.f("ck_payment_method"),
        "payment",
        "method IN ('bank_transfer', 'provider', 'cash', 'card', 'subsidy')",
    )
    op.create_check_constraint(
        op.f("ck_payment_issuing_point"),
        "payment",
        "(method IN ('cash', 'card')) = (issuing_point_id IS NOT NULL)",
    )
    op.create_index(
        op.f("ix_payment_town_id_issuing_point_id"),
        "payment",
        ["town_id", "issuing_point_id"],
        unique=False,
        postgresql_where=sa.text("issuing_point_id IS NOT NULL"),
    )


def _keep_stock() -> None:
    op.create_table(
        "stock_order",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("voucher_count", sa.Integer(), nullable=False),
        sa.Column("value_cents", sa.BigInteger(), nullable=True),
        sa.Column("token_value_cents", sa.BigInteger(), nullable=False),
        sa.Column("sell_until", sa.Date(), nullable=False),
        sa.Column("token_valid_until", sa.Date(), nullable=False),
        sa.Column("first_serial", sa.Integer(), nullable=False),
        sa.Column("ordered_by", sa.Uuid(), nullable=True),
        sa.Column("ordered_by_name", sa.Text(), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "voucher_count BETWEEN 1 AND 10000", name=op.f("ck_stock_order_voucher_count")
        ),
        sa.CheckConstraint(
            "coalesce(value_cents, token_value_cents) = token_value_cents",
            name=op.f("ck_stock_order_value"),
        ),
        sa.CheckConstraint(
            "sell_until <= token_valid_until", name=op.f("ck_stock_order_sell_until")
        ),
        sa.ForeignKeyConstraint(
            ["town_id", "programme_id"],
            ["programme.town_id", "programme.id"],
            name=op.f("fk_stock_order_town_id_programme_id"),
        ),
        sa.PrimaryKeyConstraint("town_id", "id", name=op.f("pk_stock_order")),
        comment="Printed vouchers made without a payment, to be sold later. The tokens on them name token_value_cents and token_valid_until.",
    )
    op.add_column("voucher", sa.Column("stock_order_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_voucher_town_id_stock_order_id"),
        "voucher",
        "stock_order",
        ["town_id", "stock_order_id"],
        ["town_id", "id"],
    )
    for table in ("voucher", "voucher_event"):
        op.drop_constraint(op.f(f"ck_{table}_state"), table, type_="check")
        op.create_check_constraint(op.f(f"ck_{table}_state"), table, _STATES)
    op.drop_constraint(op.f("ck_voucher_origin"), "voucher", type_="check")
    op.create_check_constraint(
        op.f("ck_voucher_origin"),
        "voucher",
        "CASE num_nonnulls(batch_id, replaces_id)"
        " WHEN 1 THEN state <> 'stock' AND num_nonnulls(stock_order_id, replaces_id) <= 1"
        " WHEN 0 THEN stock_order_id IS NOT NULL AND state IN ('stock', 'blocked')"
        " ELSE false END",
    )
    op.create_table(
        "activation_code",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("voucher_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_code", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["town_id", "voucher_id"],
            ["voucher.town_id", "voucher.id"],
            name=op.f("fk_activation_code_town_id_voucher_id"),
        ),
        sa.PrimaryKeyConstraint("town_id", "voucher_id", name=op.f("pk_activation_code")),
        sa.UniqueConstraint(
            "town_id", "code_hash", name=op.f("uq_activation_code_town_id_code_hash")
        ),
        comment="What a voucher in stock is activated with when it is sold; only hashed and sealed.",
    )
    # The value of a voucher and its last day are set when it is sold, once: in one unit of work
    # with the payment, whose money must be on the voucher's account by then.
    op.execute(
        """
        CREATE FUNCTION sell_once() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF (NEW.batch_id, NEW.face_value_cents, NEW.valid_until, NEW.issued_at)
               IS NOT DISTINCT FROM
               (OLD.batch_id, OLD.face_value_cents, OLD.valid_until, OLD.issued_at) THEN
                RETURN NEW;
            END IF;
            IF OLD.state <> 'stock' OR NEW.state <> 'active' OR NEW.batch_id IS NULL THEN
                RAISE EXCEPTION 'the terms of a voucher are set when it is sold, once'
                    USING ERRCODE = 'restrict_violation';
            END IF;
            IF NOT EXISTS (
                SELECT FROM voucher_batch b
                JOIN transfer t ON t.town_id = b.town_id AND t.credit_account_id = NEW.id
                WHERE b.town_id = NEW.town_id AND b.id = NEW.batch_id
                  AND b.programme_id = NEW.programme_id AND b.voucher_count = 1
                  AND b.first_serial = NEW.serial AND b.value_cents = NEW.face_value_cents
                  AND b.valid_until = NEW.valid_until
                  AND t.debit_account_id = b.payment_id AND t.event = 'issue'
                  AND t.amount_cents = b.value_cents AND t.link_id = b.id
            ) THEN
                RAISE EXCEPTION 'a voucher becomes active only against a payment that is booked'
                    USING ERRCODE = 'restrict_violation',
                          HINT = 'Book the payment and move its money to the voucher first.';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER sell_once BEFORE UPDATE OF batch_id, face_value_cents, valid_until,"
        " issued_at ON voucher FOR EACH ROW EXECUTE FUNCTION sell_once()"
    )
    op.execute(
        "GRANT UPDATE (batch_id, face_value_cents, valid_until, issued_at) ON voucher"
        " TO gutschein_app"
    )


def _sell() -> None:
    op.create_table(
        "stock_range",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("issuing_point_id", sa.Uuid(), nullable=False),
        sa.Column("first_serial", sa.Integer(), nullable=False),
        sa.Column("last_serial", sa.Integer(), nullable=False),
        sa.Column("assigned_by", sa.Uuid(), nullable=True),
        sa.Column("assigned_by_name", sa.Text(), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "first_serial BETWEEN 1 AND last_serial", name=op.f("ck_stock_range_serials")
        ),
        sa.ForeignKeyConstraint(
            ["town_id", "issuing_point_id"],
            ["issuing_point.town_id", "issuing_point.id"],
            name=op.f("fk_stock_range_town_id_issuing_point_id"),
        ),
        sa.PrimaryKeyConstraint("town_id", "id", name=op.f("pk_stock_range")),
        comment="Which issuing point sells which vouchers in stock; of two that cover one, the newest counts.",
    )
    op.create_index(
        op.f("ix_stock_range_town_id_issuing_point_id"),
        "stock_range",
        ["town_id", "issuing_point_id"],
        unique=False,
    )
    op.create_table(
        "counter_sale",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("issuing_point_id", sa.Uuid(), nullable=False),
        sa.Column("receipt_number", sa.Integer(), nullable=False),
        sa.Column("voucher_id", sa.Uuid(), nullable=False),
        sa.Column("sold_by", sa.Uuid(), nullable=True),
        sa.Column("sold_by_name", sa.Text(), nullable=False),
        sa.Column("sold_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sold_on", sa.Date(), nullable=False),
        sa.CheckConstraint("receipt_number >= 1", name=op.f("ck_counter_sale_receipt_number")),
        sa.CheckConstraint(
            "sold_on = (sold_at AT TIME ZONE 'Europe/Berlin')::date",
            name=op.f("ck_counter_sale_day"),
        ),
        sa.ForeignKeyConstraint(
            ["town_id", "id"],
            ["payment.town_id", "payment.id"],
            name=op.f("fk_counter_sale_town_id_id"),
        ),
        sa.ForeignKeyConstraint(
            ["town_id", "issuing_point_id"],
            ["issuing_point.town_id", "issuing_point.id"],
            name=op.f("fk_counter_sale_town_id_issuing_point_id"),
        ),
        sa.ForeignKeyConstraint(
            ["town_id", "voucher_id"],
            ["voucher.town_id", "voucher.id"],
            name=op.f("fk_counter_sale_town_id_voucher_id"),
        ),
        sa.PrimaryKeyConstraint("town_id", "id", name=op.f("pk_counter_sale")),
        sa.UniqueConstraint(
            "town_id",
            "issuing_point_id",
            "receipt_number",
            name=op.f("uq_counter_sale_town_id_issuing_point_id_receipt_number"),
        ),
        sa.UniqueConstraint(
            "town_id", "voucher_id", name=op.f("uq_counter_sale_town_id_voucher_id")
        ),
        comment="Vouchers sold at an issuing point, under the id of the payment, with the number of the receipt.",
    )


def _close_cash() -> None:
    op.create_table(
        "cash_closing",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("issuing_point_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("follows", sa.Integer(), nullable=True),
        sa.Column("carried_in_cents", sa.BigInteger(), nullable=False),
        sa.Column("cash_taken_cents", sa.BigInteger(), nullable=False),
        sa.Column("card_taken_cents", sa.BigInteger(), nullable=False),
        sa.Column("expected_cents", sa.BigInteger(), nullable=False),
        sa.Column("counted_cents", sa.BigInteger(), nullable=False),
        sa.Column("banked_cents", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("closed_by_name", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "number >= 1 AND coalesce(follows, 0) = number - 1",
            name=op.f("ck_cash_closing_number"),
        ),
        sa.CheckConstraint(
            "cash_taken_cents >= 0 AND card_taken_cents >= 0", name=op.f("ck_cash_closing_taken")
        ),
        sa.CheckConstraint(
            "expected_cents = carried_in_cents + cash_taken_cents",
            name=op.f("ck_cash_closing_expected"),
        ),
        sa.CheckConstraint(
            "banked_cents BETWEEN 0 AND counted_cents", name=op.f("ck_cash_closing_banked")
        ),
        sa.CheckConstraint(
            "counted_cents = expected_cents OR reason IS NOT NULL",
            name=op.f("ck_cash_closing_reason"),
        ),
        sa.CheckConstraint(
            "closed_on = (closed_at AT TIME ZONE 'Europe/Berlin')::date",
            name=op.f("ck_cash_closing_day"),
        ),
        sa.ForeignKeyConstraint(
            ["town_id", "issuing_point_id"],
            ["issuing_point.town_id", "issuing_point.id"],
            name=op.f("fk_cash_closing_town_id_issuing_point_id"),
        ),
        sa.ForeignKeyConstraint(
            ["town_id", "issuing_point_id", "follows"],
            ["cash_closing.town_id", "cash_closing.issuing_point_id", "cash_closing.number"],
            name=op.f("fk_cash_closing_town_id_issuing_point_id_follows"),
        ),
        sa.PrimaryKeyConstraint("town_id", "id", name=op.f("pk_cash_closing")),
        sa.UniqueConstraint(
            "town_id",
            "issuing_point_id",
            "number",
            name=op.f("uq_cash_closing_town_id_issuing_point_id_number"),
        ),
        comment="The cash of an issuing point, counted: what the books expected, what was there, what went to the bank.",
    )


def _secure() -> None:
    for table in NEW_TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY own_towns ON {table}"
            " USING (coalesce(town_id = ANY ((SELECT own_towns())::uuid[]), false))"
        )
        op.execute(f"CREATE POLICY auditor ON {table} FOR SELECT TO gutschein_auditor USING (true)")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO gutschein_app")
        columns = FOR_THE_AUDITOR.get(table, "")
        op.execute(f"GRANT SELECT {columns}ON {table} TO gutschein_auditor")
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
