"""Reversals: a redemption taken back whole, once, by whoever made it."""

from __future__ import annotations

from gutschein.auditor.check import Check

REVERSAL_TERMS = Check(
    number="A31",
    title="A redemption is reversed at most once: whole, by the same merchant, on the same day or"
    " approved by a second person, to its voucher or the living replacement",
    over=("reversal",),
    finds="""
        WITH RECURSIVE heir AS (
            -- every voucher that stands in for one that a reversal is about
            SELECT DISTINCT r.issuing_town_id AS town_id, r.voucher_id AS first_id,
                   r.voucher_id AS id
            FROM reversal v JOIN redemption r ON r.town_id = v.town_id AND r.id = v.redemption_id
            UNION
            SELECT h.town_id, h.first_id, n.id
            FROM heir h JOIN voucher n ON n.town_id = h.town_id AND n.replaces_id = h.id
        ), judged AS (
            SELECT v.*, r.amount_cents AS redeemed_cents,
                   CASE WHEN count(*) OVER (PARTITION BY v.town_id, v.redemption_id) > 1
                        THEN 'twice'
                        WHEN v.amount_cents <> r.amount_cents THEN 'amount'
                        WHEN v.merchant_id <> r.merchant_id
                             OR b.merchant_id IS DISTINCT FROM v.merchant_id THEN 'merchant'
                        WHEN (v.reversed_on <> r.redeemed_on AND q.id IS NULL)
                             OR v.reversed_at < r.redeemed_at - interval '1 minute'
                             OR v.reversed_on
                                <> (v.reversed_at AT TIME ZONE 'Europe/Berlin')::date
                        THEN 'day'
                        WHEN h.id IS NULL OR later.id IS NOT NULL THEN 'voucher'
                   END AS fault,
                   CASE WHEN v.merchant_id <> r.merchant_id THEN r.merchant_id::text
                        WHEN v.reversed_on <> r.redeemed_on THEN r.redeemed_on::text
                   END AS other
            FROM reversal v
            JOIN redemption r ON r.town_id = v.town_id AND r.id = v.redemption_id
            LEFT JOIN branch b ON b.town_id = v.town_id AND b.id = v.branch_id
            LEFT JOIN approval_request q ON q.town_id = v.town_id AND q.id = v.id
                AND q.kind = 'late_reversal' AND q.subject_id = v.redemption_id
                AND q.decision = 'approved' AND q.decided_by <> q.requested_by
            LEFT JOIN heir h ON h.town_id = r.issuing_town_id AND h.first_id = r.voucher_id
                AND h.id = v.credited_voucher_id
            LEFT JOIN voucher later ON later.town_id = r.issuing_town_id
                AND later.replaces_id = v.credited_voucher_id
                AND later.issued_at < v.reversed_at - interval '1 minute'
        )
        SELECT town_id, id AS row_id, fault,
               CASE fault WHEN 'twice' THEN 'one reversal'
                          WHEN 'amount' THEN redeemed_cents || ' cents'
                          WHEN 'voucher' THEN 'the living voucher'
                          ELSE coalesce(other, 'as redeemed') END AS expected,
               CASE fault WHEN 'twice' THEN 'more than one'
                          WHEN 'amount' THEN amount_cents || ' cents'
                          WHEN 'merchant' THEN merchant_id::text
                          WHEN 'day' THEN reversed_at::text
                          ELSE credited_voucher_id::text END AS actual,
               amount_cents, redeemed_cents
        FROM judged WHERE fault IS NOT NULL
    """,
    says={
        "twice": "A redemption was reversed more than once, each time with {amount}.",
        "amount": "A redemption of {redeemed} was reversed with {amount}.",
        "merchant": "A reversal of {amount} was made by another merchant or branch than the"
        " redemption.",
        "day": "A reversal of {amount} was not made on the day of the redemption, after it, nor was"
        " it approved by a second person.",
        "voucher": "A reversal of {amount} went to another voucher than it should.",
    },
)

