"""Corruptions of payouts, what the bank said of them, and payout files."""

from __future__ import annotations

import re
from collections.abc import Callable

from corruption import Corruption, posted_again
from envelopes import resealed
from scenario import IBANS, Scenario

_STRANGER = "DE89370400440532013000"
_STORY = Scenario()
_FILE = next(f for f in _STORY.rows["payout_file"] if f["settlement_id"] == _STORY.id("z2"))


def _rewritten(change: Callable[[str], str]) -> str:
    """SQL that puts another file in the place of Zwönitz's second one, sealed as it was."""
    content = change(_FILE["content"])
    assert content != _FILE["content"]
    changes = resealed("payout_file", _FILE, content=content)
    return f"UPDATE payout_file SET {changes} WHERE settlement_id = {{z2}}"


def _replaced(pattern: str, replacement: str) -> str:
    return _rewritten(lambda file: re.sub(pattern, replacement, file, count=1, flags=re.DOTALL))


CORRUPTIONS = (
    Corruption(
        "C120",
        "a payout deleted",
        "DELETE FROM payout WHERE statement_id = {z2 kino}",
        {
            "A12": "z2 kino returned",
            "A48": "z merchant_payable kino",
            "A49 missing": "z2 kino",
            "A50 unknown": "z2 kino",
            "A51 unknown": "z2",
            "A57": "z:merchant_payable, z:payout_in_transit",
        },
    ),
    Corruption(
        "C121",
        "a payout raised",
        "UPDATE payout SET amount_cents = amount_cents + 100 WHERE statement_id = {z2 kino}",
        {
            "A48": "z merchant_payable kino",
            "A49 amount": "z2 kino",
            "A50 other": "z2 kino",
            "A51 transfer": "z2",
            "A57": "z:merchant_payable, z:payout_in_transit",
        },
    ),
    Corruption(
        "C122",
        "a payout under another name",
        "UPDATE payout SET end_to_end_id = 'X' WHERE statement_id = {z2 kino}",
        {"A49 name": "z2 kino", "A51 unknown": "z2", "A51 left_out": "z2"},
    ),
    Corruption(
        "C123",
        "a payout ordered for a settlement that is not approved",
        "INSERT INTO payout SELECT town_id, id, payout_cents, number, now() FROM statement "
        "WHERE id = {s1 back}",
        {"A49 unknown": "s1 back", "A51 missing": "s1"},
    ),
    Corruption(
        "C124",
        "the bank's confirmation deleted",
        "DELETE FROM payout_event WHERE id = {z2 buch confirmed}",
        {"A50 unknown": "z2 buch", "A57": "z:payout_in_transit, z:trust_bank", "A58": "z"},
    ),
    Corruption(
        "C125",
        "the booking of a confirmation deleted",
        "DELETE FROM transfer WHERE id = {z2 buch confirmed in z}",
        {"A50 unbooked": "z2 buch", "A57": "z:payout_in_transit, z:trust_bank", "A58": "z"},
    ),
    Corruption(
        "C126",
        "a returned payout credited to another merchant",
        "UPDATE transfer SET credit_account_id = {z merchant_payable rad} WHERE id = {z1 "
        "kino returned in z}",
        {"A48": "z merchant_payable kino, z merchant_payable rad", "A50 other": "z1 kino"},
    ),
    Corruption(
        "C127",
        "a payout confirmed twice in the books",
        posted_again("z2 buch confirmed in z"),
        {"A50 twice": "z2 buch", "A57": "z:payout_in_transit, z:trust_bank", "A58": "z"},
    ),
    Corruption(
        "C128",
        "the payout file deleted",
        "DELETE FROM payout_file WHERE settlement_id = {z2}",
        {"A51 missing": "z2"},
    ),
    Corruption(
        "C129",
        "an IBAN exchanged in the payout file",
        _replaced(IBANS["buch moved"], _STRANGER),
        {"A51 transfer": "z2"},
    ),
    Corruption(
        "C130",
        "the paying account exchanged in the payout file",
        _replaced(IBANS["z"], _STRANGER),
        {"A51 debtor": "z2"},
    ),
    Corruption(
        "C131",
        "an amount raised in the payout file",
        _replaced('(<InstdAmt Ccy="EUR">)[0-9.]+', r"\g<1>900.00"),
        {"A51 total": "z2", "A51 kept": "z2", "A51 transfer": "z2"},
    ),
    Corruption(
        "C132",
        "a control sum altered in the payout file",
        _replaced("(<CtrlSum>)[0-9.]+", r"\g<1>900.00"),
        {"A51 total": "z2"},
    ),
    Corruption(
        "C133",
        "a payment doubled in the payout file",
        _replaced("(<CdtTrfTxInf>.*?</CdtTrfTxInf>)", r"\1\1"),
        {"A51 total": "z2", "A51 kept": "z2", "A51 twice": "z2"},
    ),
    Corruption(
        "C134",
        "a payment left out of the payout file",
        _replaced("<CdtTrfTxInf>.*?</CdtTrfTxInf>", ""),
        {"A51 total": "z2", "A51 kept": "z2", "A51 left_out": "z2"},
    ),
    Corruption(
        "C135",
        "a payout file cut off",
        _rewritten(lambda file: file[:900]),
        {"A51 unreadable": "z2"},
    ),
    Corruption(
        "C136",
        "a payout file with a document type",
        _replaced("<Document ", '<!DOCTYPE Document [<!ENTITY a "b">]><Document '),
        {"A51 unreadable": "z2"},
    ),
    Corruption(
        "C137",
        "the kept control sum of a payout file altered",
        "UPDATE payout_file SET control_sum_cents = 1 WHERE settlement_id = {z2}",
        {"A51 kept": "z2"},
    ),
    Corruption(
        "C138",
        "a payout file under another name",
        "UPDATE payout_file SET message_id = 'X' WHERE settlement_id = {z2}",
        {"A51 name": "z2"},
    ),
)
