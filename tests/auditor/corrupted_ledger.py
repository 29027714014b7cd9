"""Corruptions of the ledger: accounts, snapshots, holds, transfers, references."""

from __future__ import annotations

from corruption import Corruption

CORRUPTIONS = (
    Corruption(
        "C001",
        "a voucher's balance raised in its row",
        "UPDATE ledger_account SET balance_cents = balance_cents + 1000 WHERE id = {v b}",
        {"A01": "v b", "A04": "z", "A57": "z:voucher"},
    ),
    Corruption(
        "C002",
        "a voucher overdrawn, the constraint dropped",
        (
            "ALTER TABLE ledger_account DROP CONSTRAINT ck_ledger_account_never_below_zero",
            "UPDATE ledger_account SET balance_cents = -1 WHERE id = {v a}",
        ),
        {
            "A01": "v a",
            "A03 below": "v a",
            "A04": "z",
            "A57": "z:voucher",
            "A62": "ck_ledger_account_never_below_zero",
        },
    ),
    Corruption(
        "C003",
        "a held amount forgotten in the account's row",
        "UPDATE ledger_account SET held_cents = 0 WHERE id = {v k}",
        {"A02": "v k"},
    ),
    Corruption(
        "C004",
        "an open hold deleted",
        "DELETE FROM hold WHERE id = {h open}",
        {"A02": "v k", "A30": "x h part"},
    ),
    Corruption(
        "C005",
        "a voucher's account no longer guarded",
        (
            (
                "ALTER TABLE ledger_account DROP CONSTRAINT ck_ledger_account_never_below_zero, "
                "DROP CONSTRAINT ck_ledger_account_guarded_kind"
            ),
            "UPDATE ledger_account SET guarded = false WHERE id = {v j}",
        ),
        {
            "A03 unguarded": "v j",
            "A62": "ck_ledger_account_guarded_kind, ck_ledger_account_never_below_zero",
        },
    ),
    Corruption(
        "C006",
        "a busy account given a balance of its own",
        (
            "ALTER TABLE ledger_account DROP CONSTRAINT ck_ledger_account_never_below_zero",
            "UPDATE ledger_account SET balance_cents = 500 WHERE id = {z fee_income}",
        ),
        {"A03 busy": "z fee_income", "A62": "ck_ledger_account_never_below_zero"},
    ),
    Corruption(
        "C007",
        "the newest snapshot of the trust account lowered",
        "UPDATE balance_snapshot SET balance_cents = balance_cents - 2000 WHERE account_id "
        "= {z trust_bank} AND taken_at > '2026-02-20'",
        {"A04": "z", "A05": "z trust_bank", "A57": "z:trust_bank", "A58": "z"},
    ),
    Corruption(
        "C008",
        "an older snapshot altered",
        "UPDATE balance_snapshot SET balance_cents = balance_cents + 1 WHERE account_id = "
        "{z trust_bank} AND taken_at < '2026-02-20'",
        {"A05": "z trust_bank"},
    ),
    Corruption(
        "C009",
        "a snapshot of what a merchant is owed raised",
        "UPDATE balance_snapshot SET balance_cents = balance_cents + 700 WHERE account_id "
        "= {z merchant_payable buch}",
        {
            "A04": "z",
            "A05": "z merchant_payable buch",
            "A48": "z merchant_payable buch",
            "A57": "z:merchant_payable",
        },
    ),
    Corruption(
        "C010",
        "an account kept for an issuing point that does not exist",
        "INSERT INTO ledger_account VALUES ({z}, {nowhere}, 'cash', {nowhere}, false, "
        "NULL, 0, now())",
        {"A06": "nowhere"},
    ),
    Corruption(
        "C011",
        "a claim kept against a town that does not exist",
        "UPDATE ledger_account SET owner_id = {nowhere} WHERE id = {m clearing z}",
        {
            "A06": "m clearing z",
            "A27 other": "x n1, x n2",
            "A52": "m clearing z, z clearing m",
            "A54 mirror": "n1",
            "A55": "n2",
        },
    ),
    Corruption(
        "C012",
        "more posted from a hold than was held",
        "UPDATE hold SET amount_cents = 600 WHERE id = {h part}",
        {"A07 exceeded": "h part"},
    ),
    Corruption(
        "C013",
        "a hold's transfer exchanged for another one",
        "UPDATE hold_resolution SET transfer_id = {x c3 in z} WHERE hold_id = {h part}",
        {"A07 transfer": "h part"},
    ),
    Corruption(
        "C014",
        "a hold deleted after it was posted",
        "DELETE FROM hold WHERE id = {h part}",
        {"A07 unknown": "h part"},
    ),
    Corruption(
        "C015",
        "the release of a hold deleted",
        "DELETE FROM hold_resolution WHERE hold_id = {h free}",
        {"A02": "v k", "A30": "x h part"},
    ),
    Corruption(
        "C016",
        "a hold moved to an account that is not guarded",
        "UPDATE hold SET debit_account_id = {z trust_bank} WHERE id = {h free}",
        {"A07 account": "h free"},
    ),
    Corruption(
        "C017",
        "a transfer's amount raised",
        "UPDATE transfer SET amount_cents = 3100 WHERE id = {x a1 in z}",
        {"A01": "v a", "A05": "z merchant_payable buch", "A27 other": "x a1", "A30": "x a1, x a2"},
    ),
    Corruption(
        "C018",
        "a transfer credited to another town's account",
        "UPDATE transfer SET credit_account_id = {s merchant_payable back} WHERE id = {x c3 in z}",
        {
            "A04": "z",
            "A08": "x c3 in z",
            "A27 other": "x c3",
            "A48": "z merchant_payable buch",
            "A57": "z:merchant_payable",
        },
    ),
    Corruption(
        "C019",
        "a transfer turned negative, the constraint dropped",
        (
            "ALTER TABLE transfer DROP CONSTRAINT ck_transfer_amount",
            "UPDATE transfer SET amount_cents = -300 WHERE id = {x c3 in z}",
        ),
        {
            "A01": "v c",
            "A04": "z",
            "A09 amount": "x c3 in z",
            "A27 other": "x c3",
            "A30": "x c3",
            "A48": "z merchant_payable buch",
            "A57": "z:merchant_payable",
            "A62": "ck_transfer_amount",
        },
    ),
    Corruption(
        "C020",
        "a transfer from an account to itself, the constraint dropped",
        (
            "ALTER TABLE transfer DROP CONSTRAINT ck_transfer_two_accounts",
            (
                "INSERT INTO transfer OVERRIDING SYSTEM VALUE SELECT town_id, {nowhere}, 900, "
                "debit_account_id, debit_account_id, 100, 'netting', {n1}, NULL, NULL, booked_at, "
                "booked_on FROM transfer WHERE id = {n1 in z}"
            ),
        ),
        {"A09 same": "nowhere", "A62": "ck_transfer_two_accounts"},
    ),
    Corruption(
        "C021",
        "a transfer booked on another day, the constraint dropped",
        (
            "ALTER TABLE transfer DROP CONSTRAINT ck_transfer_day",
            "UPDATE transfer SET booked_on = booked_on - 1 WHERE id = {x a1 in z}",
        ),
        {"A10": "x a1 in z", "A62": "ck_transfer_day"},
    ),
    Corruption(
        "C022",
        ("money moved from the trust account to a merchant under an event of its own"),
        "INSERT INTO transfer OVERRIDING SYSTEM VALUE VALUES ({z}, {nowhere}, 900, {z "
        "trust_bank}, {z merchant_payable rad}, 8000, 'bonus', {rad}, NULL, NULL, "
        "'2026-03-15 12:00+01', '2026-03-15')",
        {
            "A11": "nowhere",
            "A48": "z merchant_payable rad",
            "A57": "z:merchant_payable, z:trust_bank",
            "A58": "z",
        },
    ),
    Corruption(
        "C023",
        "a fee posted to the lapsed vouchers",
        "UPDATE transfer SET credit_account_id = {z lapsed} WHERE id = {z1 kino fee}",
        {"A11": "z1 kino fee", "A57": "z:fee_income, z:lapsed"},
    ),
    Corruption(
        "C024",
        "a transfer deleted",
        "DELETE FROM transfer WHERE id = {x c3 in z}",
        {
            "A01": "v c",
            "A04": "z",
            "A27 missing": "x c3",
            "A48": "z merchant_payable buch",
            "A57": "z:merchant_payable",
        },
    ),
    Corruption(
        "C025",
        "a branch deleted",
        "DELETE FROM branch WHERE id = {rad branch}",
        {"A12": "x d1, x f1", "A26 branch": "x d1, x f1", "A31 merchant": "y d1"},
    ),
    Corruption(
        "C026",
        "a voucher signed by a key that does not exist",
        "UPDATE voucher SET kid = 'gone' WHERE id = {v j}",
        {"A12": "v j"},
    ),
    Corruption(
        "C027",
        "a region's town deleted from a netting's view",
        "UPDATE netting_payment SET netting_id = {nowhere} WHERE id = {n2 zm}",
        {"A12": "n2 zm", "A53 payments": "n2", "A55": "n2"},
    ),
)
