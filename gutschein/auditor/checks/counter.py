"""The issuing point: stock without money, sales with it, and cash that adds up."""

from __future__ import annotations

from gutschein.auditor.check import Check

STOCK = Check(
    number="A71",
    title="A voucher in stock has never had money, and has the terms of its order; one that was"
    " sold from stock was sold in time, for the value printed on it",
    over=("stock_order", "voucher"),
    finds="""
        SELECT v.town_id, v.id AS row_id, v.serial,
               CASE WHEN num_nonnulls(v.batch_id, v.replaces_id) > 0 THEN 'sold'
                    WHEN s.id IS NULL THEN 'order'
                    WHEN m.moves IS NOT NULL THEN 'money' ELSE 'terms' END AS fault,
               concat_ws(', ', s.programme_id, s.token_value_cents, s.token_valid_until)
                   AS expected,
               concat_ws(', ', v.programme_id, v.face_value_cents, v.valid_until) AS actual
        FROM (
            SELECT * FROM voucher
            WHERE stock_order_id IS NOT NULL OR num_nonnulls(batch_id, replaces_id) = 0
        ) v
        LEFT JOIN stock_order s ON s.town_id = v.town_id AND s.id = v.stock_order_id
        LEFT JOIN voucher_batch b ON b.town_id = v.town_id AND b.id = v.batch_id
        LEFT JOIN LATERAL (
            SELECT count(*) AS moves FROM transfer t
            WHERE t.town_id = v.town_id
              AND (t.debit_account_id = v.id OR t.credit_account_id = v.id)
              AND num_nonnulls(v.batch_id, v.replaces_id) = 0
            HAVING count(*) > 0
        ) m ON true
        WHERE CASE WHEN num_nonnulls(v.batch_id, v.replaces_id) > 0
                   THEN s.id IS NOT NULL
                        AND (b.sold_on > s.sell_until OR b.valid_until > s.token_valid_until
                             OR b.value_cents <> s.value_cents
                             OR b.programme_id <> s.programme_id)
                   ELSE s.id IS NULL OR m.moves IS NOT NULL
                        OR (v.programme_id, v.face_value_cents, v.valid_until)
                           <> (s.programme_id, s.token_value_cents, s.token_valid_until) END
        UNION ALL
        SELECT s.town_id, s.id, s.first_serial, 'count',
               s.voucher_count || ' from ' || s.first_serial,
               coalesce(v.vouchers, 0) || coalesce(' from ' || v.first, '')
        FROM stock_order s
        LEFT JOIN (
            SELECT town_id, stock_order_id, count(*) AS vouchers, min(serial) AS first,
                   max(serial) AS last
            FROM voucher WHERE stock_order_id IS NOT NULL GROUP BY 1, 2
        ) v ON v.town_id = s.town_id AND v.stock_order_id = s.id
        WHERE (v.vouchers, v.first, v.last) IS DISTINCT FROM
              (s.voucher_count::bigint, s.first_serial, s.first_serial + s.voucher_count - 1)
    """,
    says={
        "order": "Voucher {serial} is neither of a batch nor of an order for stock.",
        "money": "Voucher {serial} was never sold, but money has been on it.",
        "terms": "Voucher {serial} in stock has the terms {actual}, its order says {expected}.",
        "sold": "Voucher {serial} was sold from stock on terms that its order does not allow.",
        "count": "An order for stock should have the serials {expected}, but has {actual}.",
    },
)

SALES = Check(
    number="A72",
    title="A sale at a desk is one voucher for one payment taken there, and what leaves the stock"
    " has been sold",
    over=("counter_sale", "voucher"),
    finds="""
        SELECT s.town_id, s.id AS row_id, v.serial, s.receipt_number,
               CASE WHEN p.id IS NULL OR p.method NOT IN ('cash', 'card')
                         OR p.issuing_point_id <> s.issuing_point_id THEN 'payment'
                    ELSE 'voucher' END AS fault,
               p.amount_cents AS expected_cents, b.value_cents AS actual_cents
        FROM counter_sale s
        LEFT JOIN payment p ON p.town_id = s.town_id AND p.id = s.id
        LEFT JOIN voucher v ON v.town_id = s.town_id AND v.id = s.voucher_id
        LEFT JOIN voucher_batch b ON b.town_id = s.town_id AND b.id = s.id
        WHERE p.id IS NULL OR p.method NOT IN ('cash', 'card')
           OR p.issuing_point_id <> s.issuing_point_id
           OR v.batch_id IS DISTINCT FROM s.id
           OR b.payment_id IS DISTINCT FROM s.id
           OR b.value_cents IS DISTINCT FROM p.amount_cents
        UNION ALL
        SELECT v.town_id, v.id, v.serial, NULL, 'unsold', v.face_value_cents, NULL
        FROM voucher v
        LEFT JOIN counter_sale s
            ON s.town_id = v.town_id AND s.voucher_id = v.id AND s.id = v.batch_id
        WHERE v.stock_order_id IS NOT NULL AND v.batch_id IS NOT NULL AND s.id IS NULL
    """,
    says={
        "payment": "Receipt {receipt_number} is for a payment that was not taken at that desk.",
        "voucher": "Receipt {receipt_number} over {expected} is for a voucher of {actual} that was"
        " not issued against it.",
        "unsold": "Voucher {serial} of {expected} left the stock, but nobody sold it.",
    },
)

