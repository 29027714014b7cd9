"""What the clearing engine needs: transfers in one statement, and tills that sign in with it.

Revision: 0019, after 0018.
"""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"

#: What of a till's credential is asked in the transaction of its request; no key, no hash.
OF_TILLS = {
    "device": "town_id, id, locked_at, seen_at",
    "device_nonce": "town_id, device_id, nonce",
    "device_shift": "town_id, id, device_id, cashier_id, begun_at, ends_at, ended_at",
    "cashier": "town_id, id, ended_at",
    "api_key": "town_id, id, ends_at, revoked_at, used_at",
}


def upgrade() -> None:
    # The lock lets whoever takes a snapshot of a town's balances wait for those who post.
    # Transfers are numbered in the order they are given in: that of the balances they leave.
    op.execute(
        """
        CREATE FUNCTION post_transfers(
            locks bigint[],
            town_ids uuid[], ids uuid[], debits uuid[], credits uuid[], amounts bigint[],
            events text[], reference_ids uuid[], link_ids uuid[],
            instants timestamptz[], days date[],
            changed_town_ids uuid[], changed_ids uuid[], changes bigint[]
        ) RETURNS integer[] LANGUAGE plpgsql AS $$
        DECLARE
            posted integer;
            changed integer;
        BEGIN
            PERFORM pg_advisory_xact_lock_shared(k)
            FROM unnest(locks) WITH ORDINALITY AS l(k, n) ORDER BY n;

            INSERT INTO transfer (town_id, id, debit_account_id, credit_account_id, amount_cents,
                                  event, reference_id, link_id, booked_at, booked_on)
            SELECT t.town_id, t.id, t.debit, t.credit, t.amount, t.event, t.reference_id, t.link_id,
                   t.instant, t.day
            FROM unnest(town_ids, ids, debits, credits, amounts, events, reference_ids,
                        link_ids, instants, days) WITH ORDINALITY
                 AS t(town_id, id, debit, credit, amount, event, reference_id, link_id, instant,
                      day, n)
            ORDER BY t.n
            ON CONFLICT (town_id, id) DO NOTHING;
            GET DIAGNOSTICS posted = ROW_COUNT;

            UPDATE ledger_account a SET balance_cents = a.balance_cents + c.change_cents
            FROM unnest(changed_town_ids, changed_ids, changes) AS c(town_id, id, change_cents)
            WHERE a.town_id = c.town_id AND a.id = c.id AND a.guarded;
            GET DIAGNOSTICS changed = ROW_COUNT;

            RETURN ARRAY[posted, changed];
        END $$
        """
    )
    op.execute("GRANT INSERT ON device_nonce TO gutschein_clearing")
    op.execute("GRANT UPDATE (seen_at) ON device TO gutschein_clearing")
    op.execute("GRANT UPDATE (used_at) ON api_key TO gutschein_clearing")
    for table, columns in OF_TILLS.items():
        op.execute(f"GRANT SELECT ({columns}) ON {table} TO gutschein_clearing")
        op.execute(f"CREATE POLICY clearing ON {table} TO gutschein_clearing USING (true)")
