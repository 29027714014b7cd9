"""Statements: sums, lines, fees and VAT recomputed, and what is carried and paid out."""

from __future__ import annotations

from gutschein.auditor.check import Check

STATEMENT_SUMS = Check(
    number="A37",
    title="A statement's redeemed, reversed and returned amounts are the sums of its entries",
    over=("statement", "statement_entry"),
    finds="""
        SELECT st.town_id, st.id AS row_id, st.number, part.name,
               part.expected_cents, part.actual_cents
        FROM statement st
        LEFT JOIN (
            SELECT town_id, statement_id,
                   sum(amount_cents) FILTER (WHERE kind = 'redemption') AS redeemed_cents,
                   -sum(amount_cents) FILTER (WHERE kind = 'reversal') AS reversed_cents,
                   sum(amount_cents) FILTER (WHERE kind = 'return') AS returned_cents
            FROM statement_entry GROUP BY 1, 2
        ) e ON e.town_id = st.town_id AND e.statement_id = st.id
        CROSS JOIN LATERAL (VALUES
            ('redeemed', coalesce(e.redeemed_cents, 0), st.redeemed_cents),
            ('reversed', coalesce(e.reversed_cents, 0), st.reversed_cents),
            ('returned', coalesce(e.returned_cents, 0), st.returned_cents)
        ) AS part(name, expected_cents, actual_cents)
        WHERE part.expected_cents <> part.actual_cents
    """,
    says="Statement {number} says {actual} were {name}; its entries add up to {expected}.",
)

LINES = Check(
    number="A38",
    title="A statement's lines are its entries by programme, with fee and VAT rounded half up once"
    " for each line",
    over=("statement_line", "statement_entry"),
    finds="""
        WITH entry AS (
            SELECT e.town_id, e.statement_id, r.issuing_town_id, r.programme_id,
                   r.fee_basis_points, e.kind, abs(e.amount_cents) AS cents
            FROM statement_entry e
            LEFT JOIN reversal v ON e.kind = 'reversal'
                AND v.town_id = e.town_id AND v.id = e.entry_id
            JOIN redemption r ON r.town_id = e.town_id
                AND r.id = CASE WHEN e.kind = 'reversal' THEN v.redemption_id ELSE e.entry_id END
            WHERE e.kind IN ('redemption', 'reversal')
        ), summed AS (
            SELECT town_id, statement_id, issuing_town_id, programme_id, fee_basis_points,
                   count(*) FILTER (WHERE kind = 'redemption') AS redemption_count,
                   count(*) FILTER (WHERE kind = 'reversal') AS reversal_count,
                   coalesce(sum(cents) FILTER (WHERE kind = 'redemption'), 0) AS redeemed_cents,
                   coalesce(sum(cents) FILTER (WHERE kind = 'reversal'), 0) AS reversed_cents,
                   sum(CASE kind WHEN 'redemption' THEN cents ELSE -cents END) AS net_cents
            FROM entry GROUP BY 1, 2, 3, 4, 5
        ), charged AS (
            SELECT s.*, n.vat_basis_points,
                   sign(s.net_cents)
                   * div(2 * abs(s.net_cents) * s.fee_basis_points + 10000, 20000) AS fee_cents
            FROM summed s
            JOIN statement st ON st.town_id = s.town_id AND st.id = s.statement_id
            JOIN settlement n ON n.town_id = st.town_id AND n.id = st.settlement_id
        ), taxed AS (
            SELECT *, sign(fee_cents)
                      * div(2 * abs(fee_cents) * vat_basis_points + 10000, 20000) AS vat_cents
            FROM charged
        )
        SELECT town_id, statement_id AS row_id, st.number,
               l.redeemed_cents, l.reversed_cents, l.fee_cents, l.vat_cents,
               t.redeemed_cents AS own_redeemed_cents, t.reversed_cents AS own_reversed_cents,
               t.fee_cents AS own_fee_cents, t.vat_cents AS own_vat_cents,
               concat_ws(', ', t.redemption_count, t.redeemed_cents, t.reversal_count,
                         t.reversed_cents, t.fee_cents, t.vat_cents) AS expected,
               concat_ws(', ', l.redemption_count, l.redeemed_cents, l.reversal_count,
                         l.reversed_cents, l.fee_cents, l.vat_cents) AS actual
        FROM taxed t
        FULL JOIN statement_line l
            USING (town_id, statement_id, issuing_town_id, programme_id, fee_basis_points)
        LEFT JOIN (SELECT town_id, id AS statement_id, number FROM statement) st
            USING (town_id, statement_id)
        WHERE (t.redemption_count, t.redeemed_cents, t.reversal_count, t.reversed_cents,
               t.fee_cents, t.vat_cents) IS DISTINCT FROM
              (l.redemption_count::bigint, l.redeemed_cents::numeric, l.reversal_count::bigint,
               l.reversed_cents::numeric, l.fee_cents::numeric, l.vat_cents::numeric)
    """,
    says="A line of statement {number} says redeemed {redeemed}, reversed {reversed}, fee {fee},"
    " VAT {vat}; its entries say redeemed {own_redeemed}, reversed {own_reversed}, fee {own_fee},"
    " VAT {own_vat}, or another count.",
)