RECEIPTS = Check(
    number="A73",
    title="The receipts of an issuing point are numbered from 1 without a gap, and carry the day"
    " it was in Germany",
    over=("counter_sale",),
    finds="""
        SELECT town_id, id AS row_id, receipt_number, 'number' AS fault,
               expected::text AS expected, receipt_number::text AS actual
        FROM (
            SELECT *, coalesce(lag(receipt_number) OVER (
                       PARTITION BY town_id, issuing_point_id ORDER BY receipt_number
                   ), 0) + 1 AS expected
            FROM counter_sale
        ) numbered
        WHERE receipt_number <> expected
        UNION ALL
        SELECT town_id, id, receipt_number, 'day',
               (sold_at AT TIME ZONE 'Europe/Berlin')::date::text, sold_on::text
        FROM counter_sale
        WHERE sold_on <> (sold_at AT TIME ZONE 'Europe/Berlin')::date
    """,
    says={
        "number": "A receipt has the number {actual} where {expected} should be.",
        "day": "Receipt {receipt_number} is dated {actual} instead of {expected}.",
    },
)

CLOSINGS = Check(
    number="A74",
    title="The cash closings of an issuing point follow one another, add up, and tell of all that"
    " was taken once at most; every difference has a reason",
    over=("cash_closing",),
    finds="""
        SELECT c.town_id, c.id AS row_id, c.number,
               CASE WHEN c.number <> coalesce(last.number, 0) + 1
                         OR follows IS DISTINCT FROM last.number THEN 'chain'
                    WHEN carried_in_cents <> coalesce(last.left_cents, 0) THEN 'carried'
                    WHEN expected_cents <> carried_in_cents + cash_taken_cents THEN 'sum'
                    WHEN banked_cents NOT BETWEEN 0 AND counted_cents THEN 'banked'
                    ELSE 'reason' END AS fault,
               CASE WHEN expected_cents <> carried_in_cents + cash_taken_cents
                         AND carried_in_cents = coalesce(last.left_cents, 0)
                    THEN carried_in_cents + cash_taken_cents
                    WHEN carried_in_cents <> coalesce(last.left_cents, 0)
                    THEN coalesce(last.left_cents, 0)
                    ELSE expected_cents END AS expected_cents,
               CASE WHEN carried_in_cents <> coalesce(last.left_cents, 0) THEN carried_in_cents
                    WHEN expected_cents <> carried_in_cents + cash_taken_cents THEN expected_cents
                    WHEN banked_cents NOT BETWEEN 0 AND counted_cents THEN banked_cents
                    ELSE counted_cents END AS actual_cents
        FROM cash_closing c
        LEFT JOIN LATERAL (
            SELECT before.number, before.expected_cents - before.banked_cents AS left_cents
            FROM cash_closing before
            WHERE before.town_id = c.town_id
              AND before.issuing_point_id = c.issuing_point_id
              AND before.number < c.number
            ORDER BY before.number DESC LIMIT 1
        ) last ON true
        WHERE c.number <> coalesce(last.number, 0) + 1
           OR follows IS DISTINCT FROM last.number
           OR carried_in_cents <> coalesce(last.left_cents, 0)
           OR expected_cents <> carried_in_cents + cash_taken_cents
           OR banked_cents NOT BETWEEN 0 AND counted_cents
           OR (counted_cents <> expected_cents AND reason IS NULL)
        UNION ALL
        SELECT told.town_id, told.issuing_point_id, NULL, 'taken', p.cents, told.cents
        FROM (
            SELECT town_id, issuing_point_id, method, sum(cents) AS cents
            FROM cash_closing
            CROSS JOIN LATERAL (VALUES ('cash', cash_taken_cents), ('card', card_taken_cents))
                AS each(method, cents)
            GROUP BY 1, 2, 3
        ) told
        LEFT JOIN (
            SELECT town_id, issuing_point_id, method, sum(amount_cents) AS cents
            FROM payment WHERE method IN ('cash', 'card') GROUP BY 1, 2, 3
        ) p USING (town_id, issuing_point_id, method)
        WHERE told.cents > coalesce(p.cents, 0)
    """,
    says={
        "chain": "Cash closing {number} does not follow the one before it.",
        "carried": "Cash closing {number} begins with {actual}; the one before left {expected}.",
        "sum": "Cash closing {number} expects {actual}, but what it names adds up to {expected}.",
        "banked": "Cash closing {number} took {actual} to the bank, which is not what was there.",
        "reason": "Cash closing {number} counted {actual} where the books say {expected}, and"
        " nobody says why.",
        "taken": "The closings of an issuing point tell of {actual}, but only {expected} was taken"
        " there.",
    },
)

