"""References: every row that names another row of its town names one that is there.

The database checks this too, but only while its triggers are on.
"""

from __future__ import annotations

from gutschein.auditor.check import Check

#: Table, the column that tells its rows apart, the column that refers, what it refers to.
_IN_TOWN = (
    ("transfer", "id", "reverses_id", "transfer", "id"),
    ("hold", "id", "debit_account_id", "ledger_account", "id"),
    ("hold", "id", "credit_account_id", "ledger_account", "id"),
    ("balance_snapshot", "account_id", "account_id", "ledger_account", "id"),
    ("branch", "id", "merchant_id", "merchant", "id"),
    ("payout_account", "merchant_id", "merchant_id", "merchant", "id"),
    ("payment", "id", "issuing_point_id", "issuing_point", "id"),
    ("voucher_batch", "id", "programme_id", "programme", "id"),
    ("voucher_batch", "id", "payment_id", "payment", "id"),
    ("voucher", "id", "batch_id", "voucher_batch", "id"),
    ("voucher", "id", "replaces_id", "voucher", "id"),
    ("voucher", "id", "kid", "signing_key", "kid"),
    ("voucher", "id", "stock_order_id", "stock_order", "id"),
    ("voucher_event", "id", "voucher_id", "voucher", "id"),
    ("stock_order", "id", "programme_id", "programme", "id"),
    ("activation_code", "voucher_id", "voucher_id", "voucher", "id"),
    ("stock_range", "id", "issuing_point_id", "issuing_point", "id"),
    ("counter_sale", "id", "issuing_point_id", "issuing_point", "id"),
    ("counter_sale", "id", "voucher_id", "voucher", "id"),
    ("cash_closing", "id", "issuing_point_id", "issuing_point", "id"),
    ("bank_entry", "id", "bank_statement_id", "bank_statement", "id"),
    ("deposit_assignment", "request_id", "deposit_id", "deposit", "id"),
    ("deposit_assignment", "deposit_id", "request_id", "payment_request", "id"),
    ("redemption", "id", "merchant_id", "merchant", "id"),
    ("redemption", "id", "branch_id", "branch", "id"),
    ("reversal", "id", "redemption_id", "redemption", "id"),
    ("statement", "id", "settlement_id", "settlement", "id"),
    ("statement", "id", "merchant_id", "merchant", "id"),
    ("statement_line", "statement_id", "statement_id", "statement", "id"),
    ("statement_entry", "entry_id", "statement_id", "statement", "id"),
    ("payout", "statement_id", "statement_id", "statement", "id"),
    ("payout_event", "id", "statement_id", "payout", "statement_id"),
    ("payout_file", "settlement_id", "settlement_id", "settlement", "id"),
)

_TO_TOWN = (
    ("ledger_account", "id"),
    ("transfer", "id"),
    ("merchant", "id"),
    ("programme", "id"),
    ("payment", "id"),
    ("voucher", "id"),
    ("redemption", "id"),
    ("reversal", "id"),
    ("settlement", "id"),
)

_OF_NETTINGS = (
    ("netting_position", "netting_id", "netting_id", "netting"),
    ("netting_position", "netting_id", "position_town_id", "town"),
    ("netting_payment", "id", "netting_id", "netting"),
    ("netting_payment", "id", "payer_town_id", "town"),
    ("netting_payment", "id", "payee_town_id", "town"),
)


def _dangling(table: str, row: str, column: str, parent: str, key: str, *, town: bool) -> str:
    in_town = "AND p.town_id = c.town_id" if town else ""
    town_id = "c.town_id" if table not in {"netting_position", "netting_payment"} else "NULL::uuid"
    return f"""
        SELECT {town_id} AS town_id, c.{row} AS row_id, '{table}' AS table_name,
               '{column}' AS column_name, 'a {parent}' AS expected, c.{column}::text AS actual
        FROM {table} c
        WHERE c.{column} IS NOT NULL
          AND NOT EXISTS (SELECT FROM {parent} p WHERE p.{key} = c.{column} {in_town})
    """  # noqa: S608 - every name comes from the tables above


REFERENCES = Check(
    number="A12",
    title="Every row that refers to another row refers to one that exists",
    over=sorted({row[0] for row in (*_IN_TOWN, *_TO_TOWN, *_OF_NETTINGS)}),
    finds=" UNION ALL ".join(
        [
            *(_dangling(*reference, town=True) for reference in _IN_TOWN),
            *(_dangling(*table, "town_id", "town", "id", town=False) for table in _TO_TOWN),
            *(_dangling(*reference, "id", town=False) for reference in _OF_NETTINGS),
        ]
    ),
    says="A row of {table_name} refers by {column_name} to {expected} that does not exist.",
)

CHECKS = (REFERENCES,)
