"""Corruptions of claims and of what towns allow without a net."""

from __future__ import annotations

from corruption import Corruption

#: In Zwönitz, from March on: 5 EUR from a voucher, 8 EUR by a device, in two hours.
TERMS = (
    "INSERT INTO offline_terms (town_id, begins_at, enabled, voucher_cents, device_cents,"
    " outage_minutes, bearer, set_by)"
    " VALUES ({z}, '2026-03-01 00:00+01', true, 500, 800, 120, 'merchant', {nowhere})"
)

_USUAL = {
    "town_id": "{z}",
    "id": "{x c3}",
    "merchant_id": "{buch}",
    "branch_id": "{buch branch}",
    "device_id": "{desk}",
    "issuing_town_id": "{z}",
    "voucher_id": "{v c}",
    "amount_cents": "300",
    "outage_began_at": "'2026-03-13 08:30+01'",
    "claimed_at": "'2026-03-13 09:30+01'",
    "received_at": "'2026-03-13 10:00+01'",
    "content_hash": "sha256('')",
    "terms_begun_at": "'2026-03-01 00:00+01'",
    "tried_at": "'2026-03-13 10:00+01'",
    "outcome": "'accepted'",
    "decided_at": "'2026-03-13 10:00+01'",
}
_DISPUTED = {
    "id": "{nowhere}",
    "outcome": "'disputed'",
    "reason": "'voucher.empty'",
    "reason_params": "'{{}}'",
    "bearer": "'merchant'",
}


def claimed(**changes: str) -> str:
    """SQL that writes the claim of Zwönitz's last redemption, or one that differs from it."""
    row = _USUAL | changes
    return f"INSERT INTO claim ({', '.join(row)}) VALUES ({', '.join(row.values())})"


def disputed(**changes: str) -> str:
    """SQL that writes a claim that came to nothing."""
    return claimed(**_DISPUTED | changes)


CORRUPTIONS = (
    Corruption(
        "C206",
        "a claim marked as accepted that was never redeemed",
        (TERMS, claimed(id="{nowhere}")),
        {"A77 missing": "nowhere"},
    ),
    Corruption(
        "C207",
        "an accepted claim of more than its redemption",
        (TERMS, claimed(amount_cents="301")),
        {"A77 other": "x c3"},
    ),
    Corruption(
        "C208",
        "an accepted claim of another voucher",
        (TERMS, claimed(voucher_id="{v d}")),
        {"A77 other": "x c3"},
    ),
    Corruption(
        "C209",
        "a claim disputed although it was redeemed",
        (TERMS, disputed(id="{x c3}")),
        {"A78": "x c3"},
    ),
    Corruption(
        "C210",
        "a claim accepted in a town that allows none",
        claimed(),
        {"A79 terms": "x c3"},
    ),
    Corruption(
        "C211",
        "what a town allows without a net switched off afterwards",
        (TERMS, claimed(), "UPDATE offline_terms SET enabled = false WHERE town_id = {z}"),
        {"A79 terms": "x c3"},
    ),
    Corruption(
        "C212",
        "more liberal terms slipped in behind a claim",
        (
            TERMS,
            claimed(),
            TERMS.replace("2026-03-01 00:00", "2026-03-12 00:00").replace("120", "240"),
        ),
        {"A79 terms": "x c3"},
    ),
    Corruption(
        "C213",
        "a claim taken after the time that is allowed",
        (
            TERMS,
            claimed(claimed_at="'2026-03-13 10:30:01+01'", received_at="'2026-03-13 11:00+01'"),
            "UPDATE redemption SET redeemed_at = '2026-03-13 11:00+01' WHERE id = {x c3}",
            "UPDATE transfer SET booked_at = '2026-03-13 11:00+01' WHERE id = {x c3 in z}",
        ),
        {"A79 time": "x c3"},
    ),
    Corruption(
        "C214",
        "a claim taken before its outage",
        (TERMS, claimed(claimed_at="'2026-03-13 08:28+01'")),
        {"A79 time": "x c3"},
    ),
    Corruption(
        "C215",
        "a claim taken after it arrived",
        (
            TERMS,
            claimed(claimed_at="'2026-03-13 10:02+01'", outage_began_at="'2026-03-13 09:30+01'"),
        ),
        {"A79 time": "x c3"},
    ),
    Corruption(
        "C216",
        "more taken from a voucher without a net than is allowed",
        (TERMS.replace("500, 800", "299, 800"), claimed()),
        {"A79 voucher": "x c3"},
    ),
    Corruption(
        "C217",
        "more taken by a device without a net than is allowed",
        (
            TERMS.replace("500, 800", "500, 600"),
            claimed(),
            claimed(
                id="{nowhere}",
                voucher_id="{v d}",
                amount_cents="301",
                outcome="'received'",
                decided_at="NULL",
            ),
        ),
        {"A79 device": "nowhere, x c3"},
    ),
    Corruption(
        "C218",
        "a disputed claim put on the town's account",
        (TERMS, disputed(bearer="'town'")),
        {"A80": "nowhere"},
    ),
    Corruption(
        "C219",
        "a disputed claim borne by a town without terms",
        disputed(bearer="'town'", terms_begun_at="NULL"),
        {"A80": "nowhere"},
    ),
    Corruption(
        "C220",
        "the service allowed to change what was claimed",
        "GRANT UPDATE (amount_cents) ON claim TO gutschein_app",
        {"A60": "claim"},
    ),
    Corruption(
        "C221",
        "the trigger on terms without a net dropped",
        "DROP TRIGGER append_only ON offline_terms",
        {"A59": "offline_terms.append_only"},
    ),
)
