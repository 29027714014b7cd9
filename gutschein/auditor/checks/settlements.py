"""Settlements: one chain of periods, and what an approval moves."""

from __future__ import annotations

from gutschein.auditor.check import Check

PERIODS = Check(
    number="A45",
    title="The settlements of a town are numbered from 1, and their periods follow without gap or"
    " overlap",
    over=("settlement",),
    finds="""
        SELECT town_id, id AS row_id, number,
               CASE WHEN number <> place THEN 'number'
                    WHEN period_from > period_to OR follows IS DISTINCT FROM last_to
                         OR period_from <> last_to + 1 THEN 'period'
                    ELSE 'order' END AS fault,
               CASE WHEN number <> place THEN place::text
                    WHEN last_to IS NULL THEN 'the first period'
                    ELSE 'from ' || (last_to + 1) END AS expected,
               CASE WHEN number <> place THEN number::text
                    ELSE period_from || ' to ' || period_to END AS actual
        FROM (
            SELECT *, row_number() OVER chain AS place, lag(period_to) OVER chain AS last_to,
                   lag(closed_at) OVER chain AS last_closed_at, lag(state) OVER chain AS last_state
            FROM settlement WINDOW chain AS (PARTITION BY town_id ORDER BY number)
        ) chained
        WHERE number <> place OR period_from > period_to
           OR follows IS DISTINCT FROM last_to OR period_from <> last_to + 1
           OR closed_at < last_closed_at OR approved_at < closed_at
           OR (state = 'approved' AND last_state <> 'approved')
    """,
    says={
        "number": "A settlement has number {actual}; it should be {expected}.",
        "period": "Settlement {number} is from {actual}; it should be {expected}.",
        "order": "Settlement {number} was closed or approved before it could be.",
    },
)

VAT_RATE = Check(
    number="A46",
    title="A settlement charges the VAT rate in force on its last day",
    over=("settlement",),
    finds="""
        SELECT s.town_id, s.id AS row_id, s.number,
               coalesce(r.basis_points, 0) AS expected, s.vat_basis_points AS actual
        FROM settlement s
        LEFT JOIN (
            SELECT *, lead(valid_from) OVER (PARTITION BY town_id ORDER BY valid_from) AS valid_to
            FROM town_vat_rate
        ) r ON r.town_id = s.town_id AND r.valid_from <= s.period_to
            AND (r.valid_to IS NULL OR r.valid_to > s.period_to)
        WHERE s.vat_basis_points <> coalesce(r.basis_points, 0)
    """,
    says="Settlement {number} charges VAT of {actual} basis points; in force were {expected}.",
)

