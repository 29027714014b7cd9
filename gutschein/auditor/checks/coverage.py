"""Coverage: the documents of a town against its books, and what it owes against its money."""

from __future__ import annotations

from gutschein.auditor.check import Check

DOCUMENTS = Check(
    number="A57",
    title="The balances of a town are what its deposits, payments, vouchers, redemptions,"
    " statements, payouts and nettings say",
    over=("ledger_account",),
    finds="""
        SELECT town_id, kind AS row_id, coalesce(d.cents, 0) AS expected_cents,
               coalesce(b.cents, 0) AS actual_cents
        FROM (SELECT town_id, kind, sum(cents) AS cents FROM booked GROUP BY 1, 2) b
        FULL JOIN documented d USING (town_id, kind)
        WHERE coalesce(b.cents, 0) <> coalesce(d.cents, 0)
    """,
    says="All {row_id} accounts stand at {actual}; by the documents it is {expected}.",
)

COVERAGE = Check(
    number="A58",
    title="Open vouchers, unissued payments, deposits, merchants, payouts in transit, other towns,"
    " fees, VAT and lapsed vouchers are covered by the money held",
    over=("town",),
    finds="""
        SELECT town_id, town_id AS row_id, owed.cents AS expected_cents, held.cents AS actual_cents
        FROM (
            SELECT t.id AS town_id, coalesce(sum(d.cents), 0) AS cents
            FROM town t
            LEFT JOIN documented d ON d.town_id = t.id
                AND d.kind NOT IN ('trust_bank', 'payment_provider', 'cash', 'subsidy')
            GROUP BY t.id
        ) owed
        JOIN (
            SELECT t.id AS town_id, coalesce(-sum(b.cents), 0) AS cents
            FROM town t
            LEFT JOIN booked b ON b.town_id = t.id
                AND b.kind IN ('trust_bank', 'payment_provider', 'cash', 'subsidy')
            GROUP BY t.id
        ) held USING (town_id)
        WHERE owed.cents <> held.cents
    """,
    says="By its documents the town owes {expected}; by its books it holds {actual}.",
)

CHECKS = (DOCUMENTS, COVERAGE)
