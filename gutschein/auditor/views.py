"""The auditor's own views of the books, put in front of the queries that name them.

Balances are credits minus debits: what is owed is positive, what is held is negative.
"""

from __future__ import annotations

import re

from sqlalchemy import TextClause, text

#: Each view may name those before it.
_VIEWS = {
    "account_move": """
    -- both sides of every transfer
    SELECT town_id, credit_account_id AS account_id, ordinal, amount_cents AS cents,
           event, reference_id, booked_at
    FROM transfer
    UNION ALL
    SELECT town_id, debit_account_id, ordinal, -amount_cents, event, reference_id, booked_at
    FROM transfer
    """,
    "booked": """
    -- balances as the service reads them: from the row, or from the newest snapshot and its tail
    SELECT a.town_id, a.id, a.kind, a.owner_id,
           CASE WHEN a.guarded THEN coalesce(a.balance_cents, 0)
                ELSE coalesce(s.balance_cents, 0) + coalesce(tail.cents, 0) END AS cents
    FROM ledger_account a
    LEFT JOIN (
        SELECT DISTINCT ON (town_id, account_id) town_id, account_id, balance_cents
        FROM balance_snapshot ORDER BY town_id, account_id, up_to_ordinal DESC
    ) s ON s.town_id = a.town_id AND s.account_id = a.id
    LEFT JOIN (
        SELECT m.town_id, m.account_id, sum(m.cents) AS cents
        FROM account_move m
        JOIN ledger_account busy
            ON busy.town_id = m.town_id AND busy.id = m.account_id AND NOT busy.guarded
        LEFT JOIN (
            SELECT town_id, account_id, max(up_to_ordinal) AS up_to_ordinal
            FROM balance_snapshot GROUP BY town_id, account_id
        ) edge ON edge.town_id = m.town_id AND edge.account_id = m.account_id
        WHERE edge.up_to_ordinal IS NULL OR m.ordinal > edge.up_to_ordinal
        GROUP BY m.town_id, m.account_id
    ) tail ON tail.town_id = a.town_id AND tail.account_id = a.id
    """,
    "voucher_figure": """
    -- what happened to each issuing town's vouchers, from the rows that say so
    SELECT town_id, 'issued' AS figure, sum(face_value_cents) AS cents
    FROM voucher WHERE batch_id IS NOT NULL GROUP BY town_id
    UNION ALL
    SELECT issuing_town_id, 'redeemed', sum(amount_cents) FROM redemption GROUP BY issuing_town_id
    UNION ALL
    SELECT r.issuing_town_id, 'reversed', sum(v.amount_cents)
    FROM reversal v JOIN redemption r ON r.town_id = v.town_id AND r.id = v.redemption_id
    GROUP BY r.issuing_town_id
    UNION ALL
    SELECT town_id, 'expired', sum(amount_cents) FROM transfer WHERE event = 'expiry'
    GROUP BY town_id
    """,
    "partner_claim": """
    -- what a town has paid out in goods for another town's vouchers
    SELECT r.issuing_town_id, r.town_id AS shop_town_id,
           r.amount_cents - coalesce(v.amount_cents, 0) AS cents
    FROM redemption r
    LEFT JOIN reversal v ON v.town_id = r.town_id AND v.redemption_id = r.id
    WHERE r.issuing_town_id <> r.town_id
    """,
    "returned_payout": """
    SELECT e.town_id, e.id, e.statement_id, e.happened_at, p.amount_cents, s.merchant_id,
           (e.happened_at AT TIME ZONE 'Europe/Berlin')::date AS returned_on,
           EXISTS (
               SELECT FROM payout_event c
               WHERE c.town_id = e.town_id AND c.statement_id = e.statement_id
                 AND c.kind = 'confirmed'
           ) AS was_confirmed
    FROM payout_event e
    JOIN payout p ON p.town_id = e.town_id AND p.statement_id = e.statement_id
    JOIN statement s ON s.town_id = e.town_id AND s.id = e.statement_id
    WHERE e.kind = 'returned'
    """,
    "approved_statement": """
    SELECT st.* FROM statement st
    JOIN settlement s ON s.town_id = st.town_id AND s.id = st.settlement_id
    WHERE s.state = 'approved'
    """,
    "documented": """
    -- what the balances of a town must be by kind of account, from the documents alone
    SELECT town_id, kind, sum(cents) AS cents
    FROM (
        SELECT town_id,
               CASE method WHEN 'bank_transfer' THEN 'trust_bank'
                           WHEN 'provider' THEN 'payment_provider'
                           WHEN 'card' THEN 'payment_provider'
                           WHEN 'deposits' THEN 'deposit'
                           ELSE method END AS kind,
               -amount_cents AS cents
        FROM payment
        UNION ALL
        SELECT town_id, kinds.kind, kinds.sign * amount_cents
        FROM deposit
        CROSS JOIN LATERAL (VALUES
            ('deposit', 1),
            (CASE channel WHEN 'bank' THEN 'trust_bank' ELSE 'payment_provider' END, -1)
        ) AS kinds(kind, sign)
        UNION ALL
        SELECT town_id, kinds.kind, kinds.sign * banked_cents
        FROM cash_closing
        CROSS JOIN (VALUES ('cash', 1), ('trust_bank', -1)) AS kinds(kind, sign)
        UNION ALL
        SELECT town_id, 'payment', amount_cents FROM payment
        UNION ALL
        SELECT town_id, 'payment', -cents FROM voucher_figure WHERE figure = 'issued'
        UNION ALL
        SELECT town_id, 'voucher',
               CASE WHEN figure IN ('issued', 'reversed') THEN cents ELSE -cents END
        FROM voucher_figure
        UNION ALL
        SELECT town_id, 'lapsed', cents FROM voucher_figure WHERE figure = 'expired'
        UNION ALL
        SELECT town_id, 'merchant_payable', amount_cents FROM redemption
        UNION ALL
        SELECT town_id, 'merchant_payable', -amount_cents FROM reversal
        UNION ALL
        SELECT town_id, 'merchant_payable', amount_cents FROM returned_payout
        UNION ALL
        SELECT town_id, 'merchant_payable', -payout_cents - fee_cents - vat_cents
        FROM approved_statement
        UNION ALL
        SELECT town_id, 'fee_income', fee_cents FROM approved_statement
        UNION ALL
        SELECT town_id, 'vat_payable', vat_cents FROM approved_statement
        UNION ALL
        SELECT town_id, 'payout_in_transit', payout_cents FROM approved_statement
        UNION ALL
        SELECT e.town_id, kinds.kind, kinds.sign * p.amount_cents
        FROM payout_event e
        JOIN payout p ON p.town_id = e.town_id AND p.statement_id = e.statement_id
        CROSS JOIN (VALUES ('payout_in_transit', -1), ('trust_bank', 1)) AS kinds(kind, sign)
        WHERE e.kind = 'confirmed'
        UNION ALL
        SELECT town_id, CASE WHEN was_confirmed THEN 'trust_bank' ELSE 'payout_in_transit' END,
               -amount_cents
        FROM returned_payout
        UNION ALL
        SELECT issuing_town_id, 'clearing', cents FROM partner_claim
        UNION ALL
        SELECT shop_town_id, 'clearing', -cents FROM partner_claim
        UNION ALL
        SELECT town_id, kind, cents
        FROM netting_payment
        CROSS JOIN LATERAL (VALUES (payer_town_id, 'clearing', -amount_cents),
                                   (payer_town_id, 'trust_bank', amount_cents),
                                   (payee_town_id, 'clearing', amount_cents),
                                   (payee_town_id, 'trust_bank', -amount_cents)
        ) AS sides(town_id, kind, cents)
        WHERE paid_at IS NOT NULL
    ) documents
    GROUP BY town_id, kind
    """,
}

#: Read anew wherever it is named: it is as large as the books.
_NEVER_KEPT = {"account_move"}


def over_views(query: str) -> TextClause:
    """Return *query* with the views in front of it that it names."""
    named: dict[str, str] = {}
    words = query
    for name, view in reversed(_VIEWS.items()):
        if re.search(rf"\b{name}\b", words):
            kept = "NOT MATERIALIZED" if name in _NEVER_KEPT else ""
            named[name] = f"{name} AS {kept} ({view})"
            words += view
    in_order = [named[name] for name in _VIEWS if name in named]
    return text(f"WITH {', '.join(in_order)} {query}" if in_order else query)
