"""Corruptions of claims between towns and of their netting."""

from __future__ import annotations

from corruption import Corruption, posted_again

CORRUPTIONS = (
    Corruption(
        "C139",
        "a claim between towns moved in one book only",
        "DELETE FROM transfer WHERE id = {n1 in m}",
        {
            "A52": "m clearing s, m clearing z, s clearing m, z clearing m",
            "A54 mirror": "n1",
            "A55": "n1, n2",
        },
    ),
    Corruption(
        "C140",
        "a netting's transfers deleted in all books",
        "DELETE FROM transfer WHERE event = 'netting'",
        {"A55": "n1, n2"},
    ),
    Corruption(
        "C141",
        "a netting's transfer under the name of another netting",
        "UPDATE transfer SET reference_id = {nowhere} WHERE id = {n1 in m}",
        {"A54 mirror": "n1, nowhere", "A54 unknown": "n1 in m"},
    ),
    Corruption(
        "C142",
        "a town's position altered",
        "UPDATE netting_position SET position_cents = position_cents + 100 WHERE "
        "netting_id = {n1} AND position_town_id = {s}",
        {"A53 payments": "n1", "A53 sum": "n1"},
    ),
    Corruption(
        "C143",
        "a netting payment raised",
        "UPDATE netting_payment SET amount_cents = 5000 WHERE id = {n2 zm}",
        {"A53 payments": "n2", "A55": "n2"},
    ),
    Corruption(
        "C144",
        "a netting payment and its positions raised alike",
        (
            "UPDATE netting_payment SET amount_cents = 5000 WHERE id = {n2 zm}",
            (
                "UPDATE netting_position SET position_cents = sign(position_cents) * 5000 WHERE "
                "netting_id = {n2}"
            ),
        ),
        {"A55": "n2"},
    ),
    Corruption(
        "C145",
        "a netting payment sent to another town",
        "UPDATE netting_payment SET payee_town_id = {s} WHERE id = {n2 zm}",
        {"A53 payments": "n2", "A55": "n2"},
    ),
    Corruption(
        "C146",
        "a netting payment set paid without a booking",
        "UPDATE netting_payment SET paid_at = '2026-03-25 09:00+01' WHERE id = {n1 ms}",
        {
            "A56 unbooked": "n1 ms",
            "A57": "m:clearing, m:trust_bank, s:clearing, s:trust_bank",
            "A58": "m, s",
        },
    ),
    Corruption(
        "C147",
        "a paid netting payment set open",
        "UPDATE netting_payment SET paid_at = NULL WHERE id = {n1 zs}",
        {
            "A55": "n2",
            "A56 unpaid": "n1 zs",
            "A57": "s:clearing, s:trust_bank, z:clearing, z:trust_bank",
            "A58": "s, z",
        },
    ),
    Corruption(
        "C148",
        "the payee's booking of a netting payment deleted",
        "DELETE FROM transfer WHERE id = {n1 zs in s}",
        {
            "A52": "s clearing z, z clearing s",
            "A55": "n2",
            "A56 unbooked": "n1 zs",
            "A57": "s:clearing, s:trust_bank",
            "A58": "s",
        },
    ),
    Corruption(
        "C149",
        "a netting payment booked twice by the payer",
        posted_again("n1 zs in z"),
        {
            "A52": "s clearing z, z clearing s",
            "A55": "n2",
            "A56 twice": "n1 zs",
            "A57": "z:clearing, z:trust_bank",
            "A58": "z",
        },
    ),
    Corruption(
        "C150",
        "a netting between towns of two regions",
        "UPDATE town SET region_id = {nowhere} WHERE id = {m}",
        {
            "A06": "m clearing s, m clearing z, s clearing m, z clearing m",
            "A53 region": "n1, n2",
            "A55": "n1, n2",
        },
    ),
    Corruption(
        "C151",
        "a netting payment booked against another town",
        "UPDATE transfer SET debit_account_id = {z clearing m} WHERE id = {n1 zs in z}",
        {
            "A52": "m clearing z, s clearing z, z clearing m, z clearing s",
            "A55": "n2",
            "A56 other": "n1 zs",
        },
    ),
    Corruption(
        "C152",
        "a partner redemption slipped before a netting that left it out",
        (
            (
                "UPDATE redemption SET redeemed_at = '2026-03-06 08:57+01', redeemed_on = "
                "'2026-03-06' WHERE id = {x n2}"
            ),
            (
                "UPDATE transfer SET booked_at = '2026-03-06 08:57+01', booked_on = '2026-03-06' "
                "WHERE reference_id = {x n2}"
            ),
        ),
        {"A55": "n1"},
    ),
)
