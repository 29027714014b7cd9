"""Citizens' orders and their vouchers.

Revision: 0033, after 0032.

A draft can be changed and forgotten. What was ordered stays as it was ordered; its vouchers are
issued once, each against the payment that has the id of the order and at the value that was
ordered; it is issued when all of them are.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"

_PLACED = "num_nonnulls(placed_at, request_id, total_cents, sealed_email)"


def upgrade() -> None:
    _take_orders()
    _take_items()
    _keep_orders()
    _keep_items()
    _secure()


def _take_orders() -> None:
    op.create_table(
        "shop_order",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("total_cents", sa.BigInteger(), nullable=True),
        sa.Column("sealed_email", sa.LargeBinary(), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mail_id", sa.Uuid(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("language IN ('de', 'en')", name=op.f("ck_shop_order_language")),
        sa.CheckConstraint(f"{_PLACED} IN (0, 4)", name=op.f("ck_shop_order_placed")),
        sa.CheckConstraint("request_id = id", name=op.f("ck_shop_order_request")),
        sa.CheckConstraint("total_cents > 0", name=op.f("ck_shop_order_total")),
        sa.CheckConstraint(
            "placed_at IS NOT NULL OR issued_at IS NULL", name=op.f("ck_shop_order_issued")
        ),
        sa.CheckConstraint(
            "placed_at IS NOT NULL OR closed_at IS NULL", name=op.f("ck_shop_order_closed")
        ),
        sa.CheckConstraint(
            "num_nonnulls(issued_at, closed_at) <= 1", name=op.f("ck_shop_order_one_end")
        ),
        sa.CheckConstraint(
            "mail_id IS NULL OR issued_at IS NOT NULL", name=op.f("ck_shop_order_mailed")
        ),
        sa.ForeignKeyConstraint(["town_id"], ["town.id"], name=op.f("fk_shop_order_town_id")),
        sa.ForeignKeyConstraint(
            ["town_id", "request_id"],
            ["payment_request.town_id", "payment_request.id"],
            name=op.f("fk_shop_order_town_id_request_id"),
        ),
        sa.PrimaryKeyConstraint("town_id", "id", name=op.f("pk_shop_order")),
        comment="Citizens' orders: a draft, then placed under the payment request of the same id,"
        " then issued against the money, or closed without.",
    )
    open_orders = "placed_at IS NOT NULL AND num_nonnulls(issued_at, closed_at) = 0"
    for name, columns, where in (
        ("open", ["town_id", "placed_at"], open_orders),
        ("to_mail", ["town_id", "issued_at"], "issued_at IS NOT NULL AND mail_id IS NULL"),
        ("draft", ["town_id", "made_at"], "placed_at IS NULL"),
    ):
        op.create_index(
            f"ix_shop_order_{name}", "shop_order", columns, postgresql_where=sa.text(where)
        )


def _take_items() -> None:
    op.create_table(
        "order_item",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("value_cents", sa.BigInteger(), nullable=False),
        sa.Column("motif", sa.Text(), nullable=False),
        sa.Column("sealed_message", sa.LargeBinary(), nullable=False),
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.Column("sealed_recipient", sa.LargeBinary(), nullable=False),
        sa.Column("deliver_on", sa.Date(), nullable=True),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("mail_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("position BETWEEN 1 AND 20", name=op.f("ck_order_item_position")),
        sa.CheckConstraint("value_cents > 0", name=op.f("ck_order_item_value")),
        sa.CheckConstraint(
            "delivery IN ('download', 'buyer', 'recipient')", name=op.f("ck_order_item_delivery")
        ),
        sa.CheckConstraint(
            "(delivery = 'recipient') = (deliver_on IS NOT NULL)",
            name=op.f("ck_order_item_deliver_on"),
        ),
        sa.CheckConstraint(
            "mail_id IS NULL OR (batch_id IS NOT NULL AND delivery = 'recipient')",
            name=op.f("ck_order_item_mailed"),
        ),
        sa.ForeignKeyConstraint(
            ["town_id", "order_id"],
            ["shop_order.town_id", "shop_order.id"],
            name=op.f("fk_order_item_town_id_order_id"),
        ),
        sa.ForeignKeyConstraint(
            ["town_id", "programme_id"],
            ["programme.town_id", "programme.id"],
            name=op.f("fk_order_item_town_id_programme_id"),
        ),
        sa.ForeignKeyConstraint(
            ["town_id", "batch_id"],
            ["voucher_batch.town_id", "voucher_batch.id"],
            name=op.f("fk_order_item_town_id_batch_id"),
        ),
        sa.PrimaryKeyConstraint("town_id", "order_id", "position", name=op.f("pk_order_item")),
        comment="The vouchers of an order, one each. Message and recipient are sealed, also when"
        " they are empty.",
    )
    op.create_index(
        "ix_order_item_to_mail",
        "order_item",
        ["town_id", "deliver_on"],
        postgresql_where=sa.text(
            "batch_id IS NOT NULL AND mail_id IS NULL AND delivery = 'recipient'"
        ),
    )


def _keep_orders() -> None:
    op.execute(
        """
        CREATE FUNCTION keep_order() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'DELETE' THEN
                IF OLD.placed_at IS NULL THEN
                    RETURN OLD;
                END IF;
                RAISE EXCEPTION 'an order that was placed is kept'
                    USING ERRCODE = 'restrict_violation';
            END IF;
            IF (NEW.town_id, NEW.id, NEW.made_at) <> (OLD.town_id, OLD.id, OLD.made_at)
               OR OLD.placed_at IS NOT NULL
                  AND (NEW.language, NEW.placed_at, NEW.total_cents, NEW.sealed_email)
                      IS DISTINCT FROM
                      (OLD.language, OLD.placed_at, OLD.total_cents, OLD.sealed_email)
               OR OLD.issued_at IS NOT NULL AND NEW.issued_at IS DISTINCT FROM OLD.issued_at
               OR OLD.closed_at IS NOT NULL AND NEW.closed_at IS DISTINCT FROM OLD.closed_at
               OR OLD.mail_id IS NOT NULL AND NEW.mail_id IS DISTINCT FROM OLD.mail_id THEN
                RAISE EXCEPTION 'what was ordered stays as it was, and each step is taken once'
                    USING ERRCODE = 'restrict_violation';
            END IF;
            IF OLD.placed_at IS NULL AND NEW.placed_at IS NOT NULL
               AND NEW.total_cents IS DISTINCT FROM (
                   SELECT sum(value_cents) FROM order_item
                   WHERE town_id = NEW.town_id AND order_id = NEW.id) THEN
                RAISE EXCEPTION 'an order costs what its vouchers are worth'
                    USING ERRCODE = 'restrict_violation';
            END IF;
            IF OLD.issued_at IS NULL AND NEW.issued_at IS NOT NULL AND EXISTS (
                SELECT FROM order_item
                WHERE town_id = NEW.town_id AND order_id = NEW.id AND batch_id IS NULL) THEN
                RAISE EXCEPTION 'an order is issued when all its vouchers are'
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER keep_order BEFORE UPDATE OR DELETE ON shop_order"
        " FOR EACH ROW EXECUTE FUNCTION keep_order()"
    )


