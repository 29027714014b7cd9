"""Statement entries: each redemption, reversal and returned payout in exactly one statement."""

from __future__ import annotations

from gutschein.auditor.check import Check

ENTRIES = Check(
    number="A34",
    title="A statement entry is a redemption, reversal or returned payout of the statement's"
    " merchant, with its amount, from before the end of the period",
    over=("statement_entry",),
    finds="""
        SELECT town_id, entry_id AS row_id, kind, number,
               CASE WHEN id IS NULL THEN 'unknown' WHEN merchant_id <> own_merchant_id
                    THEN 'merchant' WHEN amount_cents <> own_cents THEN 'amount'
                    ELSE 'late' END AS fault,
               own_cents AS expected_cents, amount_cents AS actual_cents, day, period_to
        FROM (
            SELECT e.town_id, e.entry_id, e.kind, e.amount_cents, st.number, st.merchant_id,
                   s.period_to, coalesce(r.id, v.id, b.id) AS id,
                   coalesce(r.merchant_id, v.merchant_id, b.merchant_id) AS own_merchant_id,
                   coalesce(r.amount_cents, -v.amount_cents, b.amount_cents) AS own_cents,
                   coalesce(r.redeemed_on, v.reversed_on, b.returned_on) AS day
            FROM statement_entry e
            JOIN statement st ON st.town_id = e.town_id AND st.id = e.statement_id
            JOIN settlement s ON s.town_id = st.town_id AND s.id = st.settlement_id
            LEFT JOIN redemption r ON e.kind = 'redemption'
                AND r.town_id = e.town_id AND r.id = e.entry_id
            LEFT JOIN reversal v ON e.kind = 'reversal'
                AND v.town_id = e.town_id AND v.id = e.entry_id
            LEFT JOIN returned_payout b ON e.kind = 'return'
                AND b.town_id = e.town_id AND b.id = e.entry_id
        ) entry
        WHERE id IS NULL OR own_merchant_id <> merchant_id OR own_cents <> amount_cents
           OR day > period_to
    """,
    says={
        "unknown": "Statement {number} lists a {kind} of {actual} that did not take place.",
        "merchant": "Statement {number} lists a {kind} of {actual} of another merchant.",
        "amount": "Statement {number} lists a {kind} with {actual} instead of {expected}.",
        "late": "Statement {number} lists a {kind} of {actual} of {day}, after its last day"
        " {period_to}.",
    },
)

ENTERED_ONCE = Check(
    number="A35",
    title="A redemption, reversal or returned payout is in one statement at most",
    over=("statement_entry",),
    finds="""
        SELECT town_id, entry_id AS row_id, 1 AS expected, count(*) AS actual,
               sum(amount_cents) AS total_cents, min(kind) AS kind
        FROM statement_entry
        GROUP BY town_id, entry_id HAVING count(*) > 1
    """,
    says="A {kind} is in {actual} statements, with {total} altogether.",
)

NOTHING_LOST = Check(
    number="A36",
    title="Nothing is lost at the edge of a period: what came before the closing before last is in"
    " a statement",
    over=("redemption", "reversal", "payout_event"),
    finds="""
        SELECT i.town_id, i.id AS row_id, i.kind, i.cents, i.day, edge.period_to,
               'in a statement' AS expected, 'in none' AS actual
        FROM (
            SELECT town_id, id, 'redemption' AS kind, redeemed_on AS day, redeemed_at AS at,
                   amount_cents AS cents
            FROM redemption
            UNION ALL
            SELECT town_id, id, 'reversal', reversed_on, reversed_at, amount_cents FROM reversal
            UNION ALL
            SELECT town_id, id, 'return', returned_on, happened_at, amount_cents
            FROM returned_payout
        ) i
        JOIN (
            -- a commit that missed one closing is in the next, so only the last may lack it
            SELECT town_id, period_to, closed_at,
                   row_number() OVER (PARTITION BY town_id ORDER BY number DESC) AS age
            FROM settlement
        ) edge ON edge.town_id = i.town_id AND edge.age = 2
        WHERE i.day <= edge.period_to AND i.at < edge.closed_at
          AND NOT EXISTS (
              SELECT FROM statement_entry e WHERE e.town_id = i.town_id AND e.entry_id = i.id
          )
    """,
    says="A {kind} of {cents} of {day} is in no statement, though the period to {period_to} and the"
    " one after it are closed.",
)

CHECKS = (ENTRIES, ENTERED_ONCE, NOTHING_LOST)
