"""The database's own guards: that they are there, are on, and nobody holds a right past them."""

from __future__ import annotations

from gutschein.auditor.check import Check

#: Tables whose rows are never changed or deleted.
APPEND_ONLY = (
    "transfer",
    "balance_snapshot",
    "hold",
    "hold_resolution",
    "payout_account",
    "payment",
    "voucher_batch",
    "voucher_event",
    "redemption",
    "reversal",
    "statement",
    "statement_line",
    "statement_entry",
    "payout",
    "payout_event",
    "payout_file",
    "netting",
    "netting_position",
    "log_entry",
    "history_block",
    "stock_order",
    "activation_code",
    "stock_range",
    "counter_sale",
    "cash_closing",
    "offline_terms",
    "claim_resolution",
    "bank_statement",
    "bank_entry",
    "deposit",
    "deposit_assignment",
    "storefront_text",
    "withdrawal",
    "withdrawal_resolution",
)

#: Tables of which the service may change these columns only, and delete nothing.
CHANGEABLE = {
    "ledger_account": "balance_cents, held_cents",
    "voucher": "batch_id, face_value_cents, issued_at, kid, state, status_tag, valid_until",
    "settlement": "approved_at, state",
    "netting_payment": "",
    "programme": "",
    "payment_request": "closed_at, paid_at, state",
    "claim": "bearer, decided_at, outcome, reason, reason_params, tried_at",
}

#: The same of all roles that the service takes. A lock on a row wants the right to change
#: some column of it.
CHANGEABLE_BY: dict[str, dict[str, str]] = {
    "gutschein_app": CHANGEABLE,
    "gutschein_clearing": {"ledger_account": "balance_cents, held_cents"},
    "gutschein_operator": {
        "ledger_account": "balance_cents, held_cents",
        "netting_payment": "paid_at",
    },
    "gutschein_identity": {},
    "gutschein_jobs": {},
    "gutschein_public": {},
}
_TABLES = (*APPEND_ONLY, *CHANGEABLE)

#: Constraints and unique indexes that hold the books together, with words that their definitions
#: must have.
CONSTRAINTS = {
    "ledger_account": {
        "pk_ledger_account": "(town_id, id)",
        "ck_ledger_account_guarded_kind": "'voucher'",
        "ck_ledger_account_never_below_zero": "balance_cents >= held_cents",
        "uq_ledger_account_town_id_kind_owner_id": "NULLS NOT DISTINCT",
    },
    "transfer": {
        "pk_transfer": "(town_id, id)",
        "ck_transfer_amount": "amount_cents >= 1",
        "ck_transfer_two_accounts": "debit_account_id <> credit_account_id",
        "ck_transfer_day": "Europe/Berlin",
        "fk_transfer_town_id_debit_account_id": "REFERENCES ledger_account(town_id, id)",
        "fk_transfer_town_id_credit_account_id": "REFERENCES ledger_account(town_id, id)",
        "uq_transfer_town_id_reverses_id": "(town_id, reverses_id) WHERE (reverses_id IS NOT NULL)",
    },
    "hold_resolution": {"pk_hold_resolution": "(town_id, hold_id)"},
    "voucher": {
        "uq_voucher_town_id_code_hash": "(town_id, code_hash)",
        "uq_voucher_town_id_replaces_id": "(town_id, replaces_id) WHERE (replaces_id IS NOT NULL)",
        "ck_voucher_cap": "face_value_cents <= cap_cents",
        "ck_voucher_origin": "num_nonnulls(batch_id, replaces_id)",
    },
    "counter_sale": {
        "uq_counter_sale_town_id_voucher_id": "(town_id, voucher_id)",
        "uq_counter_sale_town_id_issuing_point_id_receipt_number": "receipt_number)",
    },
    "cash_closing": {
        "uq_cash_closing_town_id_issuing_point_id_number": "number)",
        "ck_cash_closing_reason": "reason IS NOT NULL",
    },
    "bank_entry": {
        "uq_bank_entry_town_id_entry_key_occurrence": "(town_id, entry_key, occurrence)",
    },
    "deposit": {
        "uq_deposit_town_id_channel_external_id": "(town_id, channel, external_id)",
        "uq_deposit_town_id_bank_entry_id": "(town_id, bank_entry_id)",
        "fk_deposit_town_id_bank_entry_id_is_credit_amount_cents": "REFERENCES bank_entry(",
    },
    "payment_request": {"uq_payment_request_town_id_reference": "(town_id, reference)"},
    "redemption": {"pk_redemption": "(town_id, id)"},
    "reversal": {"uq_reversal_town_id_redemption_id": "(town_id, redemption_id)"},
    "settlement": {"uq_settlement_town_id_follows": "NULLS NOT DISTINCT"},
    "statement": {"ck_statement_balances": "payout_cents + carried_out_cents"},
    "statement_entry": {"pk_statement_entry": "(town_id, entry_id)"},
    "payout": {"pk_payout": "(town_id, statement_id)"},
}

