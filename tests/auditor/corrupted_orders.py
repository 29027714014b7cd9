"""Corruptions of citizens' orders, and of what was issued for them."""

from __future__ import annotations

from corruption import Corruption


def _rewritten(function: str, words: str, others: str) -> str:
    """SQL that puts other words into the function of a trigger."""
    return (
        "DO $do$ BEGIN EXECUTE replace("
        f"pg_get_functiondef('{function}'::regproc), $old${words}$old$, $new${others}$new$); "
        "END $do$"
    )


CORRUPTIONS = (
    Corruption(
        "C273",
        "the price of an order lowered after it was paid for",
        "UPDATE shop_order SET total_cents = 2000 WHERE id = {pr 5}",
        {"A89 items": "pr 5"},
    ),
    Corruption(
        "C274",
        "a voucher made dearer that was ordered already",
        "UPDATE order_item SET value_cents = 9000 WHERE order_id = {pr 6}",
        {"A89 items": "pr 6"},
    ),
    Corruption(
        "C275",
        "the vouchers of an order deleted",
        "DELETE FROM order_item WHERE order_id = {pr 6}",
        {"A89 items": "pr 6"},
    ),
    Corruption(
        "C276",
        "less asked for than was ordered",
        "UPDATE payment_request SET amount_cents = 100 WHERE id = {pr 6}",
        {"A89 request": "pr 6"},
    ),
    Corruption(
        "C277",
        "an order whose payment request was deleted",
        "DELETE FROM payment_request WHERE id = {pr 6}",
        {"A87": "s", "A89 request": "pr 6"},
    ),
    Corruption(
        "C278",
        "an order to be paid by another one's payment request",
        (
            "ALTER TABLE shop_order DROP CONSTRAINT ck_shop_order_request",
            "UPDATE shop_order SET request_id = {pr 5} WHERE id = {pr 6}",
        ),
        {"A89 request": "pr 6"},
    ),
    Corruption(
        "C279",
        "an order made a draft again, to be changed",
        (
            "UPDATE shop_order SET placed_at = NULL, request_id = NULL, total_cents = NULL, "
            "sealed_email = NULL WHERE id = {pr 6}"
        ),
        {"A89 draft": "pr 6"},
    ),
    Corruption(
        "C280",
        "an order deleted and its vouchers forgotten",
        "DELETE FROM shop_order WHERE id = {pr 6}",
        {"A89 unknown": "pr 6"},
    ),
    Corruption(
        "C281",
        "an order said to be issued that nobody has paid",
        "UPDATE shop_order SET issued_at = placed_at WHERE id = {pr 6}",
        {"A90 unpaid": "pr 6", "A90 missing": "pr 6"},
    ),
    Corruption(
        "C282",
        "the money for an issued order asked for once more",
        "UPDATE payment_request SET state = 'open', paid_at = NULL WHERE id = {pr 5}",
        {"A85 early": "pr 5", "A86 unknown": "d 5 out", "A90 unpaid": "pr 5"},
    ),
    Corruption(
        "C283",
        "the payment of an issued order booked as one that nobody was asked for",
        "UPDATE payment SET method = 'provider' WHERE id = {pr 5}",
        {
            "A13 unbooked": "pr 5",
            "A57": "s:deposit, s:payment_provider",
            "A58": "s",
            "A85 unpaid": "pr 5",
            "A90 unpaid": "pr 5",
        },
    ),
    Corruption(
        "C284",
        "a voucher of an issued order unhooked from it",
        "UPDATE order_item SET batch_id = NULL WHERE batch_id = {pr 5 b1}",
        {"A90 missing": "pr 5", "A90 extra": "pr 5 b1"},
    ),
    Corruption(
        "C285",
        "one voucher issued for two that were ordered",
        "UPDATE order_item SET batch_id = {pr 5 b1} WHERE batch_id = {pr 5 b2}",
        {"A90 shared": "pr 5", "A90 extra": "pr 5 b2"},
    ),
    Corruption(
        "C286",
        "two vouchers of an order swapped",
        (
            "UPDATE order_item SET batch_id = CASE position WHEN 1 THEN {pr 5 b2} "
            "ELSE {pr 5 b1} END WHERE order_id = {pr 5}"
        ),
        {"A90 other": "pr 5"},
    ),
    Corruption(
        "C287",
        "a voucher of an issued order turned into one of another programme",
        "UPDATE order_item SET programme_id = {free m} WHERE batch_id = {pr 5 b1}",
        {"A90 other": "pr 5"},
    ),
    Corruption(
        "C288",
        "a voucher of an order issued against another one's payment",
        "UPDATE voucher_batch SET payment_id = {pr 1} WHERE id = {pr 5 b1}",
        {"A14 other": "pr 1, pr 5", "A16 source": "pr 5 v1", "A90 other": "pr 5"},
    ),
    Corruption(
        "C289",
        "two vouchers issued for one that was ordered",
        "UPDATE voucher_batch SET voucher_count = 2 WHERE id = {pr 5 b2}",
        {"A14 beyond": "pr 5", "A18": "pr 5 b2", "A90 other": "pr 5"},
    ),
    Corruption(
        "C290",
        "vouchers that nobody ordered issued against the payment of an order",
        "UPDATE voucher_batch SET payment_id = {pr 5} WHERE id = {b s}",
        {
            "A14 beyond": "pr 5",
            "A14 other": "p s",
            "A16 source": "v s1, v s2",
            "A90 extra": "b s",
        },
    ),
    Corruption(
        "C291",
        "an issued order closed as well",
        (
            "ALTER TABLE shop_order DROP CONSTRAINT ck_shop_order_one_end",
            "UPDATE shop_order SET closed_at = issued_at WHERE id = {pr 5}",
        ),
        {"A91 both": "pr 5", "A91 paid": "pr 5"},
    ),
    Corruption(
        "C292",
        "an order that was issued said not to be, to be issued again",
        "UPDATE shop_order SET issued_at = NULL WHERE id = {pr 5}",
        {"A91 early": "pr 5"},
    ),
    Corruption(
        "C293",
        "somebody else's vouchers put into an order that waits for its money",
        "UPDATE order_item SET batch_id = {b s} WHERE order_id = {pr 6}",
        {"A91 early": "pr 6"},
    ),
    Corruption(
        "C294",
        "vouchers issued for a draft",
        "UPDATE voucher_batch SET payment_id = {o draft} WHERE id = {b s}",
        {
            "A12": "b s",
            "A14 other": "p s",
            "A16 source": "v s1, v s2",
            "A91 early": "o draft",
        },
    ),
    Corruption(
        "C295",
        "the money for a closed order asked for again",
        "UPDATE payment_request SET state = 'open', closed_at = NULL WHERE id = {pr 7}",
        {"A91 asked": "pr 7"},
    ),
    Corruption(
        "C296",
        "a paid order closed and its vouchers kept",
        "UPDATE shop_order SET issued_at = NULL, closed_at = issued_at WHERE id = {pr 5}",
        {"A91 early": "pr 5", "A91 paid": "pr 5"},
    ),
    Corruption(
        "C297",
        "the trigger switched off that keeps orders as they were placed",
        "ALTER TABLE shop_order DISABLE TRIGGER keep_order",
        {"A92": "shop_order.keep_order"},
    ),
    Corruption(
        "C298",
        "the trigger dropped that keeps the vouchers of orders",
        "DROP TRIGGER keep_order_item ON order_item",
        {"A92": "order_item.keep_order_item"},
    ),
    Corruption(
        "C299",
        "that trigger kept from seeing what is changed",
        (
            "CREATE OR REPLACE TRIGGER keep_order_item BEFORE INSERT OR DELETE ON order_item "
            "FOR EACH ROW EXECUTE FUNCTION keep_order_item()"
        ),
        {"A92": "order_item.keep_order_item"},
    ),
    Corruption(
        "C300",
        "the trigger that keeps orders made to look at drafts only",
        (
            "CREATE OR REPLACE TRIGGER keep_order BEFORE UPDATE OR DELETE ON shop_order "
            "FOR EACH ROW WHEN (OLD.placed_at IS NULL) EXECUTE FUNCTION keep_order()"
        ),
        {"A92": "shop_order.keep_order"},
    ),
    Corruption(
        "C301",
        "orders let to be issued before their vouchers are",
        _rewritten("keep_order", "batch_id IS NULL", "false"),
        {"A92": "shop_order.keep_order"},
    ),
    Corruption(
        "C302",
        "vouchers of orders let to be issued against any payment",
        _rewritten("keep_order_item", "b.payment_id = item.order_id", "true"),
        {"A92": "order_item.keep_order_item"},
    ),
    Corruption(
        "C303",
        "a refusal taken out of the trigger that keeps orders",
        _rewritten(
            "keep_order",
            "RAISE EXCEPTION 'an order costs what its vouchers are worth'",
            "RAISE NOTICE 'an order costs what its vouchers are worth'",
        ),
        {"A92": "shop_order.keep_order"},
    ),
    Corruption(
        "C304",
        "a paid order closed for a withdrawal that came too late",
        (
            "UPDATE shop_order SET issued_at = NULL, closed_at = issued_at WHERE id = {pr 5}",
            "INSERT INTO withdrawal (town_id, id, sealed_name, sealed_number, sealed_email, "
            "sealed_remarks, declared_at, order_id, outcome) SELECT town_id, {nowhere}, '', '', "
            "'', '', closed_at, id, 'too_late' FROM shop_order WHERE id = {pr 5}",
        ),
        {"A91 early": "pr 5", "A91 paid": "pr 5"},
    ),
    Corruption(
        "C305",
        "the trigger that keeps the vouchers of orders made to look at their motifs only",
        (
            "CREATE OR REPLACE TRIGGER keep_order_item BEFORE INSERT OR UPDATE OF motif OR DELETE "
            "ON order_item FOR EACH ROW EXECUTE FUNCTION keep_order_item()"
        ),
        {"A92": "order_item.keep_order_item"},
    ),
)
