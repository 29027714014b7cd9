"""GiroCode: what it says by EPC069-12, and that a reader reads it."""

from __future__ import annotations

from typing import Any

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from gutschein.bank.girocode import girocode_matrix, girocode_text
from gutschein.kernel.errors import Refusal

ORDER: dict[str, Any] = {
    "name": "Stadt Zwönitz",
    "iban": "DE89 3704 0044 0532 0130 00",
    "amount_cents": 25_00,
    "reference": "RF3400000042",
}


def said(**changes: Any) -> str:
    return girocode_text(**ORDER | changes)


def read(text: str) -> zxingcpp.Barcode:
    quiet, pixels = 4, 3
    matrix = girocode_matrix(text)
    size = (len(matrix) + 2 * quiet) * pixels
    picture = bytearray(b"\xff" * size * size)
    for y, row in enumerate(matrix):
        for x, dark in enumerate(row):
            for line in range(pixels if dark else 0):
                begin = ((y + quiet) * pixels + line) * size + (x + quiet) * pixels
                picture[begin : begin + pixels] = bytes(pixels)
    grey = memoryview(bytes(picture)).cast("B", (size, size))
    (found,) = zxingcpp.read_barcodes(
        grey, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    )
    return found


def test_an_order_is_eleven_lines_with_its_reference_in_the_tenth() -> None:
    assert said().split("\n") == [
        "BCD",
        "002",
        "1",
        "SCT",
        "",
        "Stadt Zwönitz",
        "DE89370400440532013000",
        "EUR25.00",
        "",
        "RF3400000042",
    ]


def test_a_text_stands_in_the_eleventh_line_instead() -> None:
    lines = said(reference="", text="Bestellung 42", bic="COBADEFFXXX").split("\n")
    assert lines[4:] == [
        "COBADEFFXXX",
        "Stadt Zwönitz",
        "DE89370400440532013000",
        "EUR25.00",
        "",
        "",
        "Bestellung 42",
    ]


def test_nothing_follows_the_last_line_that_says_something() -> None:
    assert said(reference="").endswith("\nEUR25.00")


@pytest.mark.parametrize(
    "changes",
    [
        {"amount_cents": 0},
        {"amount_cents": 1_000_000_000_00},
        {"reference": "RF3500000042"},
        {"text": "und ein Text"},
        {"name": ""},
        {"name": "x" * 71},
        {"name": "Stadt\nZwönitz"},
        {"reference": "", "text": "x" * 141},
        {"reference": "", "text": "zwei\nZeilen"},
        {"reference": "", "text": "😀" * 80, "name": "ü" * 70},
        {"bic": "COBADEFF1"},
    ],
)
def test_what_a_girocode_cannot_say_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        said(**changes)


def test_an_account_that_is_none_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        said(iban="DE89370400440532013001")
    assert refused.value.code == "iban.invalid"


def test_the_smallest_and_the_largest_amount() -> None:
    assert "\nEUR0.01\n" in said(amount_cents=1)
    assert "\nEUR999999999.99\n" in said(amount_cents=99_999_999_999)


def test_a_reader_reads_it_at_level_m() -> None:
    found = read(said())
    assert found.text == said()
    assert "'ECLevel': 'M'" in str(found.extra)


@settings(max_examples=15, deadline=None)
@given(st.text("abc äöüß€ÄÖ-/", min_size=1, max_size=70).filter(str.strip), st.data())
def test_the_longest_fits_and_is_read_back(name: str, data: st.DataObject) -> None:
    text = data.draw(st.text("abcdefghij ,.-", max_size=140))
    written = said(name=name, text=text, reference="", bic="COBADEFFXXX")
    assert len(girocode_matrix(written)) <= 69
    assert read(written).text == written
