"""A batch of redemptions comes as rows, not as columns.

Revision: 0023, after 0022.

What a worker sends with a statement costs it by the array and by the element: an array of
rows a tenth of what an array for each column does.
"""

from __future__ import annotations

from alembic import op

revision = "0023"
down_revision = "0022"

TYPES = {
    "redemption_asked": """
        n integer, code_town_id uuid, code_hash bytea, town_id uuid, merchant_id uuid,
        branch_id uuid, id uuid, today date, key_town_id uuid, kid bytea, device_id uuid,
        nonce text, api_key_id uuid, now timestamptz
    """,
    "nonce_used": "town_id uuid, device_id uuid, nonce text, ends_at timestamptz",
    "voucher_spent": """
        town_id uuid, id uuid, state text, valid_until date, free_cents bigint,
        change_cents bigint
    """,
    "redemption_made": """
        town_id uuid, id uuid, sale_id uuid, merchant_id uuid, branch_id uuid,
        issuing_town_id uuid, voucher_id uuid, programme_id uuid, fee_basis_points integer,
        amount_cents bigint, balance_after_cents bigint, redeemed_at timestamptz,
        redeemed_on date, device_id uuid, cashier_id uuid, api_key_id uuid
    """,
    "transfer_made": """
        town_id uuid, id uuid, debit_account_id uuid, credit_account_id uuid,
        amount_cents bigint, event text, reference_id uuid, link_id uuid,
        booked_at timestamptz, booked_on date
    """,
}


def upgrade() -> None:
    for name, columns in TYPES.items():
        op.execute(f"CREATE TYPE {name} AS ({columns})")
    for name in ("write_batch", "post_transfers"):
        op.execute(f"DROP FUNCTION {name}")
    # The advisory lock lets whoever takes a snapshot of a town's balances wait for those who
    # post. Transfers are numbered in the order they are given in: that of the balances they
    # leave.
    op.execute(
        """
        CREATE FUNCTION write_batch(
            used nonce_used[], spent voucher_spent[], made redemption_made[],
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

            SELECT count(*) INTO done
            FROM (
                SELECT v.state AS state_now, v.valid_until AS valid_until_now,
                       a.balance_cents - a.held_cents AS free_cents_now, s.*
                FROM unnest(spent) s
                JOIN voucher v ON v.town_id = s.town_id AND v.id = s.id
                JOIN ledger_account a ON a.town_id = v.town_id AND a.id = v.id
                ORDER BY v.town_id, v.id
                FOR NO KEY UPDATE OF v, a
            ) now
            WHERE now.state_now = now.state AND now.valid_until_now = now.valid_until
              AND now.free_cents_now = now.free_cents;
            IF done < cardinality(spent) THEN
                RAISE EXCEPTION 'a voucher was changed meanwhile' USING ERRCODE = '40001';
            END IF;

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

            PERFORM pg_advisory_xact_lock_shared(k)
            FROM unnest(locks) WITH ORDINALITY AS l(k, n) ORDER BY n;

            INSERT INTO transfer (
                town_id, id, debit_account_id, credit_account_id, amount_cents, event,
                reference_id, link_id, booked_at, booked_on)
            SELECT t.town_id, t.id, t.debit_account_id, t.credit_account_id, t.amount_cents,
                   t.event, t.reference_id, t.link_id, t.booked_at, t.booked_on
            FROM unnest(moved) WITH ORDINALITY AS t ORDER BY t.ordinality
            ON CONFLICT (town_id, id) DO NOTHING;
            GET DIAGNOSTICS done = ROW_COUNT;
            IF done < cardinality(moved) THEN
                RAISE EXCEPTION 'an id stands for something else' USING ERRCODE = '23505';
            END IF;

            UPDATE ledger_account a SET balance_cents = a.balance_cents + s.change_cents
            FROM unnest(spent) s
            WHERE a.town_id = s.town_id AND a.id = s.id AND a.guarded;
            GET DIAGNOSTICS done = ROW_COUNT;
            IF done < cardinality(spent) THEN
                RAISE EXCEPTION 'an account is not guarded' USING ERRCODE = '23505';
            END IF;
        END $$
        """
    )
