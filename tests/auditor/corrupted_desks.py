"""Corruptions of what issuing points have in stock, sell and count."""

from __future__ import annotations

from corruption import Corruption, posted_again

_NO_ORIGIN = "ALTER TABLE voucher DROP CONSTRAINT ck_voucher_origin"
_ANY_SUM = "ALTER TABLE cash_closing DROP CONSTRAINT ck_cash_closing_expected"

CORRUPTIONS = (
    Corruption(
        "C222",
        "a voucher in stock made good by hand",
        (_NO_ORIGIN, "UPDATE voucher SET state = 'active' WHERE id = {v t4}"),
        {"A20 state": "v t4", "A62": "ck_voucher_origin"},
    ),
    Corruption(
        "C223",
        "money of a payment put on a voucher in stock",
        (
            "UPDATE transfer SET credit_account_id = {v t4} WHERE id = {v t2 in}",
            "UPDATE ledger_account SET balance_cents = 2500 WHERE id = {v t4}",
            "UPDATE ledger_account SET balance_cents = 0 WHERE id = {v t2}",
        ),
        {"A16 source": "v t2", "A71 money": "v t4"},
    ),
    Corruption(
        "C224",
        "the value of a voucher in stock raised",
        "UPDATE voucher SET face_value_cents = 9000 WHERE id = {v t4}",
        {"A71 terms": "v t4"},
    ),
    Corruption(
        "C225",
        "a voucher that is of no batch and of no order",
        (_NO_ORIGIN, "UPDATE voucher SET stock_order_id = NULL WHERE id = {v t4}"),
        {"A62": "ck_voucher_origin", "A71 order": "v t4", "A71 count": "o m"},
    ),
    Corruption(
        "C226",
        "an order for stock said to be larger",
        "UPDATE stock_order SET voucher_count = 5 WHERE id = {o m}",
        {"A71 count": "o m"},
    ),
    Corruption(
        "C227",
        "an order for stock deleted",
        "DELETE FROM stock_order WHERE id = {o m}",
        {"A12": "v t1, v t2, v t3, v t4", "A71 order": "v t3, v t4"},
    ),
    Corruption(
        "C228",
        "a voucher sold from stock after its last day of sale",
        "UPDATE stock_order SET sell_until = '2026-03-22' WHERE id = {o m}",
        {"A71 sold": "v t1, v t2"},
    ),
    Corruption(
        "C229",
        "a sale deleted",
        "DELETE FROM counter_sale WHERE id = {k 2}",
        {"A72 unsold": "v t2", "A73 number": "k 3"},
    ),
    Corruption(
        "C230",
        "a sale claimed by another desk",
        "UPDATE counter_sale SET issuing_point_id = {m kiosk} WHERE id = {k 3}",
        {"A72 payment": "k 3", "A73 number": "k 3"},
    ),
    Corruption(
        "C231",
        "a receipt for a payment by card that never came over the desk",
        "UPDATE payment SET method = 'provider', issuing_point_id = NULL WHERE id = {k 2}",
        {"A72 payment": "k 2", "A74 taken": "m desk"},
    ),
    Corruption(
        "C232",
        "a receipt that names another voucher",
        "UPDATE counter_sale SET voucher_id = {v t4} WHERE id = {k 2}",
        {"A72 voucher": "k 2", "A72 unsold": "v t2"},
    ),
    Corruption(
        "C233",
        "a receipt dated on another day",
        (
            "ALTER TABLE counter_sale DROP CONSTRAINT ck_counter_sale_day",
            "UPDATE counter_sale SET sold_on = '2026-03-22' WHERE id = {k 1}",
        ),
        {"A73 day": "k 1"},
    ),
    Corruption(
        "C234",
        "a cash closing deleted",
        "DELETE FROM cash_closing WHERE id = {e 1}",
        {
            "A57": "m:cash, m:trust_bank",
            "A74 chain": "e 2",
            "A75 unknown": "e 1 out",
            "A75 cash": "m desk",
        },
    ),
    Corruption(
        "C235",
        "cash left out between two closings",
        (_ANY_SUM, "UPDATE cash_closing SET carried_in_cents = 1000 WHERE id = {e 2}"),
        {"A74 carried": "e 2"},
    ),
    Corruption(
        "C236",
        "a closing that expects less than it names",
        (
            _ANY_SUM,
            "UPDATE cash_closing SET expected_cents = 6450 WHERE id = {e 1}",
            "UPDATE cash_closing SET carried_in_cents = 1450, expected_cents = 1450 "
            "WHERE id = {e 2}",
        ),
        {"A74 sum": "e 1"},
    ),
    Corruption(
        "C237",
        "a difference whose reason was deleted",
        (
            "ALTER TABLE cash_closing DROP CONSTRAINT ck_cash_closing_reason",
            "UPDATE cash_closing SET reason = NULL WHERE id = {e 2}",
        ),
        {"A62": "ck_cash_closing_reason", "A74 reason": "e 2"},
    ),
    Corruption(
        "C238",
        "less said to be taken to the bank than was",
        (
            "UPDATE cash_closing SET banked_cents = 4000 WHERE id = {e 1}",
            "UPDATE cash_closing SET carried_in_cents = 2500, expected_cents = 2500 "
            "WHERE id = {e 2}",
        ),
        {"A57": "m:cash, m:trust_bank", "A75 other": "e 1", "A75 cash": "m desk"},
    ),
    Corruption(
        "C239",
        "more said to be taken to the bank than was counted",
        (
            "ALTER TABLE cash_closing DROP CONSTRAINT ck_cash_closing_banked",
            "UPDATE cash_closing SET counted_cents = 4000 WHERE id = {e 1}",
        ),
        {"A74 banked": "e 1"},
    ),
    Corruption(
        "C240",
        "money for the bank that never left the cash",
        "DELETE FROM transfer WHERE id = {e 1 out}",
        {"A57": "m:cash, m:trust_bank", "A75 unbooked": "e 1", "A75 cash": "m desk"},
    ),
    Corruption(
        "C241",
        "money for the bank booked twice",
        posted_again("e 1 out"),
        {"A57": "m:cash, m:trust_bank", "A75 twice": "e 1", "A75 cash": "m desk"},
    ),
    Corruption(
        "C242",
        "cash of one desk booked to another",
        (
            "INSERT INTO transfer OVERRIDING SYSTEM VALUE SELECT town_id, {nowhere}, 900, "
            "{m cash m kiosk}, credit_account_id, 100, event, {nowhere}, link_id, reverses_id, "
            "booked_at, booked_on FROM transfer WHERE id = {e 1 out}"
        ),
        {"A11": "nowhere", "A75 unknown": "nowhere", "A75 cash": "m desk, m kiosk"},
    ),
    Corruption(
        "C243",
        "the trigger switched off that lets a voucher leave the stock only against money",
        "ALTER TABLE voucher DISABLE TRIGGER sell_once",
        {"A76": "voucher.sell_once"},
    ),
    Corruption(
        "C244",
        "that trigger made to look at nothing",
        (
            "CREATE OR REPLACE FUNCTION sell_once() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RETURN NEW; END $$"
        ),
        {"A76": "voucher.sell_once"},
    ),
    Corruption(
        "C245",
        "a payment by card turned into cash that nobody has",
        "UPDATE payment SET method = 'cash' WHERE id = {k 2}",
        {
            "A13 accounts": "k 2",
            "A57": "m:cash, m:payment_provider",
            "A74 taken": "m desk",
            "A75 cash": "m desk",
        },
    ),
)
