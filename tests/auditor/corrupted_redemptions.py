"""Corruptions of redemptions and reversals."""

from __future__ import annotations

from corruption import Corruption, posted_again

CORRUPTIONS = (
    Corruption(
        "C060",
        "a redemption's amount lowered in its row",
        "UPDATE redemption SET amount_cents = 200 WHERE id = {x c3}",
        {
            "A27 other": "x c3",
            "A48": "z merchant_payable buch",
            "A57": "z:merchant_payable, z:voucher",
        },
    ),
    Corruption(
        "C061",
        "a redemption deleted, its transfer kept",
        "DELETE FROM redemption WHERE id = {x c3}",
        {
            "A28": "x c3 in z",
            "A48": "z merchant_payable buch",
            "A57": "z:merchant_payable, z:voucher",
        },
    ),
    Corruption(
        "C062",
        "a redemption written for a voucher that does not exist",
        "UPDATE redemption SET voucher_id = {nowhere} WHERE id = {x c3}",
        {"A26 voucher": "x c3", "A27 other": "x c3"},
    ),
    Corruption(
        "C063",
        "a redemption given to another merchant",
        "UPDATE redemption SET merchant_id = {rad}, branch_id = {rad branch} WHERE id = {x c3}",
        {"A27 other": "x c3", "A48": "z merchant_payable buch, z merchant_payable rad"},
    ),
    Corruption(
        "C064",
        "a redemption in another merchant's branch",
        "UPDATE redemption SET branch_id = {rad branch} WHERE id = {x c3}",
        {"A26 branch": "x c3"},
    ),
    Corruption(
        "C065",
        "a redemption in a branch that was closed",
        "UPDATE branch SET closed_at = '2026-03-09 00:00+01' WHERE id = {markt branch}",
        {"A26 closed": "x n2"},
    ),
    Corruption(
        "C066",
        "a redemption dated to the day before",
        "UPDATE redemption SET redeemed_on = '2026-03-12' WHERE id = {x c3}",
        {"A26 day": "x c3"},
    ),
    Corruption(
        "C067",
        "a redemption's fee lowered",
        "UPDATE redemption SET fee_basis_points = 0 WHERE id = {x c3}",
        {"A26 programme": "x c3"},
    ),
    Corruption(
        "C068",
        "a part redeemed of a voucher that is only good as a whole",
        "UPDATE programme SET partial_redemption = false WHERE id = {free m}",
        {"A26 whole": "x m1"},
    ),
    Corruption(
        "C069",
        "the issuing town's half of a partner redemption deleted",
        "DELETE FROM transfer WHERE id = {x n2 in z}",
        {
            "A01": "v n",
            "A04": "z",
            "A27 missing": "x n2",
            "A52": "m clearing z, z clearing m",
            "A55": "n2",
            "A57": "z:clearing",
        },
    ),
    Corruption(
        "C070",
        "the shop's town's half of a partner redemption deleted",
        "DELETE FROM transfer WHERE id = {x n2 in m}",
        {
            "A27 missing": "x n2",
            "A48": "m merchant_payable markt",
            "A52": "m clearing z, z clearing m",
            "A55": "n2",
            "A57": "m:clearing, m:merchant_payable",
        },
    ),
    Corruption(
        "C071",
        "the link of a partner redemption cut",
        "UPDATE transfer SET link_id = NULL WHERE id = {x n2 in m}",
        {"A27 other": "x n2"},
    ),
    Corruption(
        "C072",
        "a redemption booked twice",
        (
            posted_again("x c3 in z"),
            "UPDATE ledger_account SET balance_cents = balance_cents - 300 WHERE id = {v c}",
        ),
        {
            "A27 twice": "x c3",
            "A30": "x c3",
            "A48": "z merchant_payable buch",
            "A57": "z:merchant_payable, z:voucher",
        },
    ),
    Corruption(
        "C073",
        "a redemption booked from another voucher",
        (
            "UPDATE transfer SET debit_account_id = {v f} WHERE id = {x c3 in z}",
            "UPDATE ledger_account SET balance_cents = balance_cents + 300 WHERE id = {v c}",
            "UPDATE ledger_account SET balance_cents = balance_cents - 300 WHERE id = {v f}",
        ),
        {"A27 other": "x c3", "A30": "x c3"},
    ),
    Corruption(
        "C074",
        "an agreement between towns deleted",
        "DELETE FROM acceptance WHERE town_id = {z} AND accepting_town_id = {m}",
        {"A29": "x n1, x n2"},
    ),
    Corruption(
        "C075",
        "an agreement ended before a redemption",
        "UPDATE acceptance SET valid_until = '2026-02-28' WHERE town_id = {z} AND "
        "accepting_town_id = {m}",
        {"A29": "x n2"},
    ),
    Corruption(
        "C076",
        "the balance a redemption left altered",
        "UPDATE redemption SET balance_after_cents = 0 WHERE id = {x a1}",
        {"A30": "x a1"},
    ),
    Corruption(
        "C077",
        "the balance a reversal left altered",
        "UPDATE reversal SET balance_after_cents = 0 WHERE id = {y b2}",
        {"A30": "y b2"},
    ),
    Corruption(
        "C078",
        "a reversal by another merchant",
        "UPDATE reversal SET merchant_id = {buch}, branch_id = {buch branch} WHERE id = {y c2}",
        {"A31 merchant": "y c2", "A34 merchant": "y c2"},
    ),
    Corruption(
        "C079",
        "a reversal on the next day",
        "UPDATE reversal SET reversed_at = reversed_at + interval '1 day', reversed_on = "
        "reversed_on + 1 WHERE id = {y b2}",
        {"A31 day": "y b2", "A32 time": "y b2"},
    ),
    Corruption(
        "C080",
        "a reversal of less than the redemption",
        "UPDATE reversal SET amount_cents = 400 WHERE id = {y b2}",
        {
            "A31 amount": "y b2",
            "A32 other": "y b2",
            "A34 amount": "y b2",
            "A57": "z:merchant_payable, z:voucher",
        },
    ),
    Corruption(
        "C081",
        "a reversal credited to another voucher",
        "UPDATE reversal SET credited_voucher_id = {v d} WHERE id = {y c2}",
        {"A31 voucher": "y c2", "A32 other": "y c2"},
    ),
    Corruption(
        "C082",
        "a reversal credited to the replaced voucher",
        "UPDATE reversal SET credited_voucher_id = {v g} WHERE id = {y g1}",
        {"A31 voucher": "y g1", "A32 other": "y g1"},
    ),
    Corruption(
        "C083",
        "a redemption reversed twice, the constraint dropped",
        (
            "ALTER TABLE reversal DROP CONSTRAINT uq_reversal_town_id_redemption_id",
            (
                "INSERT INTO reversal SELECT town_id, {nowhere}, redemption_id, merchant_id, "
                "branch_id, credited_voucher_id, amount_cents, balance_after_cents, reversed_at, "
                "reversed_on FROM reversal WHERE id = {y d1}"
            ),
        ),
        {
            "A31 twice": "nowhere, y d1",
            "A32 missing": "nowhere",
            "A48": "z merchant_payable rad",
            "A57": "z:merchant_payable, z:voucher",
            "A62": "uq_reversal_town_id_redemption_id",
        },
    ),
    Corruption(
        "C084",
        "a reversal deleted, its transfers kept",
        "DELETE FROM reversal WHERE id = {y c2}",
        {
            "A33": "y c2 in s, y c2 in z",
            "A34 unknown": "y c2",
            "A38": "s1 back",
            "A57": "s:clearing, s:merchant_payable, z:clearing, z:voucher",
        },
    ),
    Corruption(
        "C085",
        "a reversal's transfer deleted",
        "DELETE FROM transfer WHERE id = {y d1 in z}",
        {
            "A01": "v d",
            "A04": "z",
            "A30": "x d2",
            "A32 missing": "y d1",
            "A48": "z merchant_payable rad",
            "A57": "z:merchant_payable",
        },
    ),
    Corruption(
        "C086",
        "a reversal's transfer that reverses another redemption",
        "UPDATE transfer SET reverses_id = {x a1 in z} WHERE id = {y d1 in z}",
        {"A32 other": "y d1"},
    ),
    Corruption(
        "C087",
        "a reversal booked twice",
        posted_again("y d1 in z", reverses_id="NULL"),
        {
            "A01": "v d",
            "A04": "z",
            "A30": "y d1",
            "A32 twice": "y d1",
            "A48": "z merchant_payable rad",
            "A57": "z:merchant_payable",
        },
    ),
    Corruption(
        "C088",
        "a redemption dated back into the month before",
        "UPDATE redemption SET redeemed_at = '2026-02-27 10:00+01', redeemed_on = "
        "'2026-02-27' WHERE id = {x c3}",
        {"A27 time": "x c3"},
    ),
    Corruption(
        "C089",
        "a reversal dated to an hour later",
        "UPDATE reversal SET reversed_at = reversed_at + interval '1 hour' WHERE id = {y c2}",
        {"A32 time": "y c2"},
    ),
)
