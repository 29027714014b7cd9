"""The tables of the reference are what the code says, and the words are those agreed on."""

from __future__ import annotations

from pathlib import Path

import pytest

from gutschein.kernel.error_texts import ERROR_TEXTS
from tools.write_reference import BEGIN, END, PAGES, filled

UNRECOGNISED = "Dieser Code wurde nicht erkannt."

#: Code, status, staff in German and in English, public in German: what cashiers and
#: citizens are told. To change a sentence here is to change it in every shop.
AGREED = [
    (
        "token.unreadable",
        422,
        "Das ist kein Stadtgutschein. Bitte den QR-Code auf dem Gutschein scannen.",
        "This is not a city voucher. Please scan the QR code on the voucher.",
        UNRECOGNISED,
    ),
    (
        "token.signature",
        422,
        "Der Gutschein ist nicht echt. Bitte nicht annehmen.",
        "This voucher is not genuine. Do not accept it.",
        UNRECOGNISED,
    ),
    (
        "token.key_unknown",
        422,
        "Diese Stadt ist hier nicht bekannt. Bitte online erneut versuchen.",
        "This town is not known here. Please try again online.",
        UNRECOGNISED,
    ),
    (
        "code.typo",
        422,
        "Tippfehler: Bitte die markierte Stelle prüfen.",
        "Typing error: please check the marked place.",
        "Bitte die Eingabe prüfen.",
    ),
    (
        "voucher.unknown",
        404,
        "Diesen Gutschein gibt es nicht. Bitte nicht annehmen.",
        "This voucher does not exist. Do not accept it.",
        UNRECOGNISED,
    ),
    (
        "voucher.not_active",
        409,
        "Noch nicht freigeschaltet. Die Ausgabestelle hilft weiter.",
        "Not activated yet. The issuing point can help.",
        "Noch nicht freigeschaltet.",
    ),
    (
        "voucher.blocked",
        409,
        "Gesperrt. Bitte nicht annehmen und an die Ausgabestelle verweisen.",
        "Blocked. Do not accept it; refer the customer to the issuing point.",
        UNRECOGNISED,
    ),
    (
        "voucher.replaced",
        409,
        "Ersetzt: Es gilt der neue Gutschein.",
        "Replaced: only the new voucher is valid.",
        UNRECOGNISED,
    ),
    (
        "voucher.expired",
        409,
        "Abgelaufen am {date}.",
        "Expired on {date}.",
        "Abgelaufen am {date}.",
    ),
    ("voucher.empty", 409, "Kein Guthaben mehr.", "No balance left.", "Guthaben: 0,00 €"),
    (
        "voucher.insufficient",
        409,
        "Guthaben {balance}. Diesen Betrag einlösen und den Rest anders kassieren?",
        "Balance {balance}. Redeem this amount and take the rest another way?",
        None,
    ),
    (
        "voucher.whole_only",
        409,
        "Dieser Gutschein gilt nur im Ganzen: {balance}.",
        "This voucher can only be used whole: {balance}.",
        None,
    ),
    (
        "merchant.not_accepted",
        403,
        "Gutscheine aus {town} gelten hier nicht.",
        "Vouchers of {town} are not accepted here.",
        None,
    ),
    (
        "branch.closed",
        403,
        "Diese Filiale ist abgemeldet. Bitte die Stadt anrufen.",
        "This branch is signed off. Please call the town.",
        None,
    ),
    (
        "amount.invalid",
        422,
        "Bitte einen Betrag zwischen 0,01 € und {max} eingeben.",
        "Please enter an amount between 0.01 € and {max}.",
        None,
    ),
    (
        "redemption.conflict",
        409,
        "Diese Buchung gibt es schon mit anderem Betrag. Bitte in der Tagesliste nachsehen.",
        "This booking exists with another amount. Please look at today's list.",
        None,
    ),
    (
        "reversal.too_late",
        409,
        "Storno nur am selben Tag. Die Stadt kann es später zu zweit freigeben.",
        "Reversal only on the same day. Later the town can release it with two persons.",
        None,
    ),
    (
        "service.busy",
        503,
        "Gerade sehr voll. Die Buchung wird von selbst wiederholt.",
        "Very busy. The booking repeats by itself.",
        "Bitte gleich noch einmal versuchen.",
    ),
    (
        "settlement.closed",
        409,
        "Dieser Zeitraum ist schon abgeschlossen.",
        "This period is closed already.",
        None,
    ),
    (
        "iban.invalid",
        422,
        "Diese IBAN stimmt nicht. Bitte prüfen.",
        "This IBAN is not correct. Please check.",
        None,
    ),
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_page_holds_what_the_code_says(page: Path) -> None:
    """If not: ``python tools/write_reference.py``."""
    text = page.read_text(encoding="utf-8")
    assert text.count(BEGIN) == text.count(END) == 1
    assert text == filled(text, PAGES[page]())


@pytest.mark.parametrize(
    ("code", "status", "staff_de", "staff_en", "public_de"), AGREED, ids=[row[0] for row in AGREED]
)
def test_the_words_are_those_agreed_on(
    code: str, status: int, staff_de: str, staff_en: str, public_de: str | None
) -> None:
    text = ERROR_TEXTS[code]
    assert (text.status, text.staff_de, text.staff_en) == (status, staff_de, staff_en)
    if public_de is not None:
        assert text.public_de == public_de


def test_no_code_says_that_something_is_invalid_and_leaves_it_there() -> None:
    """Never the bare word without the reason, never a code number alone."""
    for code, text in ERROR_TEXTS.items():
        for words in (text.staff_de, text.staff_en, text.public_de, text.public_en):
            assert len(words.split()) >= 2, code
            assert not words.lower().startswith(("ungültig", "invalid", "fehler", "error")), code


def test_the_public_cannot_tell_unknown_altered_and_blocked_apart() -> None:
    alike = ["voucher.unknown", "voucher.blocked", "voucher.replaced", "token.signature"]
    assert len({(ERROR_TEXTS[c].public_de, ERROR_TEXTS[c].public_en) for c in alike}) == 1
