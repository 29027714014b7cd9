"""Corruptions of statements and settlements."""

from __future__ import annotations

from bookkeeping import at
from corruption import Corruption
from envelopes import resealed
from scenario import Scenario

_STORY = Scenario()
_STRANGER = "DE89370400440532013000"
_RAD = _STORY.find("statement", _STORY.id("z2 rad"))

#: The account that the book shop moved to, as if it had done so before January was closed.
_EARLIER = at("2026-01-15 00:00")
_MOVED = [a for a in _STORY.rows["payout_account"] if a["merchant_id"] == _STORY.id("buch")][-1]
_BACKDATED = resealed(
    "payout_account",
    {**_MOVED, "valid_from": _EARLIER},
    iban=_MOVED["iban"],
    account_holder=_MOVED["account_holder"],
)

CORRUPTIONS = (
    Corruption(
        "C090",
        "an entry's amount altered",
        "UPDATE statement_entry SET amount_cents = 3100 WHERE entry_id = {x a1}",
        {"A34 amount": "x a1", "A37": "z1 buch", "A38": "z1 buch"},
    ),
    Corruption(
        "C091",
        "an entry moved to another merchant's statement",
        "UPDATE statement_entry SET statement_id = {z1 kino} WHERE entry_id = {x a1}",
        {"A34 merchant": "x a1", "A37": "z1 buch, z1 kino", "A38": "z1 buch, z1 kino"},
    ),
    Corruption(
        "C092",
        "an entry for a redemption that does not exist",
        "INSERT INTO statement_entry VALUES ({z}, {nowhere}, 'redemption', {z2 buch}, 900)",
        {"A34 unknown": "nowhere", "A37": "z2 buch"},
    ),
    Corruption(
        "C093",
        "a later redemption in an earlier statement",
        "INSERT INTO statement_entry VALUES ({z}, {x c3}, 'redemption', {z2 buch}, 300)",
        {"A34 late": "x c3", "A37": "z2 buch", "A38": "z2 buch", "A48": "z merchant_payable buch"},
    ),
    Corruption(
        "C094",
        "a redemption in two statements, the key dropped",
        (
            "ALTER TABLE statement_entry DROP CONSTRAINT pk_statement_entry",
            "INSERT INTO statement_entry VALUES ({z}, {x a1}, 'redemption', {z2 buch}, 3000)",
        ),
        {"A35": "x a1", "A37": "z2 buch", "A38": "z2 buch", "A62": "pk_statement_entry"},
    ),
    Corruption(
        "C095",
        "an entry deleted",
        "DELETE FROM statement_entry WHERE entry_id = {x a1}",
        {"A36": "x a1", "A37": "z1 buch", "A38": "z1 buch", "A48": "z merchant_payable buch"},
    ),
    Corruption(
        "C096",
        "a returned payout's entry deleted",
        "DELETE FROM statement_entry WHERE entry_id = {z1 kino returned}",
        {"A37": "z2 kino", "A48": "z merchant_payable kino"},
    ),
    Corruption(
        "C097",
        "a statement's redeemed amount raised with its payout",
        "UPDATE statement SET redeemed_cents = redeemed_cents + 500, payout_cents = "
        "payout_cents + 500 WHERE id = {z1 kino}",
        {
            "A37": "z1 kino",
            "A47 amount": "z1 kino",
            "A49 amount": "z1 kino",
            "A57": "z:merchant_payable, z:payout_in_transit",
        },
    ),
    Corruption(
        "C098",
        "a line's fee altered",
        "UPDATE statement_line SET fee_cents = fee_cents - 1 WHERE statement_id = {z1 "
        "kino} AND programme_id = {free z}",
        {"A38": "z1 kino", "A39": "z1 kino"},
    ),
    Corruption(
        "C099",
        "a line's VAT altered",
        "UPDATE statement_line SET vat_cents = vat_cents + 1 WHERE statement_id = {z1 cafe}",
        {"A38": "z1 cafe", "A39": "z1 cafe"},
    ),
    Corruption(
        "C100",
        "a line deleted",
        "DELETE FROM statement_line WHERE statement_id = {z1 buch} AND programme_id = {free s}",
        {"A38": "z1 buch", "A39": "z1 buch"},
    ),
    Corruption(
        "C101",
        "a line counted wrong",
        "UPDATE statement_line SET redemption_count = 9 WHERE statement_id = {z1 kino} AND "
        "programme_id = {free z}",
        {"A38": "z1 kino"},
    ),
    Corruption(
        "C102",
        "a statement's fee lowered in favour of the merchant",
        "UPDATE statement SET fee_cents = fee_cents - 100, payout_cents = payout_cents + "
        "100 WHERE id = {z1 buch}",
        {
            "A39": "z1 buch",
            "A47 amount": "z1 buch",
            "A49 amount": "z1 buch",
            "A57": "z:fee_income, z:payout_in_transit",
        },
    ),
    Corruption(
        "C103",
        "a statement that does not balance, the constraint dropped",
        (
            "ALTER TABLE statement DROP CONSTRAINT ck_statement_balances",
            "UPDATE statement SET carried_out_cents = carried_out_cents + 1 WHERE id = {z2 rad}",
        ),
        {"A40": "z2 rad", "A48": "z merchant_payable rad", "A62": "ck_statement_balances"},
    ),
    Corruption(
        "C104",
        "an amount carried in that nobody carried out",
        "UPDATE statement SET carried_in_cents = 100, carried_out_cents = "
        "carried_out_cents + 100 WHERE id = {s1 back}",
        {"A41": "s1 back", "A42": "s1 back"},
    ),
    Corruption(
        "C105",
        "a payout below the minimum",
        "UPDATE statement SET payout_cents = carried_out_cents, carried_out_cents = 0 "
        "WHERE id = {z2 rad}",
        {
            "A42": "z2 rad",
            "A47 amount": "z2 rad",
            "A48": "z merchant_payable rad",
            "A49 missing": "z2 rad",
            "A57": "z:merchant_payable, z:payout_in_transit",
        },
    ),
    Corruption(
        "C106",
        "a statement's number changed",
        "UPDATE statement SET number = '14521710-0001-0009' WHERE id = {z1 rad}",
        {"A43": "z1 rad"},
    ),
    Corruption(
        "C107",
        "a statement's account changed to another IBAN",
        f"UPDATE statement SET {resealed('statement', _RAD, iban=_STRANGER)} WHERE id = {{z2 rad}}",
        {"A44 iban": "z2 rad"},
    ),
    Corruption(
        "C108",
        "a payout account backdated over a closing",
        f"UPDATE payout_account SET valid_from = '{_EARLIER}', {_BACKDATED} "
        "WHERE merchant_id = {buch} AND valid_from = '2026-02-20 00:00+01'",
        {"A44 iban": "z1 buch"},
    ),
    Corruption(
        "C109",
        "a settlement's number skipped",
        "UPDATE settlement SET number = 3 WHERE id = {z2}",
        {"A43": "z2 buch, z2 cafe, z2 kino, z2 rad", "A45 number": "z2"},
    ),
    Corruption(
        "C110",
        "a gap between two periods, the constraint dropped",
        (
            "ALTER TABLE settlement DROP CONSTRAINT ck_settlement_follows",
            "UPDATE settlement SET period_from = '2026-02-02' WHERE id = {z2}",
        ),
        {"A45 period": "z2"},
    ),
    Corruption(
        "C111",
        "a settlement approved before it was closed",
        "UPDATE settlement SET approved_at = '2026-01-30 00:00+01' WHERE id = {z1}",
        {"A45 order": "z1"},
    ),
    Corruption(
        "C112",
        "a settlement set approved without its transfers",
        "UPDATE settlement SET state = 'approved', approved_at = '2026-03-02 00:00+01' "
        "WHERE id = {s1}",
        {
            "A47 amount": "s1 back",
            "A48": "s merchant_payable back",
            "A49 missing": "s1 back",
            "A57": "s:fee_income, s:merchant_payable, s:payout_in_transit, s:vat_payable",
        },
    ),
    Corruption(
        "C113",
        "an approved settlement set back to closed",
        "UPDATE settlement SET state = 'closed', approved_at = NULL WHERE id = {z2}",
        {
            "A47 amount": "z2 buch, z2 cafe, z2 kino, z2 rad",
            "A48": (
                "z merchant_payable buch, z merchant_payable cafe, z merchant_payable "
                "kino, z merchant_payable rad"
            ),
            "A49 unknown": "z2 buch, z2 kino",
            "A57": "z:fee_income, z:merchant_payable, z:payout_in_transit, z:vat_payable",
        },
    ),
    Corruption(
        "C114",
        "a settlement with another VAT rate",
        "UPDATE settlement SET vat_basis_points = 700 WHERE id = {s1}",
        {"A38": "s1 back", "A46": "s1"},
    ),
    Corruption(
        "C115",
        "a VAT rate changed afterwards",
        "UPDATE town_vat_rate SET basis_points = 700 WHERE town_id = {s} AND valid_from = "
        "'2021-01-01'",
        {"A46": "s1"},
    ),
    Corruption(
        "C116",
        "the transfer of a fee deleted",
        "DELETE FROM transfer WHERE id = {z1 buch fee}",
        {
            "A04": "z",
            "A05": "z merchant_payable buch",
            "A47 amount": "z1 buch",
            "A57": "z:fee_income",
        },
    ),
    Corruption(
        "C117",
        "a payout taken from another merchant's account",
        "UPDATE transfer SET debit_account_id = {z merchant_payable rad} WHERE id = {z2 "
        "buch payout}",
        {"A47 accounts": "z2 buch", "A48": "z merchant_payable buch, z merchant_payable rad"},
    ),
    Corruption(
        "C118",
        "a negative fee posted as an ordinary one",
        "UPDATE transfer SET debit_account_id = credit_account_id, credit_account_id = "
        "debit_account_id WHERE id = {z2 cafe fee}",
        {
            "A47 amount": "z2 cafe",
            "A48": "z merchant_payable cafe",
            "A57": "z:fee_income, z:merchant_payable",
        },
    ),
    Corruption(
        "C119",
        "fees moved for a statement that does not exist",
        "UPDATE transfer SET reference_id = {nowhere} WHERE id = {z1 kino fee}",
        {"A47 amount": "z1 kino", "A47 unknown": "nowhere"},
    ),
)
