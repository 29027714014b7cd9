"""Money that came in by bank or provider: booked once, assigned within what there is, and
nothing paid without it.
"""

from __future__ import annotations

from gutschein.auditor.check import Check

STATEMENTS = Check(
    number="A81",
    title="The entries of a bank statement lead from its first balance to its last, and those that"
    " were new are kept",
    over=("bank_statement", "bank_entry"),
    finds="""
        SELECT s.town_id, s.id AS row_id, s.bank_reference,
               CASE WHEN s.opening_cents + s.entries_cents <> s.closing_cents THEN 'sums'
                    ELSE 'entries' END AS fault,
               CASE WHEN s.opening_cents + s.entries_cents <> s.closing_cents
                    THEN s.opening_cents + s.entries_cents
                    ELSE s.entries_cents - s.known_cents END AS expected_cents,
               CASE WHEN s.opening_cents + s.entries_cents <> s.closing_cents
                    THEN s.closing_cents ELSE coalesce(e.cents, 0) END AS actual_cents
        FROM bank_statement s
        LEFT JOIN (
            SELECT town_id, bank_statement_id, count(*) AS entries, max(position) AS last,
                   sum(CASE WHEN is_credit THEN amount_cents ELSE -amount_cents END) AS cents
            FROM bank_entry GROUP BY 1, 2
        ) e ON e.town_id = s.town_id AND e.bank_statement_id = s.id
        WHERE s.opening_cents + s.entries_cents <> s.closing_cents
           OR s.entries_cents - s.known_cents <> coalesce(e.cents, 0)
           OR s.new_entries <> coalesce(e.entries, 0)
           OR s.new_entries <> coalesce(e.last, 0)
    """,
    says={
        "sums": "Bank statement {bank_reference} closes with {actual}, but what it begins with and"
        " its entries make {expected}.",
        "entries": "Bank statement {bank_reference} brought {expected}, but its entries that are"
        " kept add up to {actual}, or are not as many.",
    },
)

CREDITS = Check(
    number="A82",
    title="Every credit on a bank statement is one deposit of its amount, and every deposit by bank"
    " is such a credit",
    over=("bank_entry", "deposit"),
    finds="""
        SELECT coalesce(e.town_id, d.town_id) AS town_id, coalesce(e.id, d.id) AS row_id,
               CASE WHEN d.id IS NULL THEN 'missing' WHEN e.id IS NULL THEN 'unknown'
                    ELSE 'other' END AS fault,
               e.amount_cents AS expected_cents, d.amount_cents AS actual_cents
        FROM (SELECT * FROM bank_entry WHERE is_credit) e
        FULL JOIN (SELECT * FROM deposit WHERE channel = 'bank') d
            ON d.town_id = e.town_id AND d.bank_entry_id = e.id
        WHERE e.id IS NULL OR d.id IS NULL OR e.amount_cents <> d.amount_cents
           OR e.booked_on <> d.received_on
    """,
    says={
        "missing": "The bank credited {expected}, but no deposit says so.",
        "unknown": "A deposit of {actual} by bank is on no bank statement.",
        "other": "The bank credited {expected}, but the deposit is of {actual}, or of another day.",
    },
)

BOOKED = Check(
    number="A83",
    title="Every deposit is booked by exactly one transfer of its amount, from where it came in",
    over=("deposit",),
    finds="""
        SELECT coalesce(d.town_id, t.town_id) AS town_id, coalesce(d.id, t.id) AS row_id,
               CASE WHEN d.id IS NULL THEN 'unknown' WHEN t.id IS NULL THEN 'unbooked'
                    WHEN t.booked > 1 THEN 'twice' ELSE 'other' END AS fault,
               d.amount_cents AS expected_cents, t.amount_cents AS actual_cents
        FROM deposit d
        FULL JOIN (
            SELECT t.town_id, t.id, t.reference_id, t.amount_cents, t.credit_account_id,
                   a.kind AS held_on,
                   count(*) OVER (PARTITION BY t.town_id, t.reference_id) AS booked
            FROM transfer t
            LEFT JOIN ledger_account a ON a.town_id = t.town_id AND a.id = t.debit_account_id
            WHERE t.event = 'deposit'
        ) t ON t.town_id = d.town_id AND t.reference_id = d.id
        WHERE d.id IS NULL OR t.id IS NULL OR t.booked > 1 OR t.amount_cents <> d.amount_cents
           OR t.credit_account_id <> d.id
           OR t.held_on IS DISTINCT FROM
              CASE d.channel WHEN 'bank' THEN 'trust_bank' ELSE 'payment_provider' END
    """,
    says={
        "unknown": "A deposit of {actual} is in the books, but there is no such deposit.",
        "unbooked": "A deposit of {expected} is not in the books.",
        "twice": "A deposit of {expected} is in the books more than once.",
        "other": "A deposit of {expected} is in the books with {actual}, or on other accounts.",
    },
)

