"""Transfers: their accounts, their form, and the chart of accounts."""

from __future__ import annotations

from gutschein.auditor.check import Check

TRANSFER_ACCOUNTS = Check(
    number="A08",
    title="Both accounts of a transfer exist in its town",
    over=("transfer",),
    finds="""
        SELECT t.town_id, t.id AS row_id, t.event, t.amount_cents,
               'two accounts of the town' AS expected,
               CASE WHEN d.id IS NULL AND c.id IS NULL THEN 'neither'
                    WHEN d.id IS NULL THEN 'no debit account' ELSE 'no credit account'
               END AS actual
        FROM transfer t
        LEFT JOIN ledger_account d ON d.town_id = t.town_id AND d.id = t.debit_account_id
        LEFT JOIN ledger_account c ON c.town_id = t.town_id AND c.id = t.credit_account_id
        WHERE d.id IS NULL OR c.id IS NULL
    """,
    says="A transfer of {amount} ({event}) names an account its town does not have: {actual}.",
)

TRANSFER_FORM = Check(
    number="A09",
    title="A transfer moves a positive amount between two different accounts",
    over=("transfer",),
    finds="""
        SELECT town_id, id AS row_id, event,
               CASE WHEN debit_account_id = credit_account_id THEN 'same' ELSE 'amount'
               END AS fault,
               'a positive amount, two accounts' AS expected, amount_cents AS actual_cents
        FROM transfer
        WHERE amount_cents NOT BETWEEN 1 AND 9007199254740991
           OR debit_account_id = credit_account_id
    """,
    says={
        "same": "A transfer of {actual} ({event}) goes from an account to itself.",
        "amount": "A transfer ({event}) moves {actual}, which no transfer may.",
    },
)

TRANSFER_DAY = Check(
    number="A10",
    title="A transfer is booked on the day it was in Germany",
    over=("transfer",),
    finds="""
        SELECT town_id, id AS row_id, event, amount_cents, booked_at,
               (booked_at AT TIME ZONE 'Europe/Berlin')::date AS expected, booked_on AS actual
        FROM transfer
        WHERE booked_on <> (booked_at AT TIME ZONE 'Europe/Berlin')::date
    """,
    says="A transfer of {amount} ({event}) of {booked_at} is booked on {actual}"
    " instead of {expected}.",
)

CHART = Check(
    number="A11",
    title="Every event moves money between the kinds of account the chart allows it",
    over=("transfer",),
    finds="""
        WITH pair (event, debit, credit) AS (VALUES
            ('payment', 'trust_bank', 'payment'),
            ('payment', 'payment_provider', 'payment'),
            ('payment', 'cash', 'payment'),
            ('payment', 'subsidy', 'payment'),
            ('deposit', 'trust_bank', 'deposit'),
            ('deposit', 'payment_provider', 'deposit'),
            ('assignment', 'deposit', 'payment'),
            ('deposit_returned', 'deposit', 'trust_bank'),
            ('deposit_returned', 'deposit', 'payment_provider'),
            ('cash_banked', 'trust_bank', 'cash'),
            ('issue', 'payment', 'voucher'),
            ('redemption', 'voucher', 'merchant_payable'),
            ('redemption', 'voucher', 'clearing'),
            ('redemption', 'clearing', 'merchant_payable'),
            ('reversal', 'merchant_payable', 'voucher'),
            ('reversal', 'clearing', 'voucher'),
            ('reversal', 'merchant_payable', 'clearing'),
            ('replacement', 'voucher', 'voucher'),
            ('expiry', 'voucher', 'lapsed'),
            ('settlement_payout', 'merchant_payable', 'payout_in_transit'),
            ('settlement_fee', 'merchant_payable', 'fee_income'),
            ('settlement_fee', 'fee_income', 'merchant_payable'),
            ('settlement_vat', 'merchant_payable', 'vat_payable'),
            ('settlement_vat', 'vat_payable', 'merchant_payable'),
            ('payout_confirmed', 'payout_in_transit', 'trust_bank'),
            ('payout_returned', 'trust_bank', 'merchant_payable'),
            ('payout_returned', 'payout_in_transit', 'merchant_payable'),
            ('netting', 'clearing', 'clearing'),
            ('netting_paid', 'clearing', 'trust_bank'),
            ('netting_paid', 'trust_bank', 'clearing')
        )
        SELECT t.town_id, t.id AS row_id, t.event, t.amount_cents,
               coalesce((
                   SELECT string_agg(pair.debit || ' to ' || pair.credit, ' or ')
                   FROM pair WHERE pair.event = t.event
               ), 'no such event') AS expected,
               d.kind || ' to ' || c.kind AS actual
        FROM transfer t
        JOIN ledger_account d ON d.town_id = t.town_id AND d.id = t.debit_account_id
        JOIN ledger_account c ON c.town_id = t.town_id AND c.id = t.credit_account_id
        WHERE (t.event, d.kind, c.kind) NOT IN (SELECT event, debit, credit FROM pair)
    """,
    says="A transfer of {amount} ({event}) goes from {actual}; allowed is {expected}.",
)

CHECKS = (TRANSFER_ACCOUNTS, TRANSFER_FORM, TRANSFER_DAY, CHART)
