"""The life of a voucher: its state, and what may no longer happen when it is over."""

from __future__ import annotations

from gutschein.auditor.check import Check

STATE = Check(
    number="A20",
    title="A voucher is in the state that its newest event says, and what is over stays over",
    over=("voucher", "voucher_event"),
    finds="""
        SELECT v.town_id, v.id AS row_id, v.serial, 'state' AS fault,
               coalesce(e.states[1], b.state) AS expected, v.state AS actual
        FROM voucher v
        LEFT JOIN (
            -- two events at the same instant have no order
            SELECT town_id, voucher_id, array_agg(state ORDER BY id DESC) AS states
            FROM (
                SELECT *, rank() OVER (
                    PARTITION BY town_id, voucher_id ORDER BY happened_at DESC
                ) AS age
                FROM voucher_event
            ) aged
            WHERE age = 1 GROUP BY 1, 2
        ) e ON e.town_id = v.town_id AND e.voucher_id = v.id
        CROSS JOIN LATERAL (
            SELECT CASE WHEN num_nonnulls(v.batch_id, v.replaces_id) = 0 THEN 'stock'
                        ELSE 'active' END AS state
        ) b
        WHERE v.state <> ALL (coalesce(e.states, ARRAY[b.state]))
        UNION ALL
        SELECT e.town_id, e.voucher_id, v.serial, 'risen', ended.state, e.state
        FROM voucher_event ended
        JOIN voucher_event e
            ON e.town_id = ended.town_id AND e.voucher_id = ended.voucher_id
            AND e.happened_at > ended.happened_at
        JOIN voucher v ON v.town_id = e.town_id AND v.id = e.voucher_id
        WHERE ended.state IN ('replaced', 'expired')
    """,
    says={
        "state": "Voucher {serial} is {actual}, but its events say {expected}.",
        "risen": "Voucher {serial} became {actual} after it was {expected}, which is for ever.",
    },
)

DEAD_IS_EMPTY = Check(
    number="A21",
    title="A replaced or expired voucher is empty",
    over=("voucher",),
    finds="""
        SELECT v.town_id, v.id AS row_id, v.serial, v.state,
               0 AS expected_cents, a.balance_cents AS actual_cents
        FROM voucher v
        JOIN ledger_account a
            ON a.town_id = v.town_id AND a.owner_id = v.id AND a.kind = 'voucher'
        WHERE v.state IN ('replaced', 'expired') AND a.balance_cents <> 0
    """,
    says="Voucher {serial} is {state}, but {actual} is still on it.",
)

SPENT_AFTER_END = Check(
    number="A22",
    title="Nothing is redeemed from a voucher after it was replaced, expired or blocked",
    over=("voucher_event",),
    # A transfer knows its place behind another one, so a replacement or an expiry that moved
    # money is exact. A block has only the clock of whoever asked for it: within a minute, a
    # redemption that had begun before may still have come first.
    finds="""
        SELECT DISTINCT ON (t.town_id, t.reference_id)
               t.town_id, t.reference_id AS row_id, v.serial, t.amount_cents,
               'nothing, because it was ' || ended.state AS expected, t.booked_at AS actual
        FROM (
            SELECT town_id, debit_account_id AS account_id, ordinal, NULL::timestamptz AS at,
                   CASE event WHEN 'expiry' THEN 'expired' ELSE 'replaced' END AS state
            FROM transfer WHERE event IN ('replacement', 'expiry')
            UNION ALL
            SELECT e.town_id, a.id, NULL, e.happened_at, e.state
            FROM voucher_event e
            JOIN ledger_account a
                ON a.town_id = e.town_id AND a.kind = 'voucher' AND a.owner_id = e.voucher_id
            WHERE e.state <> 'active'
        ) ended
        JOIN transfer t
            ON t.town_id = ended.town_id AND t.debit_account_id = ended.account_id
            AND t.event = 'redemption'
        JOIN ledger_account a ON a.town_id = t.town_id AND a.id = t.debit_account_id
        JOIN voucher v ON v.town_id = a.town_id AND v.id = a.owner_id
        WHERE a.kind = 'voucher'
          AND (t.ordinal > ended.ordinal
               OR (t.booked_at > ended.at + interval '1 minute'
                   AND NOT EXISTS (
                       SELECT FROM voucher_event later
                       WHERE later.town_id = v.town_id AND later.voucher_id = v.id
                         AND later.happened_at BETWEEN ended.at AND t.booked_at
                         AND later.state = 'active'
                   )))
    """,
    says="From voucher {serial} {amount} was redeemed at {actual}; it should be {expected}.",
)

