"""Citizens' orders: asked for at what they are worth, issued as ordered and only when paid."""

from __future__ import annotations

from gutschein.auditor.check import Check

WORTH = Check(
    number="A89",
    title="An order that was placed asks for exactly what its vouchers are worth, and a draft for"
    " nothing",
    over=("shop_order", "order_item"),
    finds="""
        SELECT coalesce(o.town_id, i.town_id) AS town_id, coalesce(o.id, i.order_id) AS row_id,
               CASE WHEN o.id IS NULL THEN 'unknown' WHEN o.placed_at IS NULL THEN 'draft'
                    WHEN i.cents IS DISTINCT FROM o.total_cents THEN 'items'
                    ELSE 'request' END AS fault,
               o.total_cents AS expected_cents,
               CASE WHEN o.id IS NULL
                         OR (o.placed_at IS NOT NULL AND i.cents IS DISTINCT FROM o.total_cents)
                    THEN i.cents ELSE r.amount_cents END AS actual_cents
        FROM shop_order o
        FULL JOIN (
            SELECT town_id, order_id, sum(value_cents) AS cents FROM order_item GROUP BY 1, 2
        ) i ON i.town_id = o.town_id AND i.order_id = o.id
        LEFT JOIN payment_request r ON r.town_id = o.town_id AND r.id = o.id
        WHERE CASE WHEN o.id IS NULL THEN true
                   WHEN o.placed_at IS NULL THEN r.id IS NOT NULL
                   ELSE i.cents IS DISTINCT FROM o.total_cents
                        OR r.amount_cents IS DISTINCT FROM o.total_cents
                        OR o.request_id IS DISTINCT FROM o.id END
    """,
    says={
        "unknown": "Vouchers worth {actual} are of an order that does not exist.",
        "draft": "An order that was never placed asks for {actual}.",
        "items": "An order over {expected} is for vouchers worth {actual}.",
        "request": "An order over {expected} asks for {actual}, or by the payment request of"
        " another one.",
    },
)

ISSUED = Check(
    number="A90",
    title="An issued order is paid, each of its vouchers was issued as it was ordered, against the"
    " payment of the order, and no other was",
    over=("shop_order", "order_item"),
    finds="""
        SELECT o.town_id, o.id AS row_id, NULL::int AS position, 'unpaid' AS fault,
               o.total_cents AS expected_cents, NULL::bigint AS actual_cents
        FROM shop_order o
        LEFT JOIN payment_request r ON r.town_id = o.town_id AND r.id = o.id
        LEFT JOIN payment p ON p.town_id = o.town_id AND p.id = o.id AND p.method = 'deposits'
        WHERE o.issued_at IS NOT NULL AND (r.state IS DISTINCT FROM 'paid' OR p.id IS NULL)
        UNION ALL
        SELECT i.town_id, i.order_id, i.position,
               CASE WHEN b.id IS NULL THEN 'missing' WHEN i.named > 1 THEN 'shared'
                    ELSE 'other' END,
               i.value_cents, b.voucher_count * b.value_cents
        FROM (
            SELECT town_id, order_id, position, programme_id, value_cents, batch_id,
                   count(*) OVER (PARTITION BY town_id, batch_id) AS named
            FROM order_item
        ) i
        JOIN shop_order o
            ON o.town_id = i.town_id AND o.id = i.order_id AND o.issued_at IS NOT NULL
        LEFT JOIN voucher_batch b ON b.town_id = i.town_id AND b.id = i.batch_id
        WHERE b.id IS NULL OR i.named > 1
           OR (b.payment_id, b.programme_id, b.value_cents, b.voucher_count)
              <> (i.order_id, i.programme_id, i.value_cents, 1)
        UNION ALL
        SELECT b.town_id, b.id, NULL, 'extra', NULL, b.voucher_count * b.value_cents
        FROM voucher_batch b
        JOIN shop_order o
            ON o.town_id = b.town_id AND o.id = b.payment_id AND o.issued_at IS NOT NULL
        LEFT JOIN order_item i
            ON i.town_id = b.town_id AND i.order_id = b.payment_id AND i.batch_id = b.id
        WHERE i.order_id IS NULL
    """,
    says={
        "unpaid": "An order over {expected} was issued, but is not paid.",
        "missing": "Voucher {position} of an order, over {expected}, is said to be issued, but was"
        " not.",
        "shared": "Voucher {position} of an order, over {expected}, was issued once for several.",
        "other": "Voucher {position} of an order, over {expected}, was issued over"
        " {actual}, or of another programme, in another number, or against another payment.",
        "extra": "Vouchers for {actual} that nobody ordered were issued against the payment of an"
        " order.",
    },
)

