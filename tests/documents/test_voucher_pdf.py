"""A printed voucher can be scanned, typed, read aloud, and understood."""

from __future__ import annotations

from datetime import timedelta

import pytest
from printed_page import NOON, PIXELS_PER_MM, URL, Printed

from gutschein.documents.typst_pdf import DocumentError
from gutschein.documents.voucher_pdf import MOST_SHEETS, voucher_pdf


@pytest.fixture(scope="module")
def german(voucher_sheet) -> Printed:
    return Printed(voucher_pdf([voucher_sheet()], NOON))


@pytest.fixture(scope="module")
def english(voucher_sheet) -> Printed:
    sheet = voucher_sheet(language="en", value_cents=125_050, partial_redemption=False)
    return Printed(voucher_pdf([sheet], NOON))


def test_the_qr_code_on_the_page_is_read_back_exactly(german):
    (code,) = german.barcodes()
    assert code.text == URL


def test_the_qr_code_is_at_least_40_mm_wide(german):
    (code,) = german.barcodes()
    corners = code.position
    width = (corners.top_right.x - corners.top_left.x) / PIXELS_PER_MM
    height = (corners.bottom_left.y - corners.top_left.y) / PIXELS_PER_MM
    assert width == pytest.approx(48, abs=0.6)
    assert height == pytest.approx(48, abs=0.6)


def test_four_modules_around_the_qr_code_are_white(german):
    pixels = german.pixels()
    (code,) = german.barcodes()
    near = code.position.top_left.x - 5, code.position.top_left.y - 5
    far = code.position.bottom_right.x + 6, code.position.bottom_right.y + 6
    dark = [
        (x, y) for y in range(near[1], far[1]) for x in range(near[0], far[0]) if pixels[y, x] < 128
    ]
    left, right = min(x for x, _ in dark), max(x for x, _ in dark)
    top, bottom = min(y for _, y in dark), max(y for _, y in dark)
    quiet = int(4 * 48 / 49 * PIXELS_PER_MM)  # ISO/IEC 18004, 9.1
    ring = [
        pixels[y, x]
        for y in range(top - quiet, bottom + quiet + 1)
        for x in range(left - quiet, right + quiet + 1)
        if not (left - 1 <= x <= right + 1 and top - 1 <= y <= bottom + 1)
    ]
    assert min(ring) == 255


def test_it_says_what_a_person_needs_to_know(german):
    text = german.text()
    for words in (
        "Annaberg-Buchholz",
        "Erzgebirge",
        "Stadtgutschein",
        "25,00 €",
        "7KQ2-M8XV-3HTP-ZR5C-9",
        "Gültig bis 31.12.2029",
        "Rest bleibt auf dem Gutschein",
        "Zeigen Sie den Gutschein an der Kasse, auf Papier oder auf dem Handy.",
        "Die Kasse scannt den Code oder tippt ihn ein.",
        "In allen Geschäften, die mitmachen, in Annaberg-Buchholz, Marienberg und Zwönitz.",
        "Herausgegeben von Große Kreisstadt Annaberg-Buchholz · Markt 1 · 09456 Annaberg",
        "ANA-2026-000123",
    ):
        assert words in text


def test_a_voucher_for_one_go_says_so_and_names_the_price(english):
    text = english.text()
    assert "To be used in one go" in text
    assert "your purchase must cost at least 1,250.50 €." in text
    assert "in Annaberg-Buchholz, Marienberg and Zwönitz." in text
    assert "stays on the voucher" not in text


def test_the_giver_s_message_keeps_its_lines(voucher_sheet):
    message = "Liebe Hanka,\nalles Gute!"
    printed = Printed(voucher_pdf([voucher_sheet(message=message)], NOON))
    raw = printed.document[0].get_textpage().get_text_range()
    assert "Liebe Hanka,\r\nalles Gute!" in raw


