"""A whole batch of reversals is written in one statement, if what it rests on still stands.

Revision: 0024, after 0023.

As of redemptions: whoever finds a voucher changed that was read without a lock, or an id
taken, raises ``serialization_failure``: to be read and decided again. Whoever finds it locked
does not wait to find it changed, but waits with the lock that is taken before it is read again.
"""

from __future__ import annotations

from alembic import op

revision = "0024"
down_revision = "0023"


TYPES = {
    "reversal_made": """
        town_id uuid, id uuid, redemption_id uuid, merchant_id uuid, branch_id uuid,
        credited_voucher_id uuid, amount_cents bigint, balance_after_cents bigint,
        reversed_at timestamptz, reversed_on date, device_id uuid, cashier_id uuid,
        api_key_id uuid
    """,
    "transfer_reversed": """
        town_id uuid, id uuid, debit_account_id uuid, credit_account_id uuid,
        amount_cents bigint, event text, reference_id uuid, link_id uuid, reverses_id uuid,
        booked_at timestamptz, booked_on date
    """,
}


def upgrade() -> None:
    for name, columns in TYPES.items():
        op.execute(f"CREATE TYPE {name} AS ({columns})")
    op.execute(
        """
        CREATE FUNCTION write_reversals(
            credited voucher_spent[], made reversal_made[], locks bigint[],
            moved transfer_reversed[]
        ) RETURNS void LANGUAGE plpgsql AS $$
        DECLARE
            done integer;
        BEGIN
            SELECT count(*) INTO done
            FROM (
                SELECT v.state AS state_now, v.valid_until AS valid_until_now,
                       a.balance_cents - a.held_cents AS free_cents_now, c.*
                FROM unnest(credited) c
                JOIN voucher v ON v.town_id = c.town_id AND v.id = c.id
                JOIN ledger_account a ON a.town_id = v.town_id AND a.id = v.id
                ORDER BY v.town_id, v.id
                FOR NO KEY UPDATE OF v, a SKIP LOCKED
            ) now
            WHERE now.state_now = now.state AND now.valid_until_now = now.valid_until
              AND now.free_cents_now = now.free_cents;
            IF done < cardinality(credited) THEN
                RAISE EXCEPTION 'a voucher was changed meanwhile' USING ERRCODE = '40001';
            END IF;

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
            FROM unnest(credited) c
            WHERE a.town_id = c.town_id AND a.id = c.id;
        END $$
        """
    )
