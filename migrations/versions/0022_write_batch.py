"""A whole batch of redemptions is written in one statement, if what it rests on still stands.

Revision: 0022, after 0021.

What was read without a lock is compared once it is locked. Whoever finds it changed, or an id
taken, raises ``serialization_failure``: to be read and decided again.
"""

from __future__ import annotations

from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.execute(
        """
        CREATE FUNCTION write_batch(
            device_town_ids uuid[], device_ids uuid[], nonces text[], nonces_end timestamptz[],

            voucher_town_ids uuid[], voucher_ids uuid[], states text[], valid_untils date[],
            free_cents bigint[], changes bigint[],

            shop_town_ids uuid[], redemption_ids uuid[], sale_ids uuid[], merchant_ids uuid[],
            branch_ids uuid[], issuing_town_ids uuid[], spent_ids uuid[], programme_ids uuid[],
            fees integer[], taken_cents bigint[], left_cents bigint[], redeemed timestamptz[],
            redeemed_days date[], by_devices uuid[], by_cashiers uuid[], by_keys uuid[],

            locks bigint[],
            town_ids uuid[], ids uuid[], debits uuid[], credits uuid[], amounts bigint[],
            events text[], reference_ids uuid[], link_ids uuid[],
            instants timestamptz[], days date[]
        ) RETURNS void LANGUAGE plpgsql AS $$
        DECLARE
            done integer;
        BEGIN
            INSERT INTO device_nonce (town_id, device_id, nonce, ends_at)
            SELECT * FROM unnest(device_town_ids, device_ids, nonces, nonces_end)
                AS n(town_id, device_id, nonce, ends_at)
            ORDER BY n.town_id, n.device_id, n.nonce
            ON CONFLICT DO NOTHING;
            GET DIAGNOSTICS done = ROW_COUNT;
            IF done < cardinality(nonces) THEN
                RAISE EXCEPTION 'a nonce was used meanwhile' USING ERRCODE = '40001';
            END IF;

            IF cardinality(redemption_ids) = 0 THEN
                RETURN;
            END IF;

            SELECT count(*) INTO done
            FROM (
                SELECT v.state AS state_now, v.valid_until AS valid_until_now,
                       a.balance_cents - a.held_cents AS free_cents_now, k.*
                FROM unnest(voucher_town_ids, voucher_ids, states, valid_untils, free_cents)
                     AS k(town_id, id, state, valid_until, free_cents)
                JOIN voucher v ON v.town_id = k.town_id AND v.id = k.id
                JOIN ledger_account a ON a.town_id = v.town_id AND a.id = v.id
                ORDER BY v.town_id, v.id
                FOR NO KEY UPDATE OF v, a
            ) s
            WHERE s.state_now = s.state AND s.valid_until_now = s.valid_until
              AND s.free_cents_now = s.free_cents;
            IF done < cardinality(voucher_ids) THEN
                RAISE EXCEPTION 'a voucher was changed meanwhile' USING ERRCODE = '40001';
            END IF;

            INSERT INTO redemption (
                town_id, id, sale_id, merchant_id, branch_id, issuing_town_id, voucher_id,
                programme_id, fee_basis_points, amount_cents, balance_after_cents, redeemed_at,
                redeemed_on, device_id, cashier_id, api_key_id)
            SELECT * FROM unnest(
                shop_town_ids, redemption_ids, sale_ids, merchant_ids, branch_ids,
                issuing_town_ids, spent_ids, programme_ids, fees, taken_cents, left_cents,
                redeemed, redeemed_days, by_devices, by_cashiers, by_keys)
                AS n(town_id, id)
            ORDER BY n.town_id, n.id
            ON CONFLICT (town_id, id) DO NOTHING;
            GET DIAGNOSTICS done = ROW_COUNT;
            IF done < cardinality(redemption_ids) THEN
                RAISE EXCEPTION 'an id was taken meanwhile' USING ERRCODE = '40001';
            END IF;

            IF post_transfers(
                locks, town_ids, ids, debits, credits, amounts, events, reference_ids, link_ids,
                instants, days, voucher_town_ids, voucher_ids, changes
            ) <> ARRAY[cardinality(ids), cardinality(voucher_ids)] THEN
                RAISE EXCEPTION 'an id stands for something else' USING ERRCODE = '23505';
            END IF;
        END $$
        """
    )
