"""Corruptions of the database's own guards: triggers, rights, constraints."""

from __future__ import annotations

from corruption import Corruption

from gutschein.auditor.checks.guards import APPEND_ONLY, CHANGEABLE

EVERY_TRIGGER = ", ".join(
    f"{table}.{trigger}"
    for table in APPEND_ONLY
    for trigger in ("append_only", "append_only_truncate")
)
EVERY_TABLE = ", ".join((*APPEND_ONLY, *CHANGEABLE))

CORRUPTIONS = (
    Corruption(
        "C153",
        "the trigger on transfers switched off",
        "ALTER TABLE transfer DISABLE TRIGGER append_only",
        {"A59": "transfer.append_only"},
    ),
    Corruption(
        "C154",
        "the trigger on statements dropped",
        "DROP TRIGGER append_only_truncate ON statement",
        {"A59": "statement.append_only_truncate"},
    ),
    Corruption(
        "C155",
        "the trigger's function made to let everything pass",
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RETURN NEW; END $$",
        {"A59": EVERY_TRIGGER},
    ),
    Corruption(
        "C156",
        "the service allowed to delete redemptions",
        "GRANT DELETE ON redemption TO gutschein_app",
        {"A60": "redemption"},
    ),
    Corruption(
        "C157",
        "the service allowed to change a voucher's cap",
        "GRANT UPDATE (cap_cents) ON voucher TO gutschein_app",
        {"A60": "voucher"},
    ),
    Corruption(
        "C158",
        "the service made a superuser",
        "ALTER ROLE gutschein_app SUPERUSER",
        {"A60": EVERY_TABLE, "A70": "gutschein_app"},
    ),
    Corruption(
        "C159",
        "the auditor allowed to write",
        "GRANT UPDATE ON statement TO gutschein_auditor",
        {"A61": "statement"},
    ),
    Corruption(
        "C160",
        "the auditor allowed to draw ordinals",
        "GRANT USAGE ON SEQUENCE transfer_ordinal_seq TO gutschein_auditor",
        {"A61": "transfer_ordinal_seq"},
    ),
    Corruption(
        "C161",
        "the constraint against overdrawn vouchers not validated",
        (
            "ALTER TABLE ledger_account DROP CONSTRAINT ck_ledger_account_never_below_zero",
            (
                "ALTER TABLE ledger_account ADD CONSTRAINT ck_ledger_account_never_below_zero "
                "CHECK (balance_cents >= held_cents) NOT VALID"
            ),
        ),
        {"A62": "ck_ledger_account_never_below_zero"},
    ),
    Corruption(
        "C162",
        "the constraint against overdrawn vouchers made to allow everything",
        (
            "ALTER TABLE ledger_account DROP CONSTRAINT ck_ledger_account_never_below_zero",
            (
                "ALTER TABLE ledger_account ADD CONSTRAINT ck_ledger_account_never_below_zero "
                "CHECK (true)"
            ),
        ),
        {"A62": "ck_ledger_account_never_below_zero"},
    ),
)