BANKED = Check(
    number="A75",
    title="What was taken to the bank is booked by exactly one transfer, and the cash account of"
    " an issuing point is what was paid there less that",
    over=("cash_closing", "ledger_account"),
    finds="""
        SELECT coalesce(c.town_id, t.town_id) AS town_id, coalesce(c.id, t.id) AS row_id,
               CASE WHEN c.id IS NULL THEN 'unknown' WHEN t.id IS NULL THEN 'unbooked'
                    WHEN t.booked > 1 THEN 'twice' ELSE 'other' END AS fault,
               c.banked_cents AS expected_cents, t.amount_cents AS actual_cents
        FROM (SELECT * FROM cash_closing WHERE banked_cents <> 0) c
        FULL JOIN (
            SELECT t.*, a.owner_id AS taken_from,
                   count(*) OVER (PARTITION BY t.town_id, t.reference_id) AS booked
            FROM transfer t
            LEFT JOIN ledger_account a
                ON a.town_id = t.town_id AND a.id = t.credit_account_id AND a.kind = 'cash'
            WHERE t.event = 'cash_banked'
        ) t ON t.town_id = c.town_id AND t.reference_id = c.id
        WHERE c.id IS NULL OR t.id IS NULL OR t.booked > 1 OR t.amount_cents <> c.banked_cents
           OR t.taken_from IS DISTINCT FROM c.issuing_point_id
        UNION ALL
        SELECT a.town_id, a.owner_id, 'cash', coalesce(d.cents, 0), -a.cents
        FROM booked a
        LEFT JOIN (
            SELECT town_id, issuing_point_id, sum(cents) AS cents
            FROM (
                SELECT town_id, issuing_point_id, amount_cents AS cents
                FROM payment WHERE method = 'cash'
                UNION ALL
                SELECT town_id, issuing_point_id, -banked_cents FROM cash_closing
            ) documents
            GROUP BY 1, 2
        ) d ON d.town_id = a.town_id AND d.issuing_point_id = a.owner_id
        WHERE a.kind = 'cash' AND -a.cents <> coalesce(d.cents, 0)
    """,
    says={
        "unknown": "{actual} left the cash for the bank, but no cash closing says so.",
        "unbooked": "{expected} was taken to the bank, but that is not in the books.",
        "twice": "{expected} was taken to the bank once, and is in the books more than once.",
        "other": "{expected} was taken to the bank, but the books say {actual}, or another"
        " issuing point.",
        "cash": "In the cash of an issuing point should be {expected}; by the books it is"
        " {actual}.",
    },
)

SELLING = Check(
    number="A76",
    title="The trigger that lets a voucher leave the stock only against booked money is there and"
    " on",
    over=1,
    # pg_trigger.tgtype: 1 row, 2 before, 16 update
    finds="""
        SELECT NULL::uuid AS town_id, 'voucher.sell_once' AS row_id, 'on' AS expected,
               CASE WHEN t.oid IS NULL THEN 'missing'
                    WHEN t.tgenabled NOT IN ('O', 'A') THEN 'off' ELSE 'altered' END AS actual
        FROM (VALUES (true)) AS one
        LEFT JOIN pg_trigger t ON t.tgrelid = to_regclass('public.voucher')
            AND t.tgname = 'sell_once' AND NOT t.tgisinternal
        LEFT JOIN pg_proc p ON p.oid = t.tgfoid
        WHERE t.oid IS NULL OR t.tgenabled NOT IN ('O', 'A') OR t.tgtype <> 19
           OR t.tgqual IS NOT NULL
           OR ARRAY(SELECT a.attname FROM pg_attribute a
                    WHERE a.attrelid = t.tgrelid AND a.attnum = ANY (t.tgattr)
                    ORDER BY a.attname)
              <> ARRAY['batch_id', 'face_value_cents', 'issued_at', 'valid_until']::name[]
           OR p.prosrc !~ 'FROM voucher_batch' OR p.prosrc !~ 'JOIN transfer'
    """,
    says="The trigger {row_id} is {actual}: a voucher can become good without a payment.",
)

CHECKS = (STOCK, SALES, RECEIPTS, CLOSINGS, BANKED, SELLING)
