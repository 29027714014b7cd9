"""What looks odd and is in order: the auditor must keep quiet about it."""

from __future__ import annotations

from corrupted_claims import TERMS, claimed, disputed
from corruption import Corruption
from envelopes import resealed
from scenario import IBANS, Scenario

_TRUST = resealed(
    "town",
    {"id": Scenario().id("nowhere")},
    trust_iban=IBANS["z"],
    trust_account_holder="Stadt Olbernhau",
)

#: SQL that makes the first payment request one for an order.
_ORDER = (
    "INSERT INTO shop_order (town_id, id, language, made_at, placed_at, request_id, total_cents, "
    "sealed_email) SELECT town_id, id, 'de', asked_at, asked_at, id, amount_cents, '' "
    "FROM payment_request WHERE id = {pr 1}",
    "INSERT INTO order_item (town_id, order_id, position, programme_id, value_cents, motif, "
    "sealed_message, delivery, sealed_recipient) SELECT town_id, id, 1, {free s}, amount_cents, "
    "'', '', 'download', '' FROM payment_request WHERE id = {pr 1}",
)


def _moved(when: str) -> tuple[str, ...]:
    """SQL that lets Zwönitz's last redemption happen at another time, in row and book."""
    return (
        f"UPDATE redemption SET redeemed_at = '{when}', redeemed_on = '{when[:10]}' "
        "WHERE id = {x c3}",
        f"UPDATE transfer SET booked_at = '{when}', booked_on = '{when[:10]}' "
        "WHERE id = {x c3 in z}",
    )


HARMLESS = (
    Corruption(
        "H01",
        "a voucher blocked while a redemption of it was under way",
        (
            "INSERT INTO voucher_event VALUES "
            "({z}, {nowhere}, {v c}, 'blocked', 'so', '2026-03-13 09:59:40+01')",
            "UPDATE voucher SET state = 'blocked' WHERE id = {v c}",
        ),
        {},
    ),
    Corruption(
        "H02",
        "a branch closed while a redemption in it was under way",
        "UPDATE branch SET closed_at = '2026-03-10 09:59:30+01' WHERE id = {markt branch}",
        {},
    ),
    Corruption(
        "H03",
        "a voucher blocked and unblocked at the same instant",
        "UPDATE voucher_event SET happened_at = '2026-02-15 10:00+01' WHERE id = {v f active}",
        {},
    ),
    Corruption(
        "H04",
        "a redemption on the last day of an agreement",
        "UPDATE acceptance SET valid_until = '2026-03-10' "
        "WHERE town_id = {z} AND accepting_town_id = {m}",
        {},
    ),
    Corruption(
        "H05",
        "a redemption on the last day of a voucher",
        _moved("2029-12-31 23:59+01"),
        {},
    ),
    Corruption(
        "H06",
        "a new VAT rate from the day after a period",
        "INSERT INTO town_vat_rate VALUES ({z}, '2026-03-01', 700)",
        {},
    ),
    Corruption(
        "H07",
        "a redemption that committed only after its period was closed",
        _moved("2026-02-28 23:30+01"),
        {},
    ),
    Corruption(
        "H08",
        "a redemption after midnight in summer, when it is still the day before in UTC",
        _moved("2026-07-01 00:30+02"),
        {},
    ),
    Corruption(
        "H09",
        "a partner redemption that committed just after the netting of its minute",
        (
            "UPDATE redemption SET redeemed_at = '2026-03-06 08:59:50+01', "
            "redeemed_on = '2026-03-06' WHERE id = {x n2}",
            "UPDATE transfer SET booked_at = '2026-03-06 08:59:50+01', "
            "booked_on = '2026-03-06' WHERE reference_id = {x n2}",
        ),
        {},
    ),
    Corruption(
        "H10",
        "a town that has nothing yet",
        (
            "CREATE TEMPORARY TABLE olbernhau AS SELECT * FROM town WHERE id = {z}",
            f"UPDATE olbernhau SET id = {{nowhere}}, ags = '14521450', {_TRUST}",
            "INSERT INTO town SELECT * FROM olbernhau",
        ),
        {},
    ),
    Corruption(
        "H11",
        "a claim that was redeemed",
        (TERMS, claimed()),
        {},
    ),
    Corruption(
        "H12",
        "a claim that is redeemed and not marked yet, and one that is not redeemed yet",
        (
            TERMS,
            claimed(outcome="'received'", decided_at="NULL"),
            claimed(id="{nowhere}", amount_cents="200", outcome="'received'", decided_at="NULL"),
        ),
        {},
    ),
    Corruption(
        "H13",
        "a claim above all limits that was disputed",
        (TERMS, disputed(amount_cents="99900", voucher_id="NULL", issuing_town_id="NULL")),
        {},
    ),
    Corruption(
        "H14",
        "a claim of what had been redeemed before, in a town that allows none",
        claimed(received_at="'2026-03-13 10:05+01'", terms_begun_at="NULL"),
        {},
    ),
    Corruption(
        "H15",
        "a redemption under the id of a claim that was disputed before",
        (TERMS, disputed(id="{x c3}", decided_at="'2026-03-13 09:59+01'")),
        {},
    ),
    Corruption(
        "H16",
        "a claim of a voucher's last day that was sent on the next",
        (
            TERMS,
            *_moved("2030-01-01 00:30+01"),
            claimed(
                outage_began_at="'2029-12-31 23:00+01'",
                claimed_at="'2029-12-31 23:59+01'",
                received_at="'2030-01-01 00:30+01'",
            ),
        ),
        {},
    ),
    Corruption(
        "H17",
        "an order that is paid and waits to be issued",
        _ORDER,
        {},
    ),
    Corruption(
        "H18",
        "an order that is paid, and from which its buyer withdrew before it was issued",
        (
            *_ORDER,
            "UPDATE shop_order SET closed_at = placed_at WHERE id = {pr 1}",
            "INSERT INTO withdrawal (town_id, id, sealed_name, sealed_number, sealed_email, "
            "sealed_remarks, declared_at, order_id, outcome) SELECT town_id, {nowhere}, '', '', "
            "'', '', closed_at, id, 'frozen' FROM shop_order WHERE id = {pr 1}",
        ),
        {},
    ),
)
