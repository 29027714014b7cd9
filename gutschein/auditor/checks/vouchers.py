"""Vouchers: one account each, their value in exactly once, batches and serials complete."""

from __future__ import annotations

from gutschein.auditor.check import Check

VOUCHER_ACCOUNT = Check(
    number="A15",
    title="Every voucher has its account",
    over=("voucher",),
    finds="""
        SELECT v.town_id, v.id AS row_id, v.serial, 'an account' AS expected, 'none' AS actual
        FROM voucher v
        LEFT JOIN ledger_account a
            ON a.town_id = v.town_id AND a.owner_id = v.id AND a.kind = 'voucher'
        WHERE a.id IS NULL
    """,
    says="Voucher {serial} has no account.",
)

VOUCHER_VALUE = Check(
    number="A16",
    title="The face value of a voucher came in exactly once: from the payment of its batch, or from"
    " the voucher it replaces",
    over=("voucher",),
    finds="""
        SELECT coalesce(v.town_id, t.town_id) AS town_id, coalesce(v.id, t.id) AS row_id,
               CASE WHEN v.id IS NULL THEN 'unknown' WHEN t.id IS NULL THEN 'missing'
                    WHEN t.booked > 1 THEN 'twice'
                    WHEN t.amount_cents <> v.face_value_cents THEN 'amount'
                    ELSE 'source' END AS fault,
               v.serial, v.face_value_cents AS expected_cents, t.amount_cents AS actual_cents
        FROM voucher v
        LEFT JOIN voucher_batch b ON b.town_id = v.town_id AND b.id = v.batch_id
        FULL JOIN (
            SELECT t.town_id, t.id, t.reference_id, t.amount_cents, t.event, t.link_id,
                   d.owner_id AS source_id, c.owner_id AS target_id,
                   count(*) OVER (PARTITION BY t.town_id, t.reference_id) AS booked
            FROM transfer t
            LEFT JOIN ledger_account d ON d.town_id = t.town_id AND d.id = t.debit_account_id
            LEFT JOIN ledger_account c ON c.town_id = t.town_id AND c.id = t.credit_account_id
            WHERE t.event IN ('issue', 'replacement')
        ) t ON t.town_id = v.town_id AND t.reference_id = v.id
        WHERE (t.id IS NOT NULL OR num_nonnulls(v.batch_id, v.replaces_id) > 0)
          AND (v.id IS NULL OR t.id IS NULL OR t.booked > 1
           OR t.amount_cents <> v.face_value_cents
           OR t.target_id IS DISTINCT FROM v.id
           OR t.source_id IS DISTINCT FROM coalesce(b.payment_id, v.replaces_id)
           OR t.event <> CASE WHEN v.batch_id IS NULL THEN 'replacement' ELSE 'issue' END
           OR (v.batch_id IS NOT NULL AND t.link_id IS DISTINCT FROM v.batch_id))
    """,
    says={
        "unknown": "A voucher of {actual} is in the books, but there is no such voucher.",
        "missing": "The {expected} of voucher {serial} never came in: it was issued for nothing.",
        "twice": "The {expected} of voucher {serial} came in more than once.",
        "amount": "Voucher {serial} says {expected}, but {actual} came in for it.",
        "source": "The {expected} of voucher {serial} came from the wrong payment or voucher.",
    },
)