def _keep_items() -> None:
    op.execute(
        """
        CREATE FUNCTION keep_order_item() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            item order_item := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
            wished boolean := TG_OP <> 'UPDATE' OR
                (NEW.town_id, NEW.order_id, NEW.position, NEW.programme_id, NEW.value_cents,
                 NEW.motif, NEW.sealed_message, NEW.delivery, NEW.sealed_recipient,
                 NEW.deliver_on)
                IS DISTINCT FROM
                (OLD.town_id, OLD.order_id, OLD.position, OLD.programme_id, OLD.value_cents,
                 OLD.motif, OLD.sealed_message, OLD.delivery, OLD.sealed_recipient,
                 OLD.deliver_on);
        BEGIN
            IF wished AND EXISTS (
                SELECT FROM shop_order
                WHERE town_id = item.town_id AND id = item.order_id AND placed_at IS NOT NULL
            ) THEN
                RAISE EXCEPTION 'what was ordered stays as it was'
                    USING ERRCODE = 'restrict_violation';
            END IF;
            IF TG_OP = 'UPDATE' AND (
                OLD.batch_id IS NOT NULL AND NEW.batch_id IS DISTINCT FROM OLD.batch_id
                OR OLD.mail_id IS NOT NULL AND NEW.mail_id IS DISTINCT FROM OLD.mail_id
            ) THEN
                RAISE EXCEPTION 'a voucher of an order is issued and mailed once'
                    USING ERRCODE = 'restrict_violation';
            END IF;
            IF item.batch_id IS NOT NULL AND TG_OP <> 'DELETE' AND NOT EXISTS (
                SELECT FROM voucher_batch b
                WHERE b.town_id = item.town_id AND b.id = item.batch_id
                  AND b.payment_id = item.order_id AND b.programme_id = item.programme_id
                  AND b.value_cents = item.value_cents AND b.voucher_count = 1
            ) THEN
                RAISE EXCEPTION 'a voucher of an order is issued as ordered, against its payment'
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN item;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER keep_order_item BEFORE INSERT OR UPDATE OR DELETE ON order_item"
        " FOR EACH ROW EXECUTE FUNCTION keep_order_item()"
    )


def _secure() -> None:
    for table in ("shop_order", "order_item"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY own_towns ON {table}"
            " USING (coalesce(town_id = ANY ((SELECT own_towns())::uuid[]), false))"
        )
        op.execute(f"CREATE POLICY auditor ON {table} FOR SELECT TO gutschein_auditor USING (true)")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO gutschein_app")
    op.execute(
        "GRANT SELECT (town_id, id, placed_at, request_id, total_cents, issued_at, closed_at)"
        " ON shop_order TO gutschein_auditor"
    )
    op.execute(
        "GRANT SELECT (town_id, order_id, position, programme_id, value_cents, batch_id)"
        " ON order_item TO gutschein_auditor"
    )
