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


def upgrade() -> None:
    op.execute(
        """
        CREATE FUNCTION write_reversals(
            voucher_town_ids uuid[], voucher_ids uuid[], states text[], valid_untils date[],
            free_cents bigint[], changes bigint[],

            shop_town_ids uuid[], reversal_ids uuid[], redemption_ids uuid[], merchant_ids uuid[],
            branch_ids uuid[], credited_ids uuid[], given_cents bigint[], left_cents bigint[],
            reversed timestamptz[], reversed_days date[], by_devices uuid[], by_cashiers uuid[],
            by_keys uuid[],

            locks bigint[],
            town_ids uuid[], ids uuid[], debits uuid[], credits uuid[], amounts bigint[],
            events text[], reference_ids uuid[], link_ids uuid[], reverses_ids uuid[],
            instants timestamptz[], days date[]
        ) RETURNS void LANGUAGE plpgsql AS $$
        DECLARE
            done integer;
        BEGIN
            SELECT count(*) INTO done
            FROM (
                SELECT v.state AS state_now, v.valid_until AS valid_until_now,
                       a.balance_cents - a.held_cents AS free_cents_now, k.*
                FROM unnest(voucher_town_ids, voucher_ids, states, valid_untils, free_cents)
                     AS k(town_id, id, state, valid_until, free_cents)
                JOIN voucher v ON v.town_id = k.town_id AND v.id = k.id
                JOIN ledger_account a ON a.town_id = v.town_id AND a.id = v.id
                ORDER BY v.town_id, v.id
                FOR NO KEY UPDATE OF v, a SKIP LOCKED
            ) s
            WHERE s.state_now = s.state AND s.valid_until_now = s.valid_until
              AND s.free_cents_now = s.free_cents;
            IF done < cardinality(voucher_ids) THEN
                RAISE EXCEPTION 'a voucher was changed meanwhile' USING ERRCODE = '40001';
            END IF;

            INSERT INTO reversal (
                town_id, id, redemption_id, merchant_id, branch_id, credited_voucher_id,
                amount_cents, balance_after_cents, reversed_at, reversed_on, device_id,
                cashier_id, api_key_id)
            SELECT * FROM unnest(
                shop_town_ids, reversal_ids, redemption_ids, merchant_ids, branch_ids,
                credited_ids, given_cents, left_cents, reversed, reversed_days, by_devices,
                by_cashiers, by_keys)
                AS n(town_id, id)
            ORDER BY n.town_id, n.id
            ON CONFLICT DO NOTHING;
            GET DIAGNOSTICS done = ROW_COUNT;
            IF done < cardinality(reversal_ids) THEN
                RAISE EXCEPTION 'an id was taken meanwhile' USING ERRCODE = '40001';
            END IF;

            PERFORM pg_advisory_xact_lock_shared(k)
            FROM unnest(locks) WITH ORDINALITY AS l(k, n) ORDER BY n;

            INSERT INTO transfer (town_id, id, debit_account_id, credit_account_id, amount_cents,
                                  event, reference_id, link_id, reverses_id, booked_at, booked_on)
            SELECT t.town_id, t.id, t.debit, t.credit, t.amount, t.event, t.reference_id, t.link_id,
                   t.reverses_id, t.instant, t.day
            FROM unnest(town_ids, ids, debits, credits, amounts, events, reference_ids,
                        link_ids, reverses_ids, instants, days) WITH ORDINALITY
                 AS t(town_id, id, debit, credit, amount, event, reference_id, link_id,
                      reverses_id, instant, day, n)
            ORDER BY t.n
            ON CONFLICT (town_id, id) DO NOTHING;
            GET DIAGNOSTICS done = ROW_COUNT;
            IF done < cardinality(ids) THEN
                RAISE EXCEPTION 'an id stands for something else' USING ERRCODE = '23505';
            END IF;

            UPDATE ledger_account a SET balance_cents = a.balance_cents + c.change_cents
            FROM unnest(voucher_town_ids, voucher_ids, changes) AS c(town_id, id, change_cents)
            WHERE a.town_id = c.town_id AND a.id = c.id;
        END $$
        """
    )