ASSIGNED = Check(
    number="A84",
    title="No more of a deposit is assigned than came in, and no more to a request than it asks"
    " for",
    over=("deposit_assignment",),
    finds="""
        SELECT d.town_id, d.id AS row_id, 'deposit' AS fault, d.amount_cents AS expected_cents,
               sum(s.amount_cents) AS actual_cents
        FROM deposit d
        JOIN deposit_assignment s ON s.town_id = d.town_id AND s.deposit_id = d.id
        JOIN payment_request r ON r.town_id = s.town_id AND r.id = s.request_id
        WHERE r.state <> 'closed'
        GROUP BY d.town_id, d.id, d.amount_cents
        HAVING sum(s.amount_cents) > d.amount_cents
        UNION ALL
        SELECT r.town_id, r.id, 'request', r.amount_cents, sum(s.amount_cents)
        FROM payment_request r
        JOIN deposit_assignment s ON s.town_id = r.town_id AND s.request_id = r.id
        GROUP BY r.town_id, r.id, r.amount_cents
        HAVING sum(s.amount_cents) > r.amount_cents
    """,
    says={
        "deposit": "Of a deposit of {expected}, {actual} are assigned.",
        "request": "To a payment request of {expected}, {actual} are assigned.",
    },
)

PAID = Check(
    number="A85",
    title="A payment request is paid exactly when the payment of its id is booked, and then"
    " deposits of its amount are assigned to it",
    over=("payment_request", "payment"),
    finds="""
        SELECT coalesce(r.town_id, p.town_id) AS town_id, coalesce(r.id, p.id) AS row_id, r.number,
               CASE WHEN r.id IS NULL THEN 'unknown' WHEN p.id IS NULL THEN 'unpaid'
                    WHEN r.state <> 'paid' THEN 'early'
                    WHEN p.amount_cents <> r.amount_cents THEN 'amount'
                    ELSE 'assigned' END AS fault,
               coalesce(r.amount_cents, p.amount_cents) AS expected_cents,
               CASE WHEN p.amount_cents = r.amount_cents THEN coalesce(s.cents, 0)
                    ELSE p.amount_cents END AS actual_cents
        FROM payment_request r
        FULL JOIN (SELECT * FROM payment WHERE method = 'deposits') p
            ON p.town_id = r.town_id AND p.id = r.id
        LEFT JOIN (
            SELECT town_id, request_id, sum(amount_cents) AS cents
            FROM deposit_assignment GROUP BY 1, 2
        ) s ON s.town_id = r.town_id AND s.request_id = r.id
        WHERE r.id IS NULL
           OR (r.state = 'paid') <> (p.id IS NOT NULL)
           OR p.amount_cents <> r.amount_cents
           OR (r.state = 'paid' AND coalesce(s.cents, 0) <> r.amount_cents)
    """,
    says={
        "unknown": "A payment of {expected} out of deposits is for nothing that was asked for.",
        "unpaid": "Payment request {number} over {expected} is said to be paid, but there is no"
        " payment.",
        "early": "Payment request {number} over {expected} has its payment, but is not paid.",
        "amount": "Payment request {number} over {expected} has a payment of {actual}.",
        "assigned": "Payment request {number} over {expected} is paid, but {actual} are assigned"
        " to it.",
    },
)