CHARGES = Check(
    number="A39",
    title="A statement's fee and VAT are the sums of its lines",
    over=("statement", "statement_line"),
    finds="""
        SELECT st.town_id, st.id AS row_id, st.number, part.name,
               part.expected_cents, part.actual_cents
        FROM statement st
        LEFT JOIN (
            SELECT town_id, statement_id, sum(fee_cents) AS fee_cents, sum(vat_cents) AS vat_cents
            FROM statement_line GROUP BY 1, 2
        ) l ON l.town_id = st.town_id AND l.statement_id = st.id
        CROSS JOIN LATERAL (VALUES ('fee', coalesce(l.fee_cents, 0), st.fee_cents),
                                   ('VAT', coalesce(l.vat_cents, 0), st.vat_cents)
        ) AS part(name, expected_cents, actual_cents)
        WHERE part.expected_cents <> part.actual_cents
    """,
    says="Statement {number} says the {name} is {actual}; its lines add up to {expected}.",
)

DUE = Check(
    number="A40",
    title="What is due on a statement is paid out or carried forward, to the cent",
    over=("statement",),
    finds="""
        SELECT town_id, id AS row_id, number, carried_in_cents + redeemed_cents - reversed_cents
                   + returned_cents - fee_cents - vat_cents AS expected_cents,
               payout_cents + carried_out_cents AS actual_cents
        FROM statement
        WHERE carried_in_cents + redeemed_cents - reversed_cents + returned_cents
              - fee_cents - vat_cents <> payout_cents + carried_out_cents
    """,
    says="On statement {number} {expected} are due, but {actual} are paid out and carried forward.",
)

CARRIED_IN = Check(
    number="A41",
    title="A statement begins with what the merchant's statement before carried forward",
    over=("statement",),
    finds="""
        SELECT town_id, id AS row_id, number, expected_cents, carried_in_cents AS actual_cents
        FROM (
            SELECT st.*, coalesce(lag(st.carried_out_cents) OVER (
                       PARTITION BY st.town_id, st.merchant_id ORDER BY s.number
                   ), 0) AS expected_cents
            FROM statement st
            JOIN settlement s ON s.town_id = st.town_id AND s.id = st.settlement_id
        ) chained
        WHERE carried_in_cents <> expected_cents
    """,
    says="Statement {number} begins with {actual}; carried forward were {expected}.",
)

PAYOUT_RULE = Check(
    number="A42",
    title="What is due is paid out whole from the minimum payout on, and below it carried forward",
    over=("statement",),
    finds="""
        SELECT town_id, id AS row_id, number, minimum_payout_cents, due_cents,
               CASE WHEN due_cents > 0 AND due_cents >= minimum_payout_cents
                    THEN due_cents ELSE 0 END AS expected_cents,
               payout_cents AS actual_cents
        FROM (
            SELECT st.*, s.minimum_payout_cents,
                   st.payout_cents + st.carried_out_cents AS due_cents
            FROM statement st
            JOIN settlement s ON s.town_id = st.town_id AND s.id = st.settlement_id
        ) due
        WHERE payout_cents <> CASE WHEN due_cents > 0 AND due_cents >= minimum_payout_cents
                                   THEN due_cents ELSE 0 END
    """,
    says="Of {due} on statement {number}, {actual} are paid out instead of {expected} (minimum"
    " payout {minimum_payout}).",
)

NUMBERS = Check(
    number="A43",
    title="Statement numbers are municipality key, settlement and a number from 1 without a gap",
    over=("statement",),
    finds="""
        SELECT town_id, id AS row_id, expected, number AS actual
        FROM (
            SELECT st.town_id, st.id, st.number,
                   concat_ws('-', t.ags, lpad(s.number::text, greatest(4, length(s.number::text)),
                                              '0'),
                             lpad(place::text, greatest(4, length(place::text)), '0')) AS expected
            FROM (
                SELECT *, row_number() OVER (
                    PARTITION BY town_id, settlement_id ORDER BY length(number), number
                ) AS place
                FROM statement
            ) st
            JOIN settlement s ON s.town_id = st.town_id AND s.id = st.settlement_id
            JOIN town t ON t.id = st.town_id
        ) numbered
        WHERE number <> expected
    """,
    says="A statement has the number {actual}; in its place should be {expected}.",
)

CHECKS = (
    STATEMENT_SUMS,
    LINES,
    CHARGES,
    DUE,
    CARRIED_IN,
    PAYOUT_RULE,
    NUMBERS,
)
