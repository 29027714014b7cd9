"""Payments: booked as they came in, and nothing issued beyond them."""

from __future__ import annotations

from gutschein.auditor.check import Check

PAYMENT_TRANSFERS = Check(
    number="A13",
    title="Every payment is booked by exactly one transfer of its amount, from the account of its"
    " method; one out of deposits by none",
    over=("payment",),
    finds="""
        SELECT coalesce(p.town_id, t.town_id) AS town_id, coalesce(p.id, t.id) AS row_id,
               CASE WHEN p.id IS NULL THEN 'unknown' WHEN t.id IS NULL THEN 'unbooked'
                    WHEN t.booked > 1 THEN 'twice' WHEN t.amount_cents <> p.amount_cents
                    THEN 'amount' ELSE 'accounts' END AS fault,
               p.method, p.amount_cents AS expected_cents, t.amount_cents AS actual_cents
        FROM (SELECT * FROM payment WHERE method <> 'deposits') p
        FULL JOIN (
            SELECT t.town_id, t.id, t.reference_id, t.amount_cents,
                   d.kind AS paid_from, d.owner_id AS paid_at, c.owner_id AS paid_to,
                   count(*) OVER (PARTITION BY t.town_id, t.reference_id) AS booked
            FROM transfer t
            LEFT JOIN ledger_account d ON d.town_id = t.town_id AND d.id = t.debit_account_id
            LEFT JOIN ledger_account c
                ON c.town_id = t.town_id AND c.id = t.credit_account_id AND c.kind = 'payment'
            WHERE t.event = 'payment'
        ) t ON t.town_id = p.town_id AND t.reference_id = p.id
        WHERE p.id IS NULL OR t.id IS NULL OR t.booked > 1
           OR t.amount_cents <> p.amount_cents
           OR t.paid_to IS DISTINCT FROM p.id
           OR t.paid_at IS DISTINCT FROM
              CASE WHEN p.method = 'cash' THEN p.issuing_point_id END
           OR t.paid_from IS DISTINCT FROM CASE p.method
                  WHEN 'bank_transfer' THEN 'trust_bank'
                  WHEN 'provider' THEN 'payment_provider'
                  WHEN 'card' THEN 'payment_provider'
                  ELSE p.method END
    """,
    says={
        "unknown": "A payment of {actual} is in the books, but there is no such payment.",
        "unbooked": "A payment of {expected} ({method}) is not in the books.",
        "twice": "A payment of {expected} ({method}) is in the books more than once.",
        "amount": "A payment of {expected} ({method}) is in the books with {actual}.",
        "accounts": "A payment of {expected} ({method}) is booked between the wrong accounts.",
    },
)

ISSUED_AGAINST_PAYMENT = Check(
    number="A14",
    title="No more is issued against a payment than was paid, by whom the programme says, and the"
    " books say the same",
    over=("payment", "voucher_batch"),
    finds="""
        SELECT p.town_id, p.id AS row_id, NULL AS payer,
               CASE WHEN coalesce(b.cents, 0) > p.amount_cents THEN 'beyond' ELSE 'other' END
                   AS fault,
               p.amount_cents,
               CASE WHEN coalesce(b.cents, 0) > p.amount_cents THEN p.amount_cents
                    ELSE coalesce(t.cents, 0) END AS expected_cents,
               coalesce(b.cents, 0) AS actual_cents
        FROM payment p
        LEFT JOIN (
            SELECT town_id, payment_id, sum(voucher_count * value_cents) AS cents
            FROM voucher_batch GROUP BY 1, 2
        ) b ON b.town_id = p.town_id AND b.payment_id = p.id
        LEFT JOIN (
            SELECT t.town_id, a.owner_id, sum(t.amount_cents) AS cents
            FROM transfer t
            JOIN ledger_account a
                ON a.town_id = t.town_id AND a.id = t.debit_account_id AND a.kind = 'payment'
            GROUP BY 1, 2
        ) t ON t.town_id = p.town_id AND t.owner_id = p.id
        WHERE coalesce(b.cents, 0) > p.amount_cents OR coalesce(b.cents, 0) <> coalesce(t.cents, 0)
        UNION ALL
        SELECT b.town_id, b.payment_id, g.payer, 'method', p.amount_cents, NULL,
               b.voucher_count * b.value_cents
        FROM voucher_batch b
        JOIN payment p ON p.town_id = b.town_id AND p.id = b.payment_id
        JOIN programme g ON g.town_id = b.town_id AND g.id = b.programme_id
        WHERE (p.method = 'subsidy') <> (g.payer = 'town')
    """,
    says={
        "beyond": "Vouchers for {actual} were issued against a payment of {expected}.",
        "other": "The batches of a payment of {amount} add up to {actual}, but {expected} left its"
        " account.",
        "method": "Vouchers for {actual} that only {payer} pays for were issued against another"
        " payment.",
    },
)

CHECKS = (PAYMENT_TRANSFERS, ISSUED_AGAINST_PAYMENT)
