"""What people type is printed as they typed it, and is never more than text."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from printed_page import NOON, Printed

from gutschein.documents import typst_pdf
from gutschein.documents.printable import printable_line, printable_lines
from gutschein.documents.statement_pdf import statement_pdf
from gutschein.documents.typst_pdf import UNPRINTABLE, DocumentError, render_pdf
from gutschein.documents.voucher_pdf import voucher_pdf


@pytest.mark.parametrize(
    "typed",
    [
        '#import "style.typ": *',
        "#panic(1) #sys.inputs.data",
        "$a^2$ *fett* _kursiv_ `code`",
        "= Titel - Punkt + Punkt / Wort: x",
        "@quelle <marke> https://x.de",
        r"\u{41} \ \n {x} [y] // c /* d */",
        "\"Anführung\" 'klein' -- --- ~ ...",
        "Zoë, Łódź, Chóśebuz, Čeština, Ελλάδα, Київ",
    ],
)
def test_markup_stands_on_paper_as_it_was_typed(voucher_sheet, typed):
    printed = Printed(voucher_pdf([voucher_sheet(message=typed, town_name=typed)], NOON))
    assert printed.text().count(typed) == 2


def test_hebrew_and_arabic_are_printed(voucher_sheet):
    text = Printed(voucher_pdf([voucher_sheet(message="שלום / مرحبا")], NOON)).text()
    assert set("שלוםمرحبا") <= set(text)


def test_what_no_font_has_becomes_a_box(voucher_sheet):
    printed = Printed(voucher_pdf([voucher_sheet(message="Für dich 🌸 漢字")], NOON))
    assert f"Für dich {UNPRINTABLE} {UNPRINTABLE}" in printed.text()


def test_the_fonts_have_every_sign_that_is_never_replaced(voucher_sheet):
    signs = [sign for sign in map(chr, range(0x3000)) if typst_pdf._ALWAYS_PRINTABLE.match(sign)]
    sheet = voucher_sheet(message=" ".join(signs), town_name=" ".join(signs))
    text = Printed(voucher_pdf([sheet], NOON)).text()
    assert len(signs) > 400
    assert text.count(UNPRINTABLE) == 2  # itself, in each of the two names
    assert {sign for sign in signs if sign.isalpha()} <= set(text)


def test_a_name_of_2000_letters_wraps_inside_the_margins(voucher_sheet):
    name = "Donaudampf" * 200
    sheet = voucher_sheet(town_name=name, programme_name=name, message=name, accepted_in=[name])
    printed = Printed(voucher_pdf([sheet], NOON))
    letters = [letter for letter in printed.text() if letter.isalpha()]
    assert "".join(letters).count(name) == 4
    for page in printed.document:
        width = page.get_width()
        letters = page.get_textpage()
        for index in range(0, letters.count_chars(), 7):
            left, _, right, _ = letters.get_charbox(index)
            assert 0 <= left <= right <= width


def test_text_that_makes_the_compiler_panic_is_still_printed(statement_sheet):
    every_arabic_letter = "".join(map(chr, range(0x600, 0x680)))
    sheet = statement_sheet(merchant_name="Café Aleppo", merchant_address=[every_arabic_letter])
    assert "Café Aleppo" in Printed(statement_pdf(sheet)).text()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(name=st.text(max_size=60), message=st.text(max_size=80))
@example(name="0\u0e31", message="Gültig\u0e31 e\u20dd")  # the compiler names the letter
def test_any_text_at_all_can_be_printed(voucher_sheet, name, message):
    sheet = voucher_sheet(town_name=name, message=message, coat_of_arms_svg=None)
    text = Printed(voucher_pdf([sheet], NOON)).text()
    for words in ("7KQ2-M8XV-3HTP-ZR5C-9", "25,00 €", "Gültig bis 31.12.2029"):
        assert words in text


def test_a_line_stays_one_line_without_controls():
    assert printable_line("  Café\n\tam\x00 Markt\u202e ") == "Café am Markt"
    assert printable_line("Zwo\u0308nitz") == "Zwönitz"
    assert printable_line("a\ud800b") == "a?b"
    assert printable_lines("eins \n zwei\r\n\n drei") == "eins\nzwei\n\ndrei"


@given(st.text())
def test_a_printable_line_has_no_run_that_cannot_break(text):
    line = printable_line(text)
    assert all(len(run) < 32 for run in line.replace("\u200b", " ").replace("-", " ").split())


def _with_template(monkeypatch, tmp_path, source):
    (tmp_path / "letter.typ").write_text(source)
    monkeypatch.setattr(typst_pdf, "_TEMPLATES", tmp_path)


def test_a_template_s_error_and_warning_are_document_errors(monkeypatch, tmp_path):
    _with_template(monkeypatch, tmp_path, "#nothing")
    with pytest.raises(DocumentError, match="letter: unknown variable: nothing"):
        render_pdf("letter", {}, created_at=NOON)
    source = '#set document(title: "x")\n#set text(font: "Comic Sans MS")\nHallo'
    _with_template(monkeypatch, tmp_path, source)
    with pytest.raises(DocumentError, match="letter: unknown font family: comic sans ms"):
        render_pdf("letter", {}, created_at=NOON)


def test_a_document_that_is_not_accessible_is_not_written(monkeypatch, tmp_path):
    _with_template(monkeypatch, tmp_path, "Hallo")
    with pytest.raises(DocumentError, match=r"PDF/UA-1 error: missing document title"):
        render_pdf("letter", {}, created_at=NOON)


def test_a_template_reads_nothing_outside_its_folder(monkeypatch, tmp_path):
    _with_template(monkeypatch, tmp_path, '#read("../secret.txt")')
    (tmp_path.parent / "secret.txt").write_text("geheim")
    with pytest.raises(DocumentError):
        render_pdf("letter", {}, created_at=NOON)


def test_a_time_without_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        render_pdf("voucher", {}, created_at=NOON.replace(tzinfo=None))
