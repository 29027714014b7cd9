"""Claims between towns: the same in both books, netted and paid in both."""

from __future__ import annotations

from gutschein.auditor.check import Check

CLEARING = Check(
    number="A52",
    title="What one town's book says about another is the opposite of what the other's says",
    over=("ledger_account",),
    finds="""
        SELECT own.town_id, own.id AS row_id, t.name AS town, o.name AS other,
               -coalesce(others.cents, 0) AS expected_cents, own.cents AS actual_cents
        FROM (SELECT * FROM booked WHERE kind = 'clearing') own
        LEFT JOIN (SELECT * FROM booked WHERE kind = 'clearing') others
            ON others.town_id = own.owner_id AND others.owner_id = own.town_id
        LEFT JOIN town t ON t.id = own.town_id
        LEFT JOIN town o ON o.id = own.owner_id
        WHERE own.cents <> -coalesce(others.cents, 0)
    """,
    says="By its own book {town} owes {other} {actual}; by the book of {other} it is {expected}.",
)

POSITIONS = Check(
    number="A53",
    title="The positions of a netting add up to zero, and its payments settle exactly them",
    over=("netting", "netting_position", "netting_payment"),
    finds="""
        SELECT NULL::uuid AS town_id, netting_id AS row_id, 'sum' AS fault, NULL AS town,
               0 AS expected_cents, sum(position_cents) AS actual_cents
        FROM netting_position GROUP BY netting_id HAVING sum(position_cents) <> 0
        UNION ALL
        SELECT t.id, n.id, CASE WHEN t.region_id <> n.region_id THEN 'region' ELSE 'payments' END,
               t.name, coalesce(p.position_cents, 0), coalesce(m.cents, 0)
        FROM netting_position p
        FULL JOIN (
            SELECT netting_id, side.town_id, sum(side.cents) AS cents
            FROM netting_payment
            CROSS JOIN LATERAL (VALUES (payer_town_id, -amount_cents),
                                       (payee_town_id, amount_cents)) AS side(town_id, cents)
            GROUP BY 1, 2
        ) m ON m.netting_id = p.netting_id AND m.town_id = p.position_town_id
        JOIN netting n ON n.id = coalesce(p.netting_id, m.netting_id)
        JOIN town t ON t.id = coalesce(p.position_town_id, m.town_id)
        WHERE coalesce(p.position_cents, 0) <> coalesce(m.cents, 0) OR t.region_id <> n.region_id
    """,
    says={
        "sum": "The positions of a netting add up to {actual} instead of {expected}.",
        "payments": "A netting owes {town} {expected}, but its payments bring it {actual}.",
        "region": "A netting has a position of {expected} for {town}, a town of another region.",
    },
)

NETTING_TRANSFERS = Check(
    number="A54",
    title="A netting moves the same claims in both books of every two towns",
    over=("netting", "transfer"),
    finds="""
        WITH moved AS (
            SELECT t.reference_id AS netting_id, a.town_id, a.owner_id AS other_id,
                   sum(t.amount_cents * ((a.id = t.credit_account_id)::int
                                         - (a.id = t.debit_account_id)::int)) AS cents
            FROM transfer t
            JOIN ledger_account a ON a.town_id = t.town_id AND a.kind = 'clearing'
                AND a.id IN (t.debit_account_id, t.credit_account_id)
            WHERE t.event = 'netting'
            GROUP BY 1, 2, 3
        )
        SELECT own.town_id, own.netting_id AS row_id, 'mirror' AS fault,
               t.name AS town, o.name AS other,
               -coalesce(others.cents, 0) AS expected_cents, own.cents AS actual_cents
        FROM moved own
        LEFT JOIN moved others ON others.netting_id = own.netting_id
            AND others.town_id = own.other_id AND others.other_id = own.town_id
        LEFT JOIN town t ON t.id = own.town_id
        LEFT JOIN town o ON o.id = own.other_id
        WHERE own.cents <> -coalesce(others.cents, 0)
        UNION ALL
        SELECT t.town_id, t.id, 'unknown', NULL, NULL, 0, t.amount_cents
        FROM transfer t
        WHERE t.event = 'netting'
          AND NOT EXISTS (
              SELECT FROM netting_position p
              WHERE p.netting_id = t.reference_id AND p.position_town_id = t.town_id
          )
    """,
    says={
        "mirror": "A netting changed what {town} owes {other} by {actual} in the book of {town},"
        " but by {expected} in the book of {other}.",
        "unknown": "{actual} were moved for a netting that the town has no position in.",
    },
)

