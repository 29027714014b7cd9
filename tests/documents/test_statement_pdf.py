"""A statement shows every sum, adds up, and says what happens now."""

from __future__ import annotations

import pytest
from printed_page import Printed

from gutschein.documents.statement_pdf import statement_pdf
from gutschein.documents.statement_words import percent, spaced_iban


def test_the_whole_way_from_redemption_to_payout(statement_sheet):
    # 1,234.50 - 20.00 - 36.44 - 6.92 = 1,171.14, and 8.20 carried in
    text = Printed(statement_pdf(statement_sheet(carried_in_cents=820))).text()
    for words in (
        "Abrechnung 01.11.2026 bis 30.11.2026",
        "Abrechnung Nr. ABB-2026-11-0007",
        "Erstellt am 30.11.2026",
        "Buchhandlung am Markt Buchholzer Straße 12 09456 Annaberg-Buchholz",
        "42 1.234,50 € 1 -20,00 € 3 % -36,44 € 19 % -6,92 € 1.171,14 €",
        "Summe 42 1.234,50 € 1 -20,00 € -36,44 € -6,92 € 1.171,14 €",
        "Ergebnis dieses Zeitraums 1.171,14 €",
        "Übertrag aus der vorigen Abrechnung 8,20 €",
        "Rückläufer: zurückgekommene Auszahlungen 0,00 €",
        "Offener Betrag 1.179,34 €",
        "Auszahlung 1.179,34 €",
        "Vortrag auf die nächste Abrechnung 0,00 €",
        "1.179,34 € werden auf DE02 1203 0000 0000 2020 51 überwiesen, "
        "Kontoinhaber Sabine Uhlig, Verwendungszweck ABB-2026-11-0007.",
    ):
        assert words in text


def test_under_the_minimum_it_is_carried(statement_sheet, statement_line):
    line = statement_line(redeemed_cents=900, reversed_cents=0, fee_cents=27, vat_cents=5)
    text = Printed(statement_pdf(statement_sheet(lines=[line]))).text()
    assert (
        "Der Betrag von 8,68 € liegt unter der Mindestauszahlung von 10,00 € "
        "und wird vorgetragen." in text
    )
    assert "überwiesen" not in text


def test_a_minus_is_set_off_next_time(statement_sheet, statement_line):
    # only a reversal of 15.00: the fee of 0.45 and its VAT of 0.09 come back
    line = statement_line(
        redemption_count=0, redeemed_cents=0, reversed_cents=1_500, fee_cents=-45, vat_cents=-9
    )
    text = Printed(statement_pdf(statement_sheet(lines=[line]))).text()
    assert "Es ergibt sich ein Minus von 14,46 €. Es wird mit der nächsten Abrechnung" in text
    assert "1 -15,00 € 3 % 0,45 € 19 % 0,09 € -14,46 €" in text
    assert "Vortrag auf die nächste Abrechnung -14,46 €" in text


def test_a_returned_payout_is_explained(statement_sheet):
    text = Printed(statement_pdf(statement_sheet(lines=[], returned_cents=5_000))).text()
    assert "Eine Auszahlung über 50,00 € kam von der Bank zurück" in text
    assert "50,00 € werden auf DE02" in text
    assert "In diesem Zeitraum gab es keine Einlösungen" in text


def test_without_an_account_it_waits(statement_sheet):
    waiting = statement_sheet(iban=None, payout_cents=0, carried_out_cents=117_114)
    text = Printed(statement_pdf(waiting)).text()
    assert "Es ist kein Konto für die Auszahlung hinterlegt. 1.171,14 € werden" in text


def test_a_town_may_hold_money_back(statement_sheet):
    held = statement_sheet(payout_cents=0, carried_out_cents=117_114)
    text = Printed(statement_pdf(held)).text()
    assert "1.171,14 € werden auf die nächste Abrechnung vorgetragen." in text


def test_nothing_at_all_is_said_too(statement_sheet):
    text = Printed(statement_pdf(statement_sheet(lines=[]))).text()
    assert "Es gibt nichts auszuzahlen, und nichts bleibt offen." in text


def test_it_is_pdf_ua_with_real_tables(statement_sheet):
    printed = Printed(statement_pdf(statement_sheet()))
    assert b"<pdfuaid:part>1</pdfuaid:part>" in printed.bytes
    assert printed.is_tagged()
    assert printed.language() == "de-DE"
    assert printed.title() == "Abrechnung ABB-2026-11-0007, Buchhandlung am Markt"
    kinds = [tag.kind for tag in printed.tags()]
    assert [kind for kind in kinds if kind in {"H1", "H2", "Table"}] == [
        *("H1", "H2"),
        *("H2", "Table"),
        *("H2", "Table"),
    ]
    assert kinds.count("TH") == 6 + 8 + 2
    assert kinds.count("TD") == 10 + 8 + 6 * 2  # the two rates without a sum show nothing
    assert "THead" in kinds


def test_the_table_head_is_on_every_page(statement_sheet, statement_line):
    lines = [statement_line(programme_name=f"Gutschein {n}") for n in range(60)]
    printed = Printed(statement_pdf(statement_sheet(lines=lines)))
    with_rows = [n for n in range(len(printed)) if "Gutschein 1" in printed.text(n)]
    assert len(with_rows) >= 2
    for page in range(3):
        assert "Gutscheinart, Stadt Anzahl Betrag" in printed.text(page)
    assert f"Seite 2 von {len(printed)}" in printed.text(1)
    assert f"Summe {60 * 42}" in printed.text()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"due_cents": 117_113}, "the lines leave 117114 cents, not 117113"),
        ({"payout_cents": 117_113}, "payout and carried out"),
        ({"payout_cents": 100_000, "carried_out_cents": 0}, "payout and carried out"),
        ({"payout_cents": -1, "carried_out_cents": 117_115}, "not negative"),
        ({"iban": None}, "needs an account"),
    ],
)
def test_a_statement_that_does_not_add_up_is_never_printed(statement_sheet, changes, message):
    with pytest.raises(ValueError, match=message):
        statement_pdf(statement_sheet(**changes))


def test_the_same_statement_gives_the_same_bytes(statement_sheet):
    assert statement_pdf(statement_sheet()) == statement_pdf(statement_sheet())


def test_rates_and_ibans_are_written_for_people():
    assert [percent(bp) for bp in (0, 25, 250, 300, 1_900)] == [
        *("0 %", "0,25 %", "2,5 %", "3 %", "19 %")
    ]
    assert spaced_iban("DE02 12030000 0000202051") == "DE02 1203 0000 0000 2020 51"
