"""Redemptions: their terms, and their transfers in the books of one town or two."""

from __future__ import annotations

from gutschein.auditor.check import Check

REDEMPTION_TERMS = Check(
    number="A26",
    title="A redemption names an existing voucher with the terms of its programme, and an open"
    " branch of its merchant",
    over=("redemption",),
    finds="""
        SELECT town_id, id AS row_id, fault, amount_cents,
               CASE fault WHEN 'voucher' THEN 'a voucher of the issuing town'
                          WHEN 'programme' THEN own_programme || ', ' || own_fee
                          WHEN 'whole' THEN 'the whole balance'
                          WHEN 'branch' THEN 'a branch of the merchant'
                          WHEN 'closed' THEN 'before ' || closed_at
                          ELSE own_day::text END AS expected,
               CASE fault WHEN 'voucher' THEN voucher_id::text
                          WHEN 'programme' THEN programme_id || ', ' || fee_basis_points
                          WHEN 'whole' THEN balance_after_cents || ' cents left'
                          WHEN 'branch' THEN branch_id::text
                          WHEN 'closed' THEN redeemed_at::text
                          ELSE redeemed_on::text END AS actual
        FROM (
            SELECT r.*, v.programme_id AS own_programme, p.merchant_fee_basis_points AS own_fee,
                   b.closed_at, (r.redeemed_at AT TIME ZONE 'Europe/Berlin')::date AS own_day,
                   CASE WHEN v.id IS NULL THEN 'voucher'
                        WHEN v.programme_id <> r.programme_id
                             OR p.merchant_fee_basis_points <> r.fee_basis_points THEN 'programme'
                        WHEN NOT p.partial_redemption AND r.balance_after_cents <> 0 THEN 'whole'
                        WHEN b.merchant_id IS DISTINCT FROM r.merchant_id THEN 'branch'
                        WHEN r.redeemed_at > b.closed_at + interval '1 minute' THEN 'closed'
                        WHEN r.redeemed_on <> (r.redeemed_at AT TIME ZONE 'Europe/Berlin')::date
                        THEN 'day' END AS fault
            FROM redemption r
            LEFT JOIN voucher v ON v.town_id = r.issuing_town_id AND v.id = r.voucher_id
            LEFT JOIN programme p ON p.town_id = v.town_id AND p.id = v.programme_id
            LEFT JOIN branch b ON b.town_id = r.town_id AND b.id = r.branch_id
        ) judged
        WHERE fault IS NOT NULL
    """,
    says={
        "voucher": "A redemption of {amount} names a voucher that its issuing town does not have.",
        "programme": "A redemption of {amount} has another programme or fee ({actual}) than its"
        " voucher ({expected}).",
        "whole": "A redemption of {amount} took a part of a voucher that is only good as a whole.",
        "branch": "A redemption of {amount} names a branch that is not the merchant's.",
        "closed": "A redemption of {amount} took place in a branch that was closed {expected}.",
        "day": "A redemption of {amount} is dated {actual}, but took place on {expected}.",
    },
)

REDEMPTION_TRANSFERS = Check(
    number="A27",
    title="Every redemption has exactly its transfers: one in its town's book, or two linked ones"
    " across towns",
    over=("redemption",),
    finds="""
        WITH expected AS (
            SELECT r.town_id, r.id, r.amount_cents, r.redeemed_at, r.issuing_town_id AS book_id,
                   NULL::uuid AS link_id, v.id AS debit_id, m.id AS credit_id
            FROM redemption r
            LEFT JOIN ledger_account v ON v.kind = 'voucher'
                AND v.town_id = r.issuing_town_id AND v.owner_id = r.voucher_id
            LEFT JOIN ledger_account m ON m.kind = 'merchant_payable'
                AND m.town_id = r.town_id AND m.owner_id = r.merchant_id
            WHERE r.issuing_town_id = r.town_id
            UNION ALL
            SELECT r.town_id, r.id, r.amount_cents, r.redeemed_at, r.issuing_town_id, r.id, v.id,
                   c.id
            FROM redemption r
            LEFT JOIN ledger_account v ON v.kind = 'voucher'
                AND v.town_id = r.issuing_town_id AND v.owner_id = r.voucher_id
            LEFT JOIN ledger_account c ON c.kind = 'clearing'
                AND c.town_id = r.issuing_town_id AND c.owner_id = r.town_id
            WHERE r.issuing_town_id <> r.town_id
            UNION ALL
            SELECT r.town_id, r.id, r.amount_cents, r.redeemed_at, r.town_id, r.id, c.id, m.id
            FROM redemption r
            LEFT JOIN ledger_account c ON c.kind = 'clearing'
                AND c.town_id = r.town_id AND c.owner_id = r.issuing_town_id
            LEFT JOIN ledger_account m ON m.kind = 'merchant_payable'
                AND m.town_id = r.town_id AND m.owner_id = r.merchant_id
            WHERE r.issuing_town_id <> r.town_id
        ), matched AS (
            SELECT e.*, t.id AS transfer_id, t.amount_cents AS booked_cents, t.booked_at,
                   t.debit_account_id IS NOT DISTINCT FROM e.debit_id
                   AND t.credit_account_id IS NOT DISTINCT FROM e.credit_id
                   AND t.amount_cents = e.amount_cents
                   AND (e.link_id IS NULL OR t.link_id IS NOT DISTINCT FROM e.link_id) AS agrees
            FROM expected e
            LEFT JOIN transfer t ON t.event = 'redemption'
                AND t.town_id = e.book_id AND t.reference_id = e.id
        )
        SELECT town_id, id AS row_id, amount_cents AS expected_cents,
               sum(booked_cents) AS actual_cents, redeemed_at, min(booked_at) AS booked_at,
               CASE WHEN book_id = town_id THEN 'its town''s' ELSE 'the issuing town''s'
               END AS book,
               CASE WHEN count(transfer_id) = 0 THEN 'missing' WHEN count(*) > 1 THEN 'twice'
                    WHEN bool_and(agrees) THEN 'time' ELSE 'other' END AS fault
        FROM matched
        GROUP BY town_id, id, book_id, amount_cents, redeemed_at
        HAVING count(transfer_id) <> 1 OR NOT bool_and(agrees AND booked_at = redeemed_at)
    """,
    says={
        "missing": "A redemption of {expected} is not in {book} book.",
        "twice": "A redemption of {expected} is in {book} book more than once, with {actual}.",
        "other": "A redemption of {expected} is in {book} book with another amount ({actual}),"
        " account or link.",
        "time": "A redemption of {expected} is dated {redeemed_at}, but was booked in {book} book"
        " at {booked_at}.",
    },
)