NETTED_CLAIMS = Check(
    number="A55",
    title="After a netting, the claims between two towns are exactly the payments that are still"
    " open",
    over=("netting", "netting_payment"),
    # Redemptions of the minute of the netting may stand on either side of it.
    finds="""
        WITH claim AS (
            SELECT a.town_id, a.owner_id, t.event, t.booked_at,
                   t.amount_cents * ((a.id = t.credit_account_id)::int
                                     - (a.id = t.debit_account_id)::int) AS cents
            FROM ledger_account a
            JOIN transfer t ON t.town_id = a.town_id
                AND a.id IN (t.debit_account_id, t.credit_account_id)
            WHERE a.kind = 'clearing'
        ), standing AS (
            SELECT *, coalesce(sum(cents) OVER (
                       PARTITION BY town_id, owner_id ORDER BY at
                   ), 0) AS standing_cents
            FROM (
                SELECT town_id, owner_id, NULL::uuid AS netting_id, booked_at AS at, cents
                FROM claim
                UNION ALL
                SELECT a.town_id, a.owner_id, n.id, n.netted_at, 0
                FROM netting n
                JOIN town t ON t.region_id = n.region_id
                JOIN ledger_account a ON a.town_id = t.id AND a.kind = 'clearing'
            ) steps
        ), promised AS (
            SELECT n.id AS netting_id, side.town_id, side.owner_id, sum(side.cents) AS cents
            FROM netting n
            JOIN netting earlier
                ON earlier.region_id = n.region_id AND earlier.netted_at <= n.netted_at
            JOIN netting_payment p ON p.netting_id = earlier.id
                AND (p.paid_at IS NULL OR p.paid_at > n.netted_at)
            CROSS JOIN LATERAL (VALUES (p.payer_town_id, p.payee_town_id, p.amount_cents),
                                       (p.payee_town_id, p.payer_town_id, -p.amount_cents)
            ) AS side(town_id, owner_id, cents)
            GROUP BY 1, 2, 3
        )
        SELECT town_id, netting_id AS row_id, t.name AS town, o.name AS other,
               coalesce(p.cents, 0) AS expected_cents, coalesce(s.cents, 0) AS actual_cents
        FROM (SELECT town_id, owner_id, netting_id, at, standing_cents AS cents
              FROM standing WHERE netting_id IS NOT NULL) s
        FULL JOIN promised p USING (netting_id, town_id, owner_id)
        LEFT JOIN town t ON t.id = town_id
        LEFT JOIN town o ON o.id = owner_id
        WHERE coalesce(s.cents, 0) <> coalesce(p.cents, 0)
          AND abs(coalesce(s.cents, 0) - coalesce(p.cents, 0)) > (
              SELECT coalesce(sum(abs(c.cents)), 0)
              FROM claim c
              WHERE c.town_id = s.town_id AND c.owner_id = s.owner_id AND c.event <> 'netting'
                AND c.booked_at BETWEEN s.at - interval '1 minute' AND s.at + interval '1 minute'
          )
    """,
    says="After a netting {town} owed {other} {actual}; open payments say {expected}.",
)

NETTING_PAID = Check(
    number="A56",
    title="A paid netting payment is booked once in both towns, and an open one in neither",
    over=("netting_payment",),
    finds="""
        WITH expected AS (
            SELECT p.id, side.town_id, p.amount_cents, side.paid, side.other_id
            FROM netting_payment p
            CROSS JOIN LATERAL (VALUES (p.payer_town_id, p.payee_town_id, true),
                                       (p.payee_town_id, p.payer_town_id, false)
            ) AS side(town_id, other_id, paid)
            WHERE p.paid_at IS NOT NULL
        ), actual AS (
            SELECT t.town_id, t.reference_id AS id, t.amount_cents, t.link_id, a.owner_id,
                   a.id = t.debit_account_id AS paid,
                   count(*) OVER (PARTITION BY t.town_id, t.reference_id) AS booked
            FROM transfer t
            LEFT JOIN ledger_account a ON a.town_id = t.town_id AND a.kind = 'clearing'
                AND a.id IN (t.debit_account_id, t.credit_account_id)
            WHERE t.event = 'netting_paid'
        )
        SELECT DISTINCT town_id, id AS row_id, town.name AS town,
               CASE WHEN e.amount_cents IS NULL THEN 'unpaid' WHEN a.booked IS NULL THEN 'unbooked'
                    WHEN a.booked > 1 THEN 'twice' ELSE 'other' END AS fault,
               e.amount_cents AS expected_cents, a.amount_cents AS actual_cents
        FROM expected e
        FULL JOIN actual a USING (town_id, id)
        LEFT JOIN (SELECT id AS town_id, name FROM town) town USING (town_id)
        WHERE e.amount_cents IS NULL OR a.booked IS NULL OR a.booked > 1
           OR (a.amount_cents, a.owner_id, a.paid, a.link_id) IS DISTINCT FROM
              (e.amount_cents, e.other_id, e.paid, id)
    """,
    says={
        "unpaid": "{actual} of a netting payment that is not paid are booked in {town}.",
        "unbooked": "A paid netting payment of {expected} is not booked in {town}.",
        "twice": "A netting payment of {expected} is booked in {town} more than once.",
        "other": "A netting payment of {expected} is booked in {town} with {actual}, or on another"
        " account or link.",
    },
)

CHECKS = (CLEARING, POSITIONS, NETTING_TRANSFERS, NETTED_CLAIMS, NETTING_PAID)