VOUCHER_TERMS = Check(
    number="A17",
    title="A batch has the terms of its programme, and a voucher those of its batch or of the"
    " voucher it replaces, within the programme's cap",
    over=("voucher", "voucher_batch"),
    finds="""
        SELECT v.town_id, v.id AS row_id, v.serial,
               CASE WHEN v.face_value_cents > p.cap_cents OR v.cap_cents <> p.cap_cents
                         OR p.id IS NULL THEN 'cap' ELSE 'terms' END AS fault,
               v.face_value_cents, p.cap_cents AS limit_cents,
               concat_ws(', ', coalesce(b.programme_id, o.programme_id, p.id),
                         coalesce(b.valid_until, o.valid_until), b.value_cents, p.cap_cents)
                   AS expected,
               concat_ws(', ', v.programme_id, v.valid_until,
                         CASE WHEN b.id IS NOT NULL THEN v.face_value_cents END, v.cap_cents)
                   AS actual
        FROM voucher v
        LEFT JOIN voucher_batch b ON b.town_id = v.town_id AND b.id = v.batch_id
        LEFT JOIN voucher o ON o.town_id = v.town_id AND o.id = v.replaces_id
        LEFT JOIN programme p ON p.town_id = v.town_id AND p.id = v.programme_id
        WHERE p.id IS NULL
           OR v.cap_cents <> p.cap_cents
           OR v.face_value_cents > p.cap_cents
           OR v.face_value_cents <> b.value_cents
           OR v.programme_id <> coalesce(b.programme_id, o.programme_id)
           OR v.valid_until <> coalesce(b.valid_until, o.valid_until)
        UNION ALL
        SELECT b.town_id, b.id, NULL, 'batch', b.value_cents, NULL,
               least_cents || ' to ' || most_cents || ', ' || b.own_last_day,
               b.value_cents || ', ' || b.valid_until
        FROM (
            SELECT b.*, p.minimum_cents AS least_cents, p.maximum_cents AS most_cents,
                   p.fixed_values_cents,
                   CASE p.validity
                       WHEN 'end_of_year'
                       THEN make_date(extract(year FROM b.sold_on)::int + p.validity_count, 12, 31)
                       WHEN 'days' THEN b.sold_on + p.validity_count
                       ELSE p.validity_day END AS own_last_day
            FROM voucher_batch b
            JOIN programme p ON p.town_id = b.town_id AND p.id = b.programme_id
        ) b
        WHERE b.valid_until <> b.own_last_day
           OR b.value_cents NOT BETWEEN b.least_cents AND b.most_cents
           OR b.value_cents <> ALL (b.fixed_values_cents)
    """,
    says={
        "cap": "Voucher {serial} of {face_value} does not keep its programme's cap of {limit}.",
        "terms": "Voucher {serial} has other terms (programme, last day, value) than its batch or"
        " the voucher it replaces.",
        "batch": "A batch of vouchers of {face_value} was issued on terms that its programme does"
        " not offer.",
    },
)

BATCHES = Check(
    number="A18",
    title="A batch has as many vouchers as it says, with consecutive serials",
    over=("voucher_batch",),
    finds="""
        SELECT b.town_id, b.id AS row_id,
               b.voucher_count || ' from ' || b.first_serial AS expected,
               coalesce(v.vouchers, 0) || coalesce(' from ' || v.first, '') AS actual
        FROM voucher_batch b
        LEFT JOIN (
            SELECT town_id, batch_id, count(*) AS vouchers, min(serial) AS first,
                   max(serial) AS last
            FROM voucher GROUP BY 1, 2
        ) v ON v.town_id = b.town_id AND v.batch_id = b.id
        WHERE (v.vouchers, v.first, v.last) IS DISTINCT FROM
              (b.voucher_count::bigint, b.first_serial, b.first_serial + b.voucher_count - 1)
    """,
    says="A batch should have the serials {expected}, but has {actual}.",
)

SERIALS = Check(
    number="A19",
    title="The serials of a town's vouchers run from 1 to its counter without a gap",
    over=("voucher",),
    finds="""
        SELECT town_id, id AS row_id, expected, serial AS actual
        FROM (
            SELECT town_id, id, serial,
                   coalesce(lag(serial) OVER (PARTITION BY town_id ORDER BY serial), 0) + 1
                       AS expected
            FROM voucher
        ) numbered
        WHERE serial <> expected
        UNION ALL
        SELECT v.town_id, v.town_id, v.last, coalesce(c.value, 0)
        FROM (SELECT town_id, max(serial) AS last FROM voucher GROUP BY town_id) v
        LEFT JOIN town_counter c ON c.town_id = v.town_id AND c.name = 'voucher serial'
        WHERE v.last <> coalesce(c.value, 0)
    """,
    says="A voucher, or the counter of vouchers, has {actual} where {expected} should be.",
)

CHECKS = (VOUCHER_ACCOUNT, VOUCHER_VALUE, VOUCHER_TERMS, BATCHES, SERIALS)
