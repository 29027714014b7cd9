"""Payouts: ordered as the statement says, and what the bank made of them."""

from __future__ import annotations

from gutschein.auditor.check import Check

PAYOUTS = Check(
    number="A49",
    title="Every payout of an approved statement is ordered once, with its amount and number",
    over=("payout", "statement"),
    finds="""
        SELECT coalesce(st.town_id, p.town_id) AS town_id,
               coalesce(st.id, p.statement_id) AS row_id,
               CASE WHEN st.id IS NULL THEN 'unknown' WHEN p.statement_id IS NULL THEN 'missing'
                    WHEN p.amount_cents <> st.payout_cents THEN 'amount' ELSE 'name' END AS fault,
               st.number, p.end_to_end_id, st.payout_cents AS expected_cents,
               p.amount_cents AS actual_cents
        FROM (SELECT * FROM approved_statement WHERE payout_cents > 0) st
        FULL JOIN payout p ON p.town_id = st.town_id AND p.statement_id = st.id
        WHERE st.id IS NULL OR p.statement_id IS NULL
           OR p.amount_cents <> st.payout_cents OR p.end_to_end_id <> st.number
    """,
    says={
        "unknown": "A payout of {actual} ({end_to_end_id}) is ordered that no approved statement"
        " asks for.",
        "missing": "The {expected} of statement {number} were never ordered.",
        "amount": "For statement {number} {actual} are ordered instead of {expected}.",
        "name": "The payout of statement {number} ({actual}) goes by the name {end_to_end_id}.",
    },
)

PAYOUT_EVENTS = Check(
    number="A50",
    title="What the bank confirmed or returned is booked once, and nothing else is",
    over=("payout_event",),
    finds="""
        WITH expected AS (
            SELECT e.town_id, e.statement_id, 'payout_' || e.kind AS event, p.amount_cents,
                   CASE WHEN e.kind = 'confirmed' OR NOT EXISTS (
                            SELECT FROM payout_event c
                            WHERE c.town_id = e.town_id AND c.statement_id = e.statement_id
                              AND c.kind = 'confirmed'
                        ) THEN 'payout_in_transit' ELSE 'trust_bank' END AS debit,
                   CASE WHEN e.kind = 'returned' THEN st.merchant_id END AS credit_owner_id
            FROM payout_event e
            JOIN payout p ON p.town_id = e.town_id AND p.statement_id = e.statement_id
            JOIN statement st ON st.town_id = e.town_id AND st.id = e.statement_id
        ), actual AS (
            SELECT t.town_id, t.reference_id AS statement_id, t.event, t.amount_cents,
                   d.kind AS debit, c.owner_id AS credit_owner_id,
                   count(*) OVER (PARTITION BY t.town_id, t.reference_id, t.event) AS booked
            FROM transfer t
            LEFT JOIN ledger_account d ON d.town_id = t.town_id AND d.id = t.debit_account_id
            LEFT JOIN ledger_account c ON c.town_id = t.town_id AND c.id = t.credit_account_id
            WHERE t.event IN ('payout_confirmed', 'payout_returned')
        )
        SELECT DISTINCT town_id, statement_id AS row_id, event, st.number,
               CASE WHEN e.debit IS NULL THEN 'unknown' WHEN a.debit IS NULL THEN 'unbooked'
                    WHEN a.booked > 1 THEN 'twice' ELSE 'other' END AS fault,
               e.amount_cents AS expected_cents, a.amount_cents AS actual_cents
        FROM expected e
        FULL JOIN actual a USING (town_id, statement_id, event)
        LEFT JOIN (SELECT town_id, id AS statement_id, number FROM statement) st
            USING (town_id, statement_id)
        WHERE e.debit IS NULL OR a.debit IS NULL OR a.booked > 1
           OR (a.amount_cents, a.debit) IS DISTINCT FROM (e.amount_cents, e.debit)
           OR a.credit_owner_id IS DISTINCT FROM e.credit_owner_id
    """,
    says={
        "unknown": "{actual} are booked ({event}) for statement {number}, of which the bank said"
        " nothing.",
        "unbooked": "The bank's word on the {expected} of statement {number} ({event}) is not"
        " booked.",
        "twice": "The {expected} of statement {number} are booked ({event}) more than once.",
        "other": "The {expected} of statement {number} are booked ({event}) with {actual}, or on"
        " other accounts.",
    },
)

CHECKS = (PAYOUTS, PAYOUT_EVENTS)