TRIGGERS = Check(
    number="A59",
    title="The triggers that refuse every change of posted rows are there and on",
    over=2 * len(APPEND_ONLY),
    # pg_trigger.tgtype: 1 row, 2 before, 8 delete, 16 update, 32 truncate
    finds="""
        SELECT NULL::uuid AS town_id, tables.name || '.' || guard.name AS row_id,
               'on' AS expected,
               CASE WHEN t.oid IS NULL THEN 'missing'
                    WHEN t.tgenabled NOT IN ('O', 'A') THEN 'off' ELSE 'altered' END AS actual
        FROM unnest(CAST(:tables AS text[])) AS tables(name)
        CROSS JOIN (VALUES ('append_only', 27), ('append_only_truncate', 34)) AS guard(name, type)
        LEFT JOIN pg_trigger t ON t.tgrelid = to_regclass('public.' || tables.name)
            AND t.tgname = guard.name AND NOT t.tgisinternal
        LEFT JOIN pg_proc p ON p.oid = t.tgfoid
        WHERE t.oid IS NULL OR t.tgenabled NOT IN ('O', 'A') OR t.tgtype <> guard.type
           OR t.tgqual IS NOT NULL OR t.tgattr::text <> ''
           OR p.prosrc !~ 'RAISE EXCEPTION' OR p.prosrc ~* '\\mRETURN\\M'
    """,
    params={"tables": list(APPEND_ONLY)},
    says="The trigger {row_id} is {actual}: posted rows can be changed.",
)

SERVICE_RIGHTS = Check(
    number="A60",
    title="The service's roles may not change or delete what is posted",
    over=len(APPEND_ONLY) + len(CHANGEABLE),
    finds="""
        SELECT NULL::uuid AS town_id, name AS row_id, expected,
               concat_ws(', ', others, nullif(columns, '')) AS actual
        FROM (
            SELECT tables.name, tables.columns AS expected,
                   (SELECT string_agg(privilege, ', ' ORDER BY privilege)
                    FROM unnest(ARRAY['DELETE', 'TRIGGER', 'TRUNCATE']) AS privilege
                    WHERE has_table_privilege(tables.role, c.oid, privilege)) AS others,
                   (SELECT coalesce(string_agg(a.attname, ', ' ORDER BY a.attname), '')
                    FROM pg_attribute a
                    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                      AND has_column_privilege(tables.role, c.oid, a.attnum, 'UPDATE')
                   ) AS columns
            FROM unnest(CAST(:roles AS text[]), CAST(:tables AS text[]), CAST(:columns AS text[]))
                 AS tables(role, name, columns)
            JOIN pg_class c ON c.oid = to_regclass('public.' || tables.name)
        ) held
        WHERE others IS NOT NULL OR columns <> expected
    """,
    params={
        "roles": [role for role in CHANGEABLE_BY for _ in _TABLES],
        "tables": [table for _ in CHANGEABLE_BY for table in _TABLES],
        "columns": [
            changeable.get(table, "") for changeable in CHANGEABLE_BY.values() for table in _TABLES
        ],
    },
    says="On {row_id} the service may change or delete more than it should: {actual}.",
)

AUDITOR_RIGHTS = Check(
    number="A61",
    title="The auditor's role may not write anything",
    over=("pg_class",),
    finds="""
        SELECT NULL::uuid AS town_id, c.relname AS row_id, 'no right to write' AS expected,
               string_agg(privilege, ', ' ORDER BY privilege) AS actual
        FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
        CROSS JOIN unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) AS privilege
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
          AND (has_table_privilege('gutschein_auditor', c.oid, privilege)
               OR (privilege IN ('INSERT', 'UPDATE')
                   AND has_any_column_privilege('gutschein_auditor', c.oid, privilege)))
        GROUP BY c.relname
        UNION ALL
        SELECT NULL, c.relname, 'no right to write', 'USAGE'
        FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
        WHERE c.relkind = 'S' AND (has_sequence_privilege('gutschein_auditor', c.oid, 'USAGE')
                                   OR has_sequence_privilege('gutschein_auditor', c.oid, 'UPDATE'))
    """,
    says="The auditor may write to {row_id} ({actual}), so its word is worth less.",
)

CONSTRAINT_CHECK = Check(
    number="A62",
    title="The constraints that hold the books together are there, and hold for every row",
    over=sum(map(len, CONSTRAINTS.values())),
    finds="""
        SELECT NULL::uuid AS town_id, wanted.name AS row_id, wanted.words AS expected,
               CASE WHEN d.words IS NULL THEN 'missing' WHEN NOT c.convalidated THEN 'not validated'
                    ELSE d.words END AS actual
        FROM unnest(CAST(:tables AS text[]), CAST(:names AS text[]), CAST(:words AS text[]))
             AS wanted(table_name, name, words)
        LEFT JOIN pg_constraint c ON c.conname = wanted.name
            AND c.conrelid = to_regclass('public.' || wanted.table_name)
        LEFT JOIN pg_index i ON i.indisunique
            AND i.indrelid = to_regclass('public.' || wanted.table_name)
            AND i.indexrelid = to_regclass('public.' || wanted.name)
        CROSS JOIN LATERAL (
            SELECT coalesce(pg_get_constraintdef(c.oid), pg_get_indexdef(i.indexrelid)) AS words
        ) d
        WHERE d.words IS NULL OR NOT c.convalidated OR NOT i.indisvalid
           OR strpos(d.words, wanted.words) = 0
    """,
    params={
        "tables": [table for table, wanted in CONSTRAINTS.items() for _ in wanted],
        "names": [name for wanted in CONSTRAINTS.values() for name in wanted],
        "words": [words for wanted in CONSTRAINTS.values() for words in wanted.values()],
    },
    says="The constraint {row_id} does not hold: {actual}.",
)

CHECKS = (TRIGGERS, SERVICE_RIGHTS, AUDITOR_RIGHTS, CONSTRAINT_CHECK)
