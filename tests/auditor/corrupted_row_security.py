"""Corruptions of the walls between towns."""

from __future__ import annotations

from corruption import Corruption

CORRUPTIONS = (
    Corruption(
        "C197",
        "row-level security on vouchers switched off",
        "ALTER TABLE voucher DISABLE ROW LEVEL SECURITY",
        {"A68": "voucher"},
    ),
    Corruption(
        "C198",
        "row-level security no longer forced on the owner of the transfers",
        "ALTER TABLE transfer NO FORCE ROW LEVEL SECURITY",
        {"A68": "transfer"},
    ),
    Corruption(
        "C199",
        "the policy on merchants dropped",
        "DROP POLICY own_towns ON merchant",
        {"A68": "merchant"},
    ),
    Corruption(
        "C200",
        "a policy that shows everybody everything",
        "CREATE POLICY convenient ON payment USING (true)",
        {"A69": "payment.convenient"},
    ),
    Corruption(
        "C201",
        "the clearing's policy opened to every role",
        "ALTER POLICY clearing ON voucher TO PUBLIC",
        {"A69": "voucher.clearing"},
    ),
    Corruption(
        "C202",
        "the service allowed to pass by row-level security",
        "ALTER ROLE gutschein_clearing BYPASSRLS",
        {"A70": "gutschein_clearing"},
    ),
    Corruption(
        "C203",
        "the function that names the towns made to name all of them",
        "CREATE OR REPLACE FUNCTION own_towns() RETURNS uuid[] LANGUAGE sql STABLE AS "
        "'SELECT array_agg(id) FROM town'",
        {"A70": "own_towns"},
    ),
    Corruption(
        "C204",
        "the clearing allowed to change a voucher's state",
        "GRANT UPDATE (state) ON voucher TO gutschein_clearing",
        {"A60": "voucher"},
    ),
)