MOVED = Check(
    number="A86",
    title="What is assigned to a paid request has moved to its payment, once each, and nothing else"
    " has",
    over=("deposit_assignment", "transfer"),
    finds="""
        SELECT coalesce(s.town_id, t.town_id) AS town_id, coalesce(s.request_id, t.id) AS row_id,
               CASE WHEN s.request_id IS NULL THEN 'unknown' WHEN t.id IS NULL THEN 'unbooked'
                    WHEN t.booked > 1 THEN 'twice' ELSE 'amount' END AS fault,
               s.amount_cents AS expected_cents, t.amount_cents AS actual_cents
        FROM (
            SELECT s.* FROM deposit_assignment s
            JOIN payment_request r ON r.town_id = s.town_id AND r.id = s.request_id
            WHERE r.state = 'paid'
        ) s
        FULL JOIN (
            SELECT *, count(*) OVER (
                       PARTITION BY town_id, debit_account_id, credit_account_id
                   ) AS booked
            FROM transfer WHERE event = 'assignment'
        ) t ON t.town_id = s.town_id AND t.debit_account_id = s.deposit_id
            AND t.credit_account_id = s.request_id
        WHERE s.request_id IS NULL OR t.id IS NULL OR t.booked > 1
           OR t.amount_cents <> s.amount_cents OR t.reference_id <> s.request_id
    """,
    says={
        "unknown": "{actual} have moved from a deposit to a payment that they are not assigned to.",
        "unbooked": "{expected} are assigned to a paid request, but have not moved.",
        "twice": "{expected} that are assigned to a paid request have moved more than once.",
        "amount": "{expected} are assigned to a paid request, but {actual} have moved.",
    },
)

NUMBERS = Check(
    number="A87",
    title="The payment requests of a town are numbered from 1 without a gap, up to its counter",
    over=("payment_request",),
    finds="""
        SELECT coalesce(r.town_id, c.town_id) AS town_id,
               coalesce(r.town_id, c.town_id) AS row_id, coalesce(c.value, 0) AS expected,
               coalesce(r.requests, 0) || coalesce(', to ' || r.last, '') AS actual
        FROM (
            SELECT town_id, count(*) AS requests, max(number) AS last
            FROM payment_request GROUP BY town_id
        ) r
        FULL JOIN (SELECT * FROM town_counter WHERE name = 'payment request') c
            ON c.town_id = r.town_id
        WHERE (r.requests, r.last) IS DISTINCT FROM (c.value::bigint, c.value)
    """,
    says="The town has asked for {expected} payments; there are {actual}.",
)

_GUARDS = {
    # pg_trigger.tgtype: 1 row, 2 before, 4 insert, 8 delete, 16 update
    "deposit.book_deposit": (7, "JOIN ledger_account"),
    "deposit_assignment.assign_within": (7, "FOR NO KEY UPDATE"),
    "payment.pay_request": (7, "JOIN deposit_assignment"),
    "payment_request.end_once": (31, "FROM payment p"),
}

TRIGGERS = Check(
    number="A88",
    title="The triggers are there and on that take deposits only with their money, assign within"
    " what there is, and let nothing be paid without",
    over=len(_GUARDS),
    finds="""
        SELECT NULL::uuid AS town_id, guard.name AS row_id, 'on' AS expected,
               CASE WHEN t.oid IS NULL THEN 'missing'
                    WHEN t.tgenabled NOT IN ('O', 'A') THEN 'off' ELSE 'altered' END AS actual
        FROM unnest(CAST(:names AS text[]), CAST(:types AS int[]), CAST(:words AS text[]))
             AS guard(name, type, words)
        LEFT JOIN pg_trigger t
            ON t.tgrelid = to_regclass('public.' || split_part(guard.name, '.', 1))
            AND t.tgname = split_part(guard.name, '.', 2) AND NOT t.tgisinternal
        LEFT JOIN pg_proc p ON p.oid = t.tgfoid
        WHERE t.oid IS NULL OR t.tgenabled NOT IN ('O', 'A') OR t.tgtype <> guard.type
           OR t.tgqual IS NOT NULL OR t.tgattr::text <> ''
           OR p.prosrc !~ 'RAISE EXCEPTION' OR strpos(p.prosrc, guard.words) = 0
    """,
    params={
        "names": list(_GUARDS),
        "types": [type_ for type_, _words in _GUARDS.values()],
        "words": [words for _type, words in _GUARDS.values()],
    },
    says="The trigger {row_id} is {actual}: something could be paid that nobody has paid.",
)

CHECKS = (STATEMENTS, CREDITS, BOOKED, ASSIGNED, PAID, MOVED, NUMBERS, TRIGGERS)