@pytest.mark.parametrize("language", ["de", "en"])
def test_it_is_pdf_ua_with_title_and_language(language, request):
    printed = request.getfixturevalue({"de": "german", "en": "english"}[language])
    assert b"<pdfuaid:part>1</pdfuaid:part>" in printed.bytes
    assert b"/StructTreeRoot" in printed.bytes
    assert printed.is_tagged()
    assert printed.language() == language
    value, number = {"de": ("25,00 €", "Nummer"), "en": ("1,250.50 €", "Number")}[language]
    assert printed.title() == f"Stadtgutschein, {value}, {number} ANA-2026-000123"


def test_headings_are_in_order_and_the_qr_code_has_words(german):
    tags = german.tags()
    assert [tag.kind for tag in tags if tag.kind.startswith("H")] == ["H1", "H2", "H2"]
    assert "Link" in [tag.kind for tag in tags]
    (figure,) = [tag for tag in tags if tag.kind == "Figure"]
    assert figure.alt == (
        "QR-Code des Gutscheins. Statt ihn zu scannen, kann die Kasse diesen Code eintippen: "
        "7KQ2-M8XV-3HTP-ZR5C-9"
    )


def test_one_page_for_each_voucher_in_the_order_given(voucher_sheet):
    sheets = [voucher_sheet(serial=f"ANA-{n}", message="Danke!") for n in range(3)]
    printed = Printed(voucher_pdf(sheets, NOON))
    assert len(printed) == 3
    assert ["ANA-0" in printed.text(0), "ANA-1" in printed.text(1)] == [True, True]
    assert "ANA-2" in printed.text(2)
    assert printed.title() == "3 Gutscheine: Annaberg-Buchholz"


@pytest.mark.parametrize(
    "changes",
    [
        {"accepted_in": [f"Neustadt an der Elster {n}" for n in range(40)]},
        {"town_name": "Verbandsgemeinde Oberes Erzgebirge-Zwickauer Muldenland, Sitz Aue"},
        {"programme_name": "Weihnachtsgutschein der Stadt und ihrer Innenstadt " * 3},
        {"value_cents": 2**53 - 1},
        {"message": "Alles Gute zum Geburtstag!\n" * 4},
        {"coat_of_arms_svg": None, "region_name": ""},
    ],
)
def test_what_towns_really_print_fits_on_one_page(voucher_sheet, changes):
    assert len(Printed(voucher_pdf([voucher_sheet(**changes)], NOON))) == 1


def test_the_same_voucher_gives_the_same_bytes(voucher_sheet):
    sheet = voucher_sheet(message="Danke 🌸")
    assert voucher_pdf([sheet], NOON) == voucher_pdf([sheet], NOON)
    assert voucher_pdf([sheet], NOON) != voucher_pdf([sheet], NOON + timedelta(seconds=1))


@pytest.mark.parametrize(
    "arms",
    [
        b"",
        b"<svg",
        b'<svg xmlns="http://www.w3.org/2000/svg"><image href="/etc/hostname.png"/></svg>',
        b'<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        b'<svg xmlns="http://www.w3.org/2000/svg"><text>&x;</text></svg>',
    ],
)
def test_a_coat_of_arms_that_is_broken_or_reaches_out_is_refused(voucher_sheet, arms):
    with pytest.raises(DocumentError, match="voucher: failed to"):
        voucher_pdf([voucher_sheet(coat_of_arms_svg=arms)], NOON)


def test_nonsense_is_refused_before_it_is_printed(voucher_sheet):
    good = voucher_sheet()
    framed = [[False] * 51, *([False, *row, False] for row in good.qr_matrix), [False] * 51]
    with pytest.raises(ValueError, match="1 to 250 vouchers, not 0"):
        voucher_pdf([], NOON)
    with pytest.raises(ValueError, match="not 251"):
        voucher_pdf([good] * (MOST_SHEETS + 1), NOON)
    for changes, message in (
        ({"qr_matrix": framed}, "without a quiet zone"),
        ({"qr_matrix": good.qr_matrix[:-1]}, "a square"),
        ({"qr_url": "javascript:alert(1)"}, "does not start with https"),
        ({"brand_colour": "green"}, "not a colour"),
        ({"accepted_in": []}, "at least one town"),
    ):
        with pytest.raises(ValueError, match=message):
            voucher_pdf([voucher_sheet(**changes)], NOON)