REDEMPTION_ROWS = Check(
    number="A28",
    title="Every transfer of a redemption has its redemption",
    over=("transfer",),
    finds="""
        SELECT t.town_id, t.id AS row_id, t.amount_cents,
               'a redemption' AS expected, 'none' AS actual
        FROM transfer t
        WHERE t.event = 'redemption'
          AND NOT EXISTS (
              SELECT FROM redemption r WHERE r.town_id = t.town_id AND r.id = t.reference_id
          )
          AND NOT EXISTS (
              SELECT FROM redemption r
              WHERE r.issuing_town_id = t.town_id AND r.id = t.reference_id
          )
    """,
    says="{amount} were redeemed in the books, but there is no such redemption.",
)

ACCEPTANCE = Check(
    number="A29",
    title="Vouchers of another town are redeemed only while the two towns honour them",
    over=("redemption",),
    finds="""
        SELECT r.town_id, r.id AS row_id, r.amount_cents, t.name AS issuer,
               'an agreement on that day' AS expected, r.redeemed_on AS actual
        FROM redemption r
        LEFT JOIN town t ON t.id = r.issuing_town_id
        WHERE r.issuing_town_id <> r.town_id
          AND NOT EXISTS (
              SELECT FROM acceptance a
              WHERE a.town_id = r.issuing_town_id AND a.accepting_town_id = r.town_id
                AND r.redeemed_on >= a.valid_from
                AND (a.valid_until IS NULL OR r.redeemed_on <= a.valid_until)
          )
    """,
    says="{amount} of a voucher of {issuer} were redeemed on {actual} without {expected}.",
)

BALANCES_AFTER = Check(
    number="A30",
    title="The balance that a redemption or reversal left is the one the till was told",
    over=("redemption", "reversal"),
    finds="""
        WITH step AS (
            SELECT m.*, sum(m.cents) OVER (
                       PARTITION BY m.town_id, m.account_id ORDER BY m.ordinal
                   ) AS left_cents
            FROM account_move m
            JOIN ledger_account a
                ON a.town_id = m.town_id AND a.id = m.account_id AND a.kind = 'voucher'
        )
        SELECT told.town_id, told.id AS row_id, told.kind,
               step.left_cents AS expected_cents, told.balance_after_cents AS actual_cents
        FROM (
            SELECT town_id, id, 'redemption' AS kind, issuing_town_id, balance_after_cents
            FROM redemption
            UNION ALL
            SELECT v.town_id, v.id, 'reversal', r.issuing_town_id, v.balance_after_cents
            FROM reversal v JOIN redemption r ON r.town_id = v.town_id AND r.id = v.redemption_id
        ) told
        JOIN step ON step.town_id = told.issuing_town_id AND step.reference_id = told.id
            AND step.event = told.kind
        WHERE step.left_cents <> told.balance_after_cents
          AND step.left_cents - told.balance_after_cents <> (
              -- what is held cannot be spent, so the till is told what is left without it
              SELECT coalesce(sum(h.amount_cents), 0)
              FROM hold h
              LEFT JOIN hold_resolution e ON e.town_id = h.town_id AND e.hold_id = h.id
              WHERE h.town_id = step.town_id AND h.debit_account_id = step.account_id
                AND h.held_at <= step.booked_at
                AND (e.resolved_at IS NULL OR e.resolved_at > step.booked_at)
          )
    """,
    says="After a {kind} the till was told {actual}, but {expected} were on the voucher.",
)

CHECKS = (
    REDEMPTION_TERMS,
    REDEMPTION_TRANSFERS,
    REDEMPTION_ROWS,
    ACCEPTANCE,
    BALANCES_AFTER,
)