ENDED = Check(
    number="A91",
    title="Nothing is issued for an order that is not, none is both issued and closed, and a closed"
    " one is neither to be paid nor, unless its buyer withdrew, paid",
    over=("shop_order",),
    finds="""
        SELECT o.town_id, o.id AS row_id, 'both' AS fault, NULL::bigint AS actual_cents
        FROM shop_order o
        WHERE o.issued_at IS NOT NULL AND o.closed_at IS NOT NULL
        UNION ALL
        SELECT o.town_id, o.id, 'early', sum(b.cents)
        FROM shop_order o
        JOIN (
            SELECT town_id, payment_id AS order_id, voucher_count * value_cents AS cents
            FROM voucher_batch
            UNION ALL
            SELECT i.town_id, i.order_id, i.value_cents
            FROM order_item i
            LEFT JOIN voucher_batch b ON b.town_id = i.town_id AND b.id = i.batch_id
            WHERE i.batch_id IS NOT NULL AND b.payment_id IS DISTINCT FROM i.order_id
        ) b ON b.town_id = o.town_id AND b.order_id = o.id
        WHERE o.issued_at IS NULL
        GROUP BY o.town_id, o.id
        UNION ALL
        SELECT o.town_id, o.id, CASE WHEN p.id IS NULL THEN 'asked' ELSE 'paid' END,
               coalesce(p.amount_cents, r.amount_cents)
        FROM shop_order o
        LEFT JOIN payment p ON p.town_id = o.town_id AND p.id = o.id
        LEFT JOIN payment_request r ON r.town_id = o.town_id AND r.id = o.id
        WHERE o.closed_at IS NOT NULL
          AND CASE WHEN p.id IS NULL THEN r.state <> 'closed' ELSE NOT EXISTS (
                  SELECT FROM withdrawal w
                  WHERE w.town_id = o.town_id AND w.order_id = o.id AND w.outcome = 'frozen'
              ) END
    """,
    says={
        "both": "An order was issued and is closed.",
        "early": "Vouchers for {actual} were issued for an order that is not.",
        "asked": "An order is closed, but {actual} are still asked for, or said to be paid.",
        "paid": "An order is closed, but {actual} are paid for it, and nobody withdrew.",
    },
)

_GUARDS = {
    # pg_trigger.tgtype: 1 row, 2 before, 4 insert, 8 delete, 16 update; what each refuses, in order
    "shop_order.keep_order": (
        27,
        r"DELETE.*placed_at IS NULL.*RAISE EXCEPTION"
        r".*placed_at.*total_cents.*issued_at.*closed_at.*RAISE EXCEPTION"
        r".*sum\(value_cents\) FROM order_item.*RAISE EXCEPTION"
        r".*batch_id IS NULL.*RAISE EXCEPTION",
    ),
    "order_item.keep_order_item": (
        31,
        r"programme_id.*value_cents.*placed_at IS NOT NULL.*RAISE EXCEPTION"
        r".*OLD\.batch_id IS NOT NULL.*RAISE EXCEPTION"
        r".*FROM voucher_batch.*payment_id.*value_cents.*voucher_count = 1.*RAISE EXCEPTION",
    ),
}

KEPT = Check(
    number="A92",
    title="The triggers that keep orders as they were placed, and issue them as ordered, are there"
    " and on",
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
        WHERE t.oid IS NULL OR t.tgenabled NOT IN ('O', 'A') OR t.tgtype <> guard.type
           OR t.tgqual IS NOT NULL OR t.tgattr::text <> ''
           OR (SELECT prosrc FROM pg_proc WHERE oid = t.tgfoid) !~ guard.words
    """,
    params={
        "names": list(_GUARDS),
        "types": [type_ for type_, _words in _GUARDS.values()],
        "words": [words for _type, words in _GUARDS.values()],
    },
    says="The trigger {row_id} is {actual}: an order can be changed after it was placed, or issued"
    " otherwise than it was ordered.",
)

CHECKS = (WORTH, ISSUED, ENDED, KEPT)
