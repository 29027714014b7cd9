"""Corruptions of bank statements, deposits, and what was paid out of them."""

from __future__ import annotations

from corruption import Corruption, posted_again

_ANY_SUM = "ALTER TABLE bank_statement DROP CONSTRAINT ck_bank_statement_sums"
_ANY_AMOUNT = (
    "ALTER TABLE deposit DROP CONSTRAINT fk_deposit_town_id_bank_entry_id_is_credit_amount_cents"
)
_OTHER_AMOUNT = "fk_deposit_town_id_bank_entry_id_is_credit_amount_cents"

CORRUPTIONS = (
    Corruption(
        "C246",
        "a bank statement said to close with more",
        (_ANY_SUM, "UPDATE bank_statement SET closing_cents = 9000 WHERE id = {f 1}"),
        {"A81 sums": "f 1"},
    ),
    Corruption(
        "C247",
        "money that went out taken off a bank statement",
        "DELETE FROM bank_entry WHERE id = {n 3}",
        {"A81 entries": "f 1"},
    ),
    Corruption(
        "C248",
        "a credit whose deposit was deleted",
        "DELETE FROM deposit WHERE id = {d 2}",
        {
            "A06": "d 2",
            "A12": "pr 2",
            "A57": "s:deposit, s:trust_bank",
            "A58": "s",
            "A82 missing": "n 2",
            "A83 unknown": "d 2 in",
        },
    ),
    Corruption(
        "C249",
        "a deposit by bank that is on no statement",
        (
            "ALTER TABLE deposit DROP CONSTRAINT ck_deposit_bank_entry",
            "UPDATE deposit SET bank_entry_id = NULL, is_credit = NULL WHERE id = {d 2}",
        ),
        {"A82 missing": "n 2", "A82 unknown": "d 2"},
    ),
    Corruption(
        "C250",
        "a deposit larger than what the bank credited",
        "UPDATE deposit SET amount_cents = 5000 WHERE id = {d 2}",
        {
            "A57": "s:deposit, s:trust_bank",
            "A58": "s",
            "A82 other": "n 2",
            "A83 other": "d 2",
        },
    ),
    Corruption(
        "C251",
        "a deposit dated on another day than the bank's",
        "UPDATE deposit SET received_on = '2026-03-01' WHERE id = {d 2}",
        {"A82 other": "n 2"},
    ),
    Corruption(
        "C252",
        "a deposit taken out of the books",
        (
            "DELETE FROM transfer WHERE id = {d 2 in}",
            "UPDATE ledger_account SET balance_cents = 0 WHERE id = {d 2}",
        ),
        {"A57": "s:deposit, s:trust_bank", "A58": "s", "A83 unbooked": "d 2"},
    ),
    Corruption(
        "C253",
        "a deposit booked twice",
        (
            posted_again("d 2 in"),
            "UPDATE ledger_account SET balance_cents = 8000 WHERE id = {d 2}",
        ),
        {"A57": "s:deposit, s:trust_bank", "A58": "s", "A83 twice": "d 2"},
    ),
    Corruption(
        "C254",
        "a deposit by provider booked as if it had come in by bank",
        "UPDATE transfer SET debit_account_id = {s trust_bank} WHERE id = {d prov in}",
        {"A57": "s:payment_provider, s:trust_bank", "A83 other": "d prov"},
    ),
    Corruption(
        "C255",
        "more of a deposit assigned than came in",
        "UPDATE deposit_assignment SET amount_cents = 4500 WHERE request_id = {pr 2}",
        {"A84 deposit": "d 2"},
    ),
    Corruption(
        "C256",
        "more assigned to a request than it asks for",
        "UPDATE payment_request SET amount_cents = 3000 WHERE id = {pr 2}",
        {"A84 request": "pr 2"},
    ),
    Corruption(
        "C257",
        "an order said to be paid that nobody has paid",
        "UPDATE payment_request SET state = 'paid', paid_at = asked_at WHERE id = {pr 2}",
        {"A85 unpaid": "pr 2", "A86 unbooked": "pr 2"},
    ),
    Corruption(
        "C258",
        "an order whose payment nobody was told of",
        "UPDATE payment_request SET state = 'open', paid_at = NULL WHERE id = {pr 1}",
        {"A85 early": "pr 1", "A86 unknown": "d 1 out"},
    ),
    Corruption(
        "C259",
        "an order made cheaper after it was paid for",
        "UPDATE payment_request SET amount_cents = 900 WHERE id = {pr 4}",
        {"A84 request": "pr 4", "A85 amount": "pr 4"},
    ),
    Corruption(
        "C260",
        "a payment out of deposits for nothing that was asked for",
        "DELETE FROM payment_request WHERE id = {pr 1}",
        {
            "A12": "d 1",
            "A85 unknown": "pr 1",
            "A86 unknown": "d 1 out",
            "A87": "s",
        },
    ),
    Corruption(
        "C261",
        "the assignment behind a payment deleted",
        "DELETE FROM deposit_assignment WHERE request_id = {pr 1}",
        {"A85 assigned": "pr 1", "A86 unknown": "d 1 out"},
    ),
    Corruption(
        "C262",
        "money of another deposit moved to a payment",
        (
            "UPDATE transfer SET debit_account_id = {d 2} WHERE id = {d 1 out}",
            "UPDATE ledger_account SET balance_cents = 1500 WHERE id = {d 2}",
            "UPDATE ledger_account SET balance_cents = 2500 WHERE id = {d 1}",
        ),
        {"A86 unknown": "d 1 out", "A86 unbooked": "pr 1"},
    ),
    Corruption(
        "C263",
        "money moved to a payment twice",
        (
            posted_again("d prov out", amount_cents="100"),
            "UPDATE ledger_account SET balance_cents = 100 WHERE id = {d prov}",
            "UPDATE ledger_account SET balance_cents = 1100 WHERE id = {pr 4}",
        ),
        {"A57": "s:deposit, s:payment", "A86 twice": "pr 4"},
    ),
    Corruption(
        "C264",
        "less moved to a payment than was assigned to it",
        (
            "UPDATE transfer SET amount_cents = 900 WHERE id = {d prov out}",
            "UPDATE ledger_account SET balance_cents = 300 WHERE id = {d prov}",
            "UPDATE ledger_account SET balance_cents = 900 WHERE id = {pr 4}",
        ),
        {"A57": "s:deposit, s:payment", "A86 amount": "pr 4"},
    ),
    Corruption(
        "C265",
        "an order deleted that was not paid yet",
        (
            "DELETE FROM deposit_assignment WHERE request_id = {pr 2}",
            "DELETE FROM payment_request WHERE id = {pr 2}",
        ),
        {"A87": "s"},
    ),
    Corruption(
        "C266",
        "the trigger switched off that lets nothing be paid without deposits",
        "ALTER TABLE payment DISABLE TRIGGER pay_request",
        {"A88": "payment.pay_request"},
    ),
    Corruption(
        "C267",
        "the trigger made to look at nothing that assigns within what there is",
        (
            "CREATE OR REPLACE FUNCTION assign_within() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RETURN NEW; END $$"
        ),
        {"A88": "deposit_assignment.assign_within"},
    ),
    Corruption(
        "C268",
        "deposits allowed that are of another amount than the bank's credit",
        _ANY_AMOUNT,
        {"A62": _OTHER_AMOUNT},
    ),
    Corruption(
        "C269",
        "who paid a deposit put into the row of another one",
        (
            "UPDATE deposit own SET sealed_payer_iban = other.sealed_payer_iban "
            "FROM deposit other WHERE own.id = {d 1} AND other.id = {d 2}"
        ),
        {"A67 deposit": "d 1"},
    ),
    Corruption(
        "C270",
        "what the bank said of money that went out altered",
        (
            "UPDATE bank_entry SET sealed_details = set_byte(sealed_details, 20, "
            "get_byte(sealed_details, 20) # 1) WHERE id = {n 3}"
        ),
        {"A67 bank_entry": "n 3"},
    ),
    Corruption(
        "C271",
        "a payment out of deposits booked as a transfer of its own",
        "UPDATE payment SET method = 'bank_transfer' WHERE id = {pr 1}",
        {
            "A13 unbooked": "pr 1",
            "A57": "s:deposit, s:trust_bank",
            "A58": "s",
            "A85 unpaid": "pr 1",
        },
    ),
    Corruption(
        "C272",
        "the service allowed to change what was asked for",
        "GRANT UPDATE (amount_cents) ON payment_request TO gutschein_app",
        {"A60": "payment_request"},
    ),
)