LAST_DAY = Check(
    number="A23",
    title="A voucher is good through its last day: nothing is redeemed after it, and it does not"
    " expire before",
    over=("redemption", "voucher_event"),
    finds="""
        SELECT r.town_id, r.id AS row_id, 'late' AS fault, v.serial,
               v.valid_until AS expected, r.redeemed_on AS actual
        FROM redemption r
        JOIN voucher v ON v.town_id = r.issuing_town_id AND v.id = r.voucher_id
        WHERE r.redeemed_on > v.valid_until
          AND NOT EXISTS (  -- taken without a net while it was good, and sent afterwards
              SELECT FROM claim c
              WHERE c.town_id = r.town_id AND c.id = r.id AND c.outcome <> 'disputed'
                AND (c.claimed_at AT TIME ZONE 'Europe/Berlin')::date <= v.valid_until
          )
        UNION ALL
        SELECT e.town_id, e.id, 'early', v.serial, v.valid_until, e.expired_on
        FROM (
            SELECT *, (happened_at AT TIME ZONE 'Europe/Berlin')::date AS expired_on
            FROM voucher_event WHERE state = 'expired'
        ) e
        JOIN voucher v ON v.town_id = e.town_id AND v.id = e.voucher_id
        WHERE e.expired_on <= v.valid_until
    """,
    says={
        "late": "Voucher {serial} was good until {expected}, but was redeemed on {actual}.",
        "early": "Voucher {serial} was good until {expected}, but expired on {actual}.",
    },
)

REPLACEMENTS = Check(
    number="A24",
    title="A replaced voucher has exactly one replacement, and a replacement a replaced voucher",
    over=("voucher",),
    finds="""
        SELECT coalesce(o.town_id, n.town_id) AS town_id, coalesce(o.id, n.replaces_id) AS row_id,
               o.serial,
               CASE WHEN o.state = 'replaced' THEN 1 ELSE 0 END AS expected,
               coalesce(n.replacements, 0) AS actual
        FROM voucher o
        FULL JOIN (
            SELECT town_id, replaces_id, count(*) AS replacements
            FROM voucher WHERE replaces_id IS NOT NULL GROUP BY 1, 2
        ) n ON n.town_id = o.town_id AND n.replaces_id = o.id
        WHERE coalesce(n.replacements, 0)
              <> CASE WHEN o.state = 'replaced' THEN 1 ELSE 0 END
    """,
    says="Voucher {serial} should have {expected} replacements, but has {actual}.",
)

EXPIRY_TRANSFERS = Check(
    number="A25",
    title="What lapsed was taken once, from a voucher that expired",
    over=("transfer",),
    finds="""
        SELECT t.town_id, t.id AS row_id, v.serial, t.amount_cents AS actual_cents,
               CASE WHEN t.booked > 1 THEN 'twice' ELSE 'alive' END AS fault,
               CASE WHEN t.booked > 1 THEN t.amount_cents ELSE 0 END AS expected_cents
        FROM (
            SELECT t.*, a.owner_id, count(*) OVER (PARTITION BY t.town_id, t.reference_id) AS booked
            FROM transfer t
            LEFT JOIN ledger_account a
                ON a.town_id = t.town_id AND a.id = t.debit_account_id AND a.kind = 'voucher'
            WHERE t.event = 'expiry'
        ) t
        LEFT JOIN voucher v ON v.town_id = t.town_id AND v.id = t.reference_id
        LEFT JOIN (
            SELECT DISTINCT town_id, voucher_id FROM voucher_event WHERE state = 'expired'
        ) e ON e.town_id = t.town_id AND e.voucher_id = t.reference_id
        WHERE t.booked > 1 OR e.voucher_id IS NULL OR t.owner_id IS DISTINCT FROM v.id
    """,
    says={
        "twice": "Voucher {serial} lapsed more than once, one time with {actual}.",
        "alive": "{actual} lapsed from voucher {serial}, which did not expire.",
    },
)

CHECKS = (
    STATE,
    DEAD_IS_EMPTY,
    SPENT_AFTER_END,
    LAST_DAY,
    REPLACEMENTS,
    EXPIRY_TRANSFERS,
)