APPROVAL_TRANSFERS = Check(
    number="A47",
    title="An approved statement moves exactly its payout, fee and VAT, and one that is not"
    " approved moves nothing",
    over=("statement",),
    finds="""
        WITH expected AS (
            SELECT st.town_id, st.id, st.number, st.settlement_id, st.merchant_id, part.event,
                   CASE WHEN s.state = 'approved' THEN part.cents ELSE 0 END AS cents
            FROM statement st
            JOIN settlement s ON s.town_id = st.town_id AND s.id = st.settlement_id
            CROSS JOIN LATERAL (VALUES ('settlement_payout', st.payout_cents),
                                       ('settlement_fee', st.fee_cents),
                                       ('settlement_vat', st.vat_cents)) AS part(event, cents)
        ), actual AS (
            SELECT t.town_id, t.reference_id, t.event, count(*) AS transfers,
                   bool_and(t.link_id IS NOT NULL) AS linked, min(t.link_id::text) AS link_id,
                   min(coalesce(d.owner_id, c.owner_id)::text) AS merchant_id,
                   sum(CASE WHEN d.id IS NULL THEN -t.amount_cents ELSE t.amount_cents END) AS cents
            FROM transfer t
            LEFT JOIN ledger_account d ON d.kind = 'merchant_payable'
                AND d.town_id = t.town_id AND d.id = t.debit_account_id
            LEFT JOIN ledger_account c ON c.kind = 'merchant_payable'
                AND c.town_id = t.town_id AND c.id = t.credit_account_id
            WHERE t.event IN ('settlement_payout', 'settlement_fee', 'settlement_vat')
            GROUP BY 1, 2, 3
        )
        SELECT coalesce(e.town_id, a.town_id) AS town_id, coalesce(e.id, a.reference_id) AS row_id,
               e.number, coalesce(e.event, a.event) AS event,
               coalesce(e.cents, 0) AS expected_cents, coalesce(a.cents, 0) AS actual_cents,
               CASE WHEN e.id IS NULL THEN 'unknown'
                    WHEN coalesce(a.cents, 0) <> e.cents OR a.transfers > 1 THEN 'amount'
                    ELSE 'accounts' END AS fault
        FROM expected e
        FULL JOIN actual a
            ON a.town_id = e.town_id AND a.reference_id = e.id AND a.event = e.event
        WHERE e.id IS NULL OR coalesce(a.cents, 0) <> e.cents OR a.transfers > 1
           OR (a.transfers = 1 AND (a.link_id IS DISTINCT FROM e.settlement_id::text
                                    OR a.merchant_id IS DISTINCT FROM e.merchant_id::text))
    """,
    says={
        "unknown": "{actual} were moved ({event}) for a statement that does not exist.",
        "amount": "For statement {number} {actual} were moved ({event}) instead of {expected}, or"
        " not in one transfer.",
        "accounts": "The {actual} ({event}) of statement {number} are on another merchant's account"
        " or linked to another settlement.",
    },
)

PAYABLES = Check(
    number="A48",
    title="A merchant is owed what is not settled, what is not approved and what was carried"
    " forward",
    over=("merchant", "redemption", "statement"),
    finds="""
        SELECT town_id, coalesce(b.id, owner_id) AS row_id, m.name,
               coalesce(due.cents, 0) AS expected_cents, coalesce(b.cents, 0) AS actual_cents
        FROM (
            SELECT town_id, owner_id, sum(cents) AS cents
            FROM (
                SELECT r.town_id, r.merchant_id AS owner_id, r.amount_cents AS cents
                FROM redemption r
                WHERE NOT EXISTS (SELECT FROM statement_entry e
                                  WHERE e.town_id = r.town_id AND e.entry_id = r.id)
                UNION ALL
                SELECT v.town_id, v.merchant_id, -v.amount_cents
                FROM reversal v
                WHERE NOT EXISTS (SELECT FROM statement_entry e
                                  WHERE e.town_id = v.town_id AND e.entry_id = v.id)
                UNION ALL
                SELECT p.town_id, p.merchant_id, p.amount_cents
                FROM returned_payout p
                WHERE NOT EXISTS (SELECT FROM statement_entry e
                                  WHERE e.town_id = p.town_id AND e.entry_id = p.id)
                UNION ALL
                SELECT st.town_id, st.merchant_id,
                       st.redeemed_cents - st.reversed_cents + st.returned_cents
                FROM statement st
                JOIN settlement s ON s.town_id = st.town_id AND s.id = st.settlement_id
                WHERE s.state <> 'approved'
                UNION ALL
                (SELECT DISTINCT ON (st.town_id, st.merchant_id)
                        st.town_id, st.merchant_id, st.carried_out_cents
                 FROM approved_statement st
                 JOIN settlement s ON s.town_id = st.town_id AND s.id = st.settlement_id
                 ORDER BY st.town_id, st.merchant_id, s.number DESC)
            ) parts
            GROUP BY town_id, owner_id
        ) due
        FULL JOIN (SELECT * FROM booked WHERE kind = 'merchant_payable') b
            USING (town_id, owner_id)
        LEFT JOIN (SELECT town_id, id AS owner_id, name FROM merchant) m USING (town_id, owner_id)
        WHERE coalesce(due.cents, 0) <> coalesce(b.cents, 0)
    """,
    says="The books owe {name} {actual}; redemptions and statements say {expected}.",
)

CHECKS = (PERIODS, VAT_RATE, APPROVAL_TRANSFERS, PAYABLES)
