"""Corruptions of sealed bank data: by who has no key, and by who has it."""

from __future__ import annotations

from corruption import Corruption
from envelopes import resealed
from scenario import Scenario

_STORY = Scenario()
_RAD = _STORY.find("statement", _STORY.id("z2 rad"))


def _moved(table: str, columns: str, own: str, other: str) -> str:
    """SQL that puts sealed columns of one row into another one."""
    changes = ", ".join(f"{column} = other.{column}" for column in columns.split(", "))
    return f"UPDATE {table} own SET {changes} FROM {table} other WHERE {own} AND {other}"


CORRUPTIONS = (
    Corruption(
        "C185",
        "a merchant's sealed account put into another merchant's row",
        _moved(
            "payout_account",
            "sealed_iban, sealed_account_holder",
            "own.merchant_id = {rad}",
            "other.merchant_id = {kino}",
        ),
        {"A67 payout_account": "rad"},
    ),
    Corruption(
        "C186",
        "a merchant's new account put in the place of its first one",
        _moved(
            "payout_account",
            "sealed_iban",
            "own.merchant_id = {buch} AND own.valid_from < '2026-01-01'",
            "other.merchant_id = {buch} AND other.valid_from > '2026-01-01'",
        ),
        {"A67 payout_account": "buch"},
    ),
    Corruption(
        "C187",
        "a payout account backdated without the key",
        "UPDATE payout_account SET valid_from = '2026-01-15 00:00+01' "
        "WHERE merchant_id = {buch} AND valid_from > '2026-01-01'",
        {"A67 payout_account": "buch"},
    ),
    Corruption(
        "C188",
        "a merchant's accounts deleted",
        "DELETE FROM payout_account WHERE merchant_id = {rad}",
        {"A44 iban": "z1 rad, z2 rad"},
    ),
    Corruption(
        "C189",
        "another town's trust account put in the place of a town's own",
        _moved("town", "sealed_trust_iban", "own.id = {z}", "other.id = {s}"),
        {"A67 town": "z"},
    ),
    Corruption(
        "C190",
        "a town's account holder put in the place of its IBAN",
        "UPDATE town SET sealed_trust_iban = sealed_trust_account_holder WHERE id = {z}",
        {"A67 town": "z"},
    ),
    Corruption(
        "C191",
        "a bit of the sealed account on a paid statement flipped",
        "UPDATE statement SET sealed_iban = set_byte(sealed_iban, 20, "
        "get_byte(sealed_iban, 20) # 1) WHERE id = {z2 kino}",
        {"A67 statement": "z2 kino"},
    ),
    Corruption(
        "C192",
        "another account holder on a statement, sealed with the key",
        f"UPDATE statement SET {resealed('statement', _RAD, account_holder='Ein Anderer')} "
        "WHERE id = {z2 rad}",
        {"A44 holder": "z2 rad"},
    ),
    Corruption(
        "C193",
        "notices to a merchant sent to another merchant's address",
        _moved("merchant", "sealed_contact_email", "own.id = {rad}", "other.id = {kino}"),
        {"A67 merchant": "rad"},
    ),
    Corruption(
        "C194",
        "the terms of one request put into another one",
        _moved("approval_request", "sealed_terms", "own.id = {q e}", "other.id = {q f}"),
        {"A67 approval_request": "q e"},
    ),
    Corruption(
        "C195",
        "the payout file before put in the place of a payout file",
        _moved(
            "payout_file",
            "sealed_content",
            "own.settlement_id = {z2}",
            "other.settlement_id = {z1}",
        ),
        {"A51 altered": "z2"},
    ),
    Corruption(
        "C196",
        "a sealed payout file cut off",
        "UPDATE payout_file SET sealed_content = substr(sealed_content, 1, 900) "
        "WHERE settlement_id = {z2}",
        {"A51 altered": "z2"},
    ),
)