REVERSAL_TRANSFERS = Check(
    number="A32",
    title="Every reversal has exactly the transfers of its redemption backwards",
    over=("reversal",),
    finds="""
        WITH expected AS (
            SELECT v.town_id, v.id, v.redemption_id, v.amount_cents, v.reversed_at,
                   r.issuing_town_id AS book_id, r.issuing_town_id <> r.town_id AS linked,
                   coalesce(c.id, m.id) AS debit_id, a.id AS credit_id
            FROM reversal v
            JOIN redemption r ON r.town_id = v.town_id AND r.id = v.redemption_id
            LEFT JOIN ledger_account a ON a.kind = 'voucher'
                AND a.town_id = r.issuing_town_id AND a.owner_id = v.credited_voucher_id
            LEFT JOIN ledger_account c ON c.kind = 'clearing'
                AND c.town_id = r.issuing_town_id AND c.owner_id = r.town_id
                AND r.issuing_town_id <> r.town_id
            LEFT JOIN ledger_account m ON m.kind = 'merchant_payable'
                AND m.town_id = r.issuing_town_id AND m.owner_id = r.merchant_id
                AND r.issuing_town_id = r.town_id
            UNION ALL
            SELECT v.town_id, v.id, v.redemption_id, v.amount_cents, v.reversed_at, r.town_id,
                   true, m.id, c.id
            FROM reversal v
            JOIN redemption r ON r.town_id = v.town_id AND r.id = v.redemption_id
            LEFT JOIN ledger_account m ON m.kind = 'merchant_payable'
                AND m.town_id = r.town_id AND m.owner_id = r.merchant_id
            LEFT JOIN ledger_account c ON c.kind = 'clearing'
                AND c.town_id = r.town_id AND c.owner_id = r.issuing_town_id
            WHERE r.issuing_town_id <> r.town_id
        ), matched AS (
            SELECT e.*, t.id AS transfer_id, t.amount_cents AS booked_cents, t.booked_at,
                   t.debit_account_id IS NOT DISTINCT FROM e.debit_id
                   AND t.credit_account_id IS NOT DISTINCT FROM e.credit_id
                   AND t.amount_cents = e.amount_cents
                   AND undone.id IS NOT NULL
                   AND (NOT e.linked OR t.link_id IS NOT DISTINCT FROM e.id) AS agrees
            FROM expected e
            LEFT JOIN transfer t ON t.event = 'reversal'
                AND t.town_id = e.book_id AND t.reference_id = e.id
            LEFT JOIN transfer undone ON undone.event = 'redemption'
                AND undone.town_id = t.town_id AND undone.id = t.reverses_id
                AND undone.reference_id = e.redemption_id
        )
        SELECT town_id, id AS row_id, amount_cents AS expected_cents,
               sum(booked_cents) AS actual_cents, reversed_at, min(booked_at) AS booked_at,
               CASE WHEN book_id = town_id THEN 'its town''s' ELSE 'the issuing town''s'
               END AS book,
               CASE WHEN count(transfer_id) = 0 THEN 'missing' WHEN count(*) > 1 THEN 'twice'
                    WHEN bool_and(agrees) THEN 'time' ELSE 'other' END AS fault
        FROM matched
        GROUP BY town_id, id, book_id, amount_cents, reversed_at
        HAVING count(transfer_id) <> 1 OR NOT bool_and(agrees AND booked_at = reversed_at)
    """,
    says={
        "missing": "A reversal of {expected} is not in {book} book.",
        "twice": "A reversal of {expected} is in {book} book more than once, with {actual}.",
        "other": "A reversal of {expected} is in {book} book with another amount ({actual}),"
        " account, link or redemption.",
        "time": "A reversal of {expected} is dated {reversed_at}, but was booked in {book} book at"
        " {booked_at}.",
    },
)

REVERSAL_ROWS = Check(
    number="A33",
    title="Every transfer of a reversal has its reversal",
    over=("transfer",),
    finds="""
        SELECT t.town_id, t.id AS row_id, t.amount_cents,
               'a reversal' AS expected, 'none' AS actual
        FROM transfer t
        WHERE t.event = 'reversal'
          AND NOT EXISTS (
              SELECT FROM reversal v WHERE v.town_id = t.town_id AND v.id = t.reference_id
          )
          AND NOT EXISTS (
              SELECT FROM reversal v
              JOIN redemption r ON r.town_id = v.town_id AND r.id = v.redemption_id
              WHERE r.issuing_town_id = t.town_id AND v.id = t.reference_id
          )
    """,
    says="{amount} were reversed in the books, but there is no such reversal.",
)

CHECKS = (REVERSAL_TERMS, REVERSAL_TRANSFERS, REVERSAL_ROWS)
