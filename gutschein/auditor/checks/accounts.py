"""Accounts: balances recomputed, nothing below zero, snapshots, holds, owners."""

from __future__ import annotations

from gutschein.auditor.check import Check

GUARDED_BALANCES = Check(
    number="A01",
    title="The balance of every guarded account is the sum of its transfers",
    over=("ledger_account",),
    finds="""
        SELECT a.town_id, a.id AS row_id, a.kind,
               coalesce(m.cents, 0) AS expected_cents, a.balance_cents AS actual_cents
        FROM ledger_account a
        LEFT JOIN (
            SELECT town_id, account_id, sum(cents) AS cents FROM account_move GROUP BY 1, 2
        ) m ON m.town_id = a.town_id AND m.account_id = a.id
        WHERE a.guarded AND a.balance_cents IS DISTINCT FROM coalesce(m.cents, 0)
    """,
    says="The {kind} account shows {actual}, but its transfers add up to {expected}.",
)

HELD_MONEY = Check(
    number="A02",
    title="What is held on an account is the sum of its open holds",
    over=("ledger_account", "hold"),
    finds="""
        SELECT a.town_id, a.id AS row_id, a.kind,
               coalesce(h.cents, 0) AS expected_cents, a.held_cents AS actual_cents
        FROM ledger_account a
        LEFT JOIN (
            SELECT town_id, debit_account_id, sum(amount_cents) AS cents
            FROM hold
            WHERE NOT EXISTS (
                SELECT FROM hold_resolution r
                WHERE r.town_id = hold.town_id AND r.hold_id = hold.id
            )
            GROUP BY 1, 2
        ) h ON h.town_id = a.town_id AND h.debit_account_id = a.id
        WHERE a.held_cents <> coalesce(h.cents, 0)
    """,
    says="On the {kind} account {actual} are set aside, but its open holds add up to {expected}.",
)

NEVER_BELOW_ZERO = Check(
    number="A03",
    title="Vouchers, payments and deposits are guarded and never below what is held; other"
    " accounts carry no balance",
    over=("ledger_account",),
    finds="""
        SELECT a.town_id, a.id AS row_id, a.kind,
               CASE WHEN a.kind NOT IN ('voucher', 'payment', 'deposit') THEN 'busy'
                    WHEN NOT a.guarded THEN 'unguarded' ELSE 'below' END AS fault,
               CASE WHEN a.kind IN ('voucher', 'payment', 'deposit')
                    THEN greatest(a.held_cents, 0) END AS expected_cents,
               a.balance_cents AS actual_cents
        FROM ledger_account a
        WHERE CASE WHEN a.kind IN ('voucher', 'payment', 'deposit')
                   THEN NOT a.guarded OR a.balance_cents IS NULL OR a.held_cents < 0
                        OR a.balance_cents < a.held_cents
                   ELSE a.guarded OR a.balance_cents IS NOT NULL OR a.held_cents <> 0 END
    """,
    says={
        "below": "The {kind} account stands at {actual}; at least {expected} must be there.",
        "unguarded": "The {kind} account is not guarded, so it could be overdrawn.",
        "busy": "The {kind} account carries a balance of its own ({actual}), which nothing keeps.",
    },
)

ZERO_SUM = Check(
    number="A04",
    title="The balances of all accounts of a town add up to zero",
    over=("ledger_account", "balance_snapshot"),
    finds="""
        SELECT town_id, town_id AS row_id, 0 AS expected_cents, sum(cents) AS actual_cents
        FROM booked GROUP BY town_id HAVING sum(cents) <> 0
    """,
    says="All accounts of the town add up to {actual} instead of {expected}:"
    " its books do not balance.",
)

SNAPSHOTS = Check(
    number="A05",
    title="Every snapshot of a balance is the sum of the transfers up to it",
    over=("balance_snapshot",),
    finds="""
        SELECT town_id, account_id AS row_id, ordinal,
               total_cents AS expected_cents, snapshot_cents AS actual_cents
        FROM (
            SELECT town_id, account_id, ordinal, snapshot_cents,
                   coalesce(sum(cents) OVER (
                       PARTITION BY town_id, account_id ORDER BY ordinal
                   ), 0) AS total_cents
            FROM (
                SELECT town_id, account_id, up_to_ordinal AS ordinal,
                       0 AS cents, balance_cents AS snapshot_cents
                FROM balance_snapshot
                UNION ALL
                SELECT m.town_id, m.account_id, m.ordinal, m.cents, NULL
                FROM account_move m
                JOIN (SELECT DISTINCT town_id, account_id FROM balance_snapshot) s
                    ON s.town_id = m.town_id AND s.account_id = m.account_id
            ) steps
        ) sums
        WHERE snapshot_cents <> total_cents
    """,
    says="The snapshot after transfer {ordinal} says {actual}, but the transfers up to there add"
    " up to {expected}.",
)

