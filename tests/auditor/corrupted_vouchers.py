"""Corruptions of payments, vouchers, and what has happened to them."""

from __future__ import annotations

from corruption import Corruption, posted_again

CORRUPTIONS = (
    Corruption(
        "C028",
        "a payment whose transfer was deleted",
        "DELETE FROM transfer WHERE id = {p gift in}",
        {"A01": "p gift", "A04": "z", "A13 unbooked": "p gift", "A57": "z:subsidy", "A58": "z"},
    ),
    Corruption(
        "C029",
        "a payment deleted",
        "DELETE FROM payment WHERE id = {p bank}",
        {
            "A06": "p bank",
            "A12": "b bank",
            "A13 unknown": "p bank in",
            "A57": "z:payment, z:trust_bank",
            "A58": "z",
        },
    ),
    Corruption(
        "C030",
        "a payment raised after it was booked",
        "UPDATE payment SET amount_cents = 25000 WHERE id = {p bank}",
        {"A13 amount": "p bank", "A57": "z:payment, z:trust_bank", "A58": "z"},
    ),
    Corruption(
        "C031",
        "a payment booked twice",
        posted_again("p s in"),
        {"A01": "p s", "A04": "s", "A13 twice": "p s", "A57": "s:trust_bank", "A58": "s"},
    ),
    Corruption(
        "C032",
        "cash booked as a bank transfer",
        "UPDATE payment SET method = 'bank_transfer', issuing_point_id = NULL WHERE id = {p cash}",
        {"A13 accounts": "p cash", "A57": "z:cash, z:trust_bank", "A75 cash": "desk"},
    ),
    Corruption(
        "C033",
        "a batch issued against a payment it exceeds",
        (
            "UPDATE payment SET amount_cents = 4000 WHERE id = {p card}",
            "UPDATE transfer SET amount_cents = 4000 WHERE id = {p card in}",
        ),
        {"A01": "p card", "A04": "z", "A14 beyond": "p card", "A57": "z:payment"},
    ),
    Corruption(
        "C034",
        "a batch claimed against another payment",
        "UPDATE voucher_batch SET payment_id = {p bank} WHERE id = {b card}",
        {"A14 other": "p card", "A14 beyond": "p bank", "A16 source": "v k"},
    ),
    Corruption(
        "C035",
        "vouchers the town gives issued against a citizen's payment",
        "UPDATE programme SET payer = 'town' WHERE id = {free m}",
        {"A14 method": "p m"},
    ),
    Corruption(
        "C036",
        "a voucher's account deleted",
        "DELETE FROM ledger_account WHERE id = {v j}",
        {"A04": "z", "A08": "v j in", "A15": "v j", "A16 source": "v j", "A57": "z:voucher"},
    ),
    Corruption(
        "C037",
        "a voucher nobody paid for, its balance put into the row",
        (
            (
                "INSERT INTO voucher SELECT town_id, {nowhere}, batch_id, NULL, programme_id, 14, "
                "kid, 'forged', sealed_code, face_value_cents, cap_cents, valid_until, state, "
                "issued_at FROM voucher WHERE id = {v k}"
            ),
            (
                "INSERT INTO ledger_account VALUES ({z}, {nowhere}, 'voucher', {nowhere}, true, "
                "6000, 0, now())"
            ),
            "UPDATE town_counter SET value = 14 WHERE town_id = {z}",
        ),
        {
            "A01": "nowhere",
            "A04": "z",
            "A16 missing": "nowhere",
            "A18": "b card",
            "A57": "z:payment",
        },
    ),
    Corruption(
        "C038",
        "a voucher's face value raised",
        "UPDATE voucher SET face_value_cents = 9000 WHERE id = {v c}",
        {"A16 amount": "v c", "A17 terms": "v c", "A57": "z:payment, z:voucher"},
    ),
    Corruption(
        "C039",
        "a voucher's value brought in a second time",
        (
            posted_again("v c in"),
            "UPDATE ledger_account SET balance_cents = balance_cents + 5000 WHERE id = {v c}",
            "UPDATE ledger_account SET balance_cents = 0 WHERE id = {p bank}",
        ),
        {"A14 other": "p bank", "A16 twice": "v c", "A57": "z:payment, z:voucher"},
    ),
    Corruption(
        "C040",
        "a voucher's value taken from another payment",
        (
            "UPDATE transfer SET debit_account_id = {p bank} WHERE id = {v i in}",
            "UPDATE ledger_account SET balance_cents = balance_cents - 1000 WHERE id = {p bank}",
            "UPDATE ledger_account SET balance_cents = balance_cents + 1000 WHERE id = {p gift}",
        ),
        {"A14 other": "p bank, p gift", "A16 source": "v i"},
    ),
    Corruption(
        "C041",
        "a voucher deleted",
        "DELETE FROM voucher WHERE id = {v j}",
        {
            "A06": "v j",
            "A16 unknown": "v j in",
            "A18": "b gift",
            "A19": "v k",
            "A57": "z:payment, z:voucher",
        },
    ),
    Corruption(
        "C042",
        "a programme's cap lowered below its vouchers",
        "UPDATE programme SET cap_cents = 4000, maximum_cents = 4000 WHERE id = {free m}",
        {"A17 batch": "b m", "A17 cap": "v m1"},
    ),
    Corruption(
        "C043",
        "a voucher's last day put off",
        "UPDATE voucher SET valid_until = '2035-12-31' WHERE id = {v c}",
        {"A17 terms": "v c"},
    ),
    Corruption(
        "C044",
        "a whole batch's last day put off",
        (
            "UPDATE voucher_batch SET valid_until = '2035-12-31' WHERE id = {b m}",
            "UPDATE voucher SET valid_until = '2035-12-31' WHERE batch_id = {b m}",
        ),
        {"A17 batch": "b m"},
    ),
    Corruption(
        "C045",
        "a batch said to be larger",
        "UPDATE voucher_batch SET voucher_count = 4 WHERE id = {b gift}",
        {"A14 beyond": "p gift", "A18": "b gift"},
    ),
    Corruption(
        "C046",
        "a voucher's serial changed",
        "UPDATE voucher SET serial = 20 WHERE id = {v n}",
        {"A19": "v n, z"},
    ),
    Corruption(
        "C047",
        "the counter of vouchers set back",
        "UPDATE town_counter SET value = 12 WHERE town_id = {z}",
        {"A19": "z"},
    ),
    Corruption(
        "C048",
        "a blocked voucher set active",
        "UPDATE voucher SET state = 'active' WHERE id = {v e}",
        {"A20 state": "v e"},
    ),
    Corruption(
        "C049",
        "the events of an expired voucher deleted",
        "DELETE FROM voucher_event WHERE voucher_id = {v old}",
        {"A20 state": "v old", "A25 alive": "v old out"},
    ),
    Corruption(
        "C050",
        "a replaced voucher blocked afterwards",
        (
            (
                "INSERT INTO voucher_event VALUES ({z}, {nowhere}, {v g}, 'blocked', 'so', "
                "'2026-02-20 10:00+01')"
            ),
            "UPDATE voucher SET state = 'blocked' WHERE id = {v g}",
        ),
        {"A20 risen": "v g", "A24": "v g"},
    ),
    Corruption(
        "C051",
        "money put back on an expired voucher's row",
        "UPDATE ledger_account SET balance_cents = 1500 WHERE id = {v old}",
        {"A01": "v old", "A04": "z", "A21": "v old", "A57": "z:voucher"},
    ),
    Corruption(
        "C052",
        "a redemption slipped behind the replacement of its voucher",
        (
            posted_again("x g1 in z"),
            "DELETE FROM transfer WHERE id = {x g1 in z}",
            "UPDATE transfer SET reverses_id = {nowhere} WHERE id = {y g1 in z}",
        ),
        {
            "A04": "z",
            "A05": "z merchant_payable buch",
            "A22": "x g1",
            "A30": "x g1",
            "A48": "z merchant_payable buch",
            "A57": "z:merchant_payable",
        },
    ),
    Corruption(
        "C053",
        "a voucher redeemed while it was blocked",
        "UPDATE voucher_event SET happened_at = '2026-02-18 10:00+01' WHERE id = {v f active}",
        {"A22": "x f1"},
    ),
    Corruption(
        "C054",
        "a voucher redeemed after its last day",
        (
            (
                "UPDATE voucher_batch SET valid_until = '2025-12-31', sold_on = '2022-01-05' WHERE "
                "id = {b s}"
            ),
            "UPDATE voucher SET valid_until = '2025-12-31' WHERE batch_id = {b s}",
        ),
        {"A23 late": "x s1, x s2"},
    ),
    Corruption(
        "C055",
        "a voucher expired before its last day",
        "UPDATE voucher_event SET happened_at = '2025-12-31 10:00+01' WHERE id = {v old expired}",
        {"A23 early": "v old expired"},
    ),
    Corruption(
        "C056",
        "a replaced voucher revived",
        (
            "UPDATE voucher SET state = 'active' WHERE id = {v g}",
            "DELETE FROM voucher_event WHERE voucher_id = {v g}",
        ),
        {"A24": "v g"},
    ),
    Corruption(
        "C057",
        "a replacement turned into a voucher of a batch",
        "UPDATE voucher SET replaces_id = NULL, batch_id = {b card} WHERE id = {v n}",
        {
            "A16 source": "v n",
            "A17 terms": "v n",
            "A18": "b card",
            "A24": "v g",
            "A31 voucher": "y g1",
            "A57": "z:payment, z:voucher",
        },
    ),
    Corruption(
        "C058",
        "an expiry for a voucher that lives",
        (
            "UPDATE voucher SET state = 'active' WHERE id = {v old}",
            "DELETE FROM voucher_event WHERE voucher_id = {v old}",
        ),
        {"A25 alive": "v old out"},
    ),
    Corruption(
        "C059",
        "a voucher lapsed twice",
        posted_again("v old out", amount_cents="1"),
        {"A01": "v old", "A04": "z", "A25 twice": "nowhere, v old out", "A57": "z:voucher"},
    ),
)
