"""A redemption changes fewer pages: it locks accounts only, and some indexes leave out nothing.

Revision: 0025, after 0024.

A voucher is locked by its account. Whoever changes its state locks that first, so those who
book need no lock of their own on the voucher, nor the right to take one. In a large database
that is a page less which each redemption changes; what transfers reverse and vouchers replace,
which is mostly nothing, is another one.

A branch stands with its merchant in one key, so that one look tells that both are there and
belong together.
"""

from __future__ import annotations

from alembic import op

revision = "0025"
down_revision = "0024"

#: What mostly is NULL, and at most one row may have.
PARTIAL = {"transfer": "reverses_id", "voucher": "replaces_id"}


def upgrade() -> None:
    for table, column in PARTIAL.items():
        name = f"uq_{table}_town_id_{column}"
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        op.execute(
            f"CREATE UNIQUE INDEX {name} ON {table} (town_id, {column}) WHERE {column} IS NOT NULL"
        )
    # Room on its page lets a new balance leave the indexes as they are.
    op.execute("ALTER TABLE ledger_account SET (fillfactor = 90)")

    op.execute("DROP INDEX ix_branch_town_id_merchant_id")
    op.execute(
        "ALTER TABLE branch ADD CONSTRAINT uq_branch_town_id_merchant_id_id "
        "UNIQUE (town_id, merchant_id, id)"
    )
    for table in ("redemption", "reversal"):
        for column in ("merchant_id", "branch_id"):
            op.execute(f"ALTER TABLE {table} DROP CONSTRAINT fk_{table}_town_id_{column}")
        op.execute(
            f"ALTER TABLE {table} ADD CONSTRAINT fk_{table}_town_id_merchant_id_branch_id "
            "FOREIGN KEY (town_id, merchant_id, branch_id) "
            "REFERENCES branch (town_id, merchant_id, id)"
        )

    op.execute("REVOKE UPDATE (serial) ON voucher FROM gutschein_clearing")
    op.execute(
        """
        CREATE FUNCTION lock_account() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM FROM ledger_account a
            WHERE a.town_id = NEW.town_id AND a.id = NEW.id
            FOR NO KEY UPDATE;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER lock_account BEFORE UPDATE OF state, valid_until ON voucher "
        "FOR EACH ROW EXECUTE FUNCTION lock_account()"
    )

    for name in ("write_batch", "write_reversals"):
        op.execute(f"DROP FUNCTION {name}")
    op.execute("DROP TYPE transfer_made")
    op.execute("ALTER TYPE transfer_reversed RENAME TO transfer_made")
    op.execute("ALTER TYPE voucher_spent RENAME TO voucher_changed")
    # What is compared of the voucher is read once its account is locked: the state may have
    # changed while that was waited for.
    op.execute(
        """
        CREATE FUNCTION lock_vouchers(changed voucher_changed[]) RETURNS void
        LANGUAGE plpgsql AS $$
        DECLARE
            free integer;
            same integer;
        BEGIN
            SELECT count(*) INTO free
            FROM (
                SELECT a.balance_cents - a.held_cents AS free_cents_now, c.free_cents
                FROM unnest(changed) c
                JOIN ledger_account a ON a.town_id = c.town_id AND a.id = c.id
                ORDER BY a.town_id, a.id
                FOR NO KEY UPDATE OF a
            ) now
            WHERE now.free_cents_now = now.free_cents;

            SELECT count(*) INTO same
            FROM unnest(changed) c
            JOIN voucher v ON v.town_id = c.town_id AND v.id = c.id
            WHERE v.state = c.state AND v.valid_until = c.valid_until;

            IF free < cardinality(changed) OR same < cardinality(changed) THEN
                RAISE EXCEPTION 'a voucher was changed meanwhile' USING ERRCODE = '40001';
            END IF;
        END $$
        """
    )
    # The advisory lock lets whoever takes a snapshot of a town's balances wait for those who
    # post. Transfers are numbered in the order they are given in: that of the balances they
    # leave.
    op.execute(
        """
        CREATE FUNCTION post_batch(
            locks bigint[], moved transfer_made[], changed voucher_changed[]
        ) RETURNS void LANGUAGE plpgsql AS $$
        DECLARE
            done integer;
        BEGIN
            PERFORM pg_advisory_xact_lock_shared(k)
            FROM unnest(locks) WITH ORDINALITY AS l(k, n) ORDER BY n;

            INSERT INTO transfer (
                town_id, id, debit_account_id, credit_account_id, amount_cents, event,
                reference_id, link_id, reverses_id, booked_at, booked_on)
            SELECT t.town_id, t.id, t.debit_account_id, t.credit_account_id, t.amount_cents,
                   t.event, t.reference_id, t.link_id, t.reverses_id, t.booked_at, t.booked_on
            FROM unnest(moved) WITH ORDINALITY AS t ORDER BY t.ordinality
            ON CONFLICT (town_id, id) DO NOTHING;
            GET DIAGNOSTICS done = ROW_COUNT;
            IF done < cardinality(moved) THEN
                RAISE EXCEPTION 'an id stands for something else' USING ERRCODE = '23505';
            END IF;

            UPDATE ledger_account a SET balance_cents = a.balance_cents + c.change_cents
            FROM unnest(changed) c
            WHERE a.town_id = c.town_id AND a.id = c.id AND a.guarded;
            GET DIAGNOSTICS done = ROW_COUNT;
            IF done < cardinality(changed) THEN
                RAISE EXCEPTION 'an account is not guarded' USING ERRCODE = '23505';
            END IF;
        END $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION write_batch(
            used nonce_used[], spent voucher_changed[], made redemption_made[],
            locks bigint[], moved transfer_made[]
        ) RETURNS void LANGUAGE plpgsql AS $$
        DECLARE
            done integer;
        BEGIN
            INSERT INTO device_nonce (town_id, device_id, nonce, ends_at)
            SELECT u.* FROM unnest(used) u ORDER BY u.town_id, u.device_id, u.nonce
            ON CONFLICT DO NOTHING;
            GET DIAGNOSTICS done = ROW_COUNT;
            IF done < cardinality(used) THEN
                RAISE EXCEPTION 'a nonce was used meanwhile' USING ERRCODE = '40001';
            END IF;

            IF cardinality(made) = 0 THEN
                RETURN;
            END IF;

            PERFORM lock_vouchers(spent);

            INSERT INTO redemption (
                town_id, id, sale_id, merchant_id, branch_id, issuing_town_id, voucher_id,
                programme_id, fee_basis_points, amount_cents, balance_after_cents, redeemed_at,
                redeemed_on, device_id, cashier_id, api_key_id)
            SELECT m.* FROM unnest(made) m ORDER BY m.town_id, m.id
            ON CONFLICT (town_id, id) DO NOTHING;
            GET DIAGNOSTICS done = ROW_COUNT;
            IF done < cardinality(made) THEN
                RAISE EXCEPTION 'an id was taken meanwhile' USING ERRCODE = '40001';
            END IF;

            PERFORM post_batch(locks, moved, spent);
        END $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION write_reversals(
            credited voucher_changed[], made reversal_made[], locks bigint[],
            moved transfer_made[]
        ) RETURNS void LANGUAGE plpgsql AS $$
        DECLARE
            done integer;
        BEGIN
            PERFORM lock_vouchers(credited);

            INSERT INTO reversal (
                town_id, id, redemption_id, merchant_id, branch_id, credited_voucher_id,
                amount_cents, balance_after_cents, reversed_at, reversed_on, device_id,
                cashier_id, api_key_id)
            SELECT m.* FROM unnest(made) m ORDER BY m.town_id, m.id
            ON CONFLICT DO NOTHING;
            GET DIAGNOSTICS done = ROW_COUNT;
            IF done < cardinality(made) THEN
                RAISE EXCEPTION 'an id was taken meanwhile' USING ERRCODE = '40001';
            END IF;

            PERFORM post_batch(locks, moved, credited);
        END $$
        """
    )