OWNERS = Check(
    number="A06",
    title="Every account belongs to something that exists",
    over=("ledger_account",),
    finds="""
        SELECT a.town_id, a.id AS row_id, a.kind, a.owner_id,
               'an owner of its kind' AS expected, coalesce(a.owner_id::text, 'none') AS actual
        FROM ledger_account a
        LEFT JOIN voucher v ON a.kind = 'voucher' AND v.town_id = a.town_id AND v.id = a.owner_id
        LEFT JOIN payment p ON a.kind = 'payment' AND p.town_id = a.town_id AND p.id = a.owner_id
        LEFT JOIN deposit d ON a.kind = 'deposit' AND d.town_id = a.town_id AND d.id = a.owner_id
        LEFT JOIN merchant m
            ON a.kind = 'merchant_payable' AND m.town_id = a.town_id AND m.id = a.owner_id
        LEFT JOIN issuing_point i
            ON a.kind = 'cash' AND i.town_id = a.town_id AND i.id = a.owner_id
        LEFT JOIN (
            SELECT own.id, other.id AS other_id
            FROM town own
            JOIN town other ON other.region_id = own.region_id AND other.id <> own.id
        ) t ON a.kind = 'clearing' AND t.id = a.town_id AND t.other_id = a.owner_id
        WHERE CASE a.kind WHEN 'voucher' THEN v.id IS NULL
                          WHEN 'payment' THEN p.id IS NULL
                          WHEN 'deposit' THEN d.id IS NULL
                          WHEN 'merchant_payable' THEN m.id IS NULL
                          WHEN 'cash' THEN i.id IS NULL
                          WHEN 'clearing' THEN t.id IS NULL
                          ELSE a.owner_id IS NOT NULL END
    """,
    says="The {kind} account is kept for {actual}, which is nothing it can be kept for.",
)

HOLDS = Check(
    number="A07",
    title="A hold is on a guarded account and ends once: in a transfer of at most its amount, or in"
    " none",
    over=("hold", "hold_resolution"),
    finds="""
        SELECT r.town_id, r.hold_id AS row_id,
               CASE WHEN h.id IS NULL THEN 'unknown'
                    WHEN r.posted_cents > h.amount_cents THEN 'exceeded'
                    ELSE 'transfer' END AS fault,
               CASE WHEN r.posted_cents > h.amount_cents THEN h.amount_cents
                    ELSE r.posted_cents END AS expected_cents,
               CASE WHEN r.posted_cents > h.amount_cents THEN r.posted_cents
                    ELSE t.amount_cents END AS actual_cents
        FROM hold_resolution r
        LEFT JOIN hold h ON h.town_id = r.town_id AND h.id = r.hold_id
        LEFT JOIN transfer t ON t.town_id = r.town_id AND t.id = r.transfer_id
        WHERE h.id IS NULL
           OR r.posted_cents > h.amount_cents
           OR r.posted_cents <> coalesce(t.amount_cents, 0)
           OR (t.debit_account_id, t.credit_account_id, t.event, t.reference_id)
              <> (h.debit_account_id, h.credit_account_id, h.event, h.reference_id)
        UNION ALL
        SELECT h.town_id, h.id, 'account', h.amount_cents, NULL
        FROM hold h
        LEFT JOIN ledger_account a
            ON a.town_id = h.town_id AND a.id = h.debit_account_id AND a.guarded
        WHERE a.id IS NULL
    """,
    says={
        "unknown": "A hold has ended that never began.",
        "exceeded": "Of a hold of {expected}, {actual} were posted.",
        "transfer": "A hold ended with {expected} posted, but its transfer moved {actual}, or moved"
        " it elsewhere.",
        "account": "A hold of {expected} is on an account that is not guarded.",
    },
)

CHECKS = (
    GUARDED_BALANCES,
    HELD_MONEY,
    NEVER_BELOW_ZERO,
    ZERO_SUM,
    SNAPSHOTS,
    OWNERS,
    HOLDS,
)
