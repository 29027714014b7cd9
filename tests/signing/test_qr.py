"""The QR code: an independent decoder reads back exactly what was put in."""

from __future__ import annotations

from random import Random

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from gutschein.signing.qr import MODULES, Matrix, qr_matrix
from gutschein.signing.token import token_url

PREFIX = "HTTPS://GUTSCHEIN.ERZGEBIRGE.EXAMPLE/STADT/V/"
URL = token_url(PREFIX, bytes(range(110)))
QUIET = 4


def picture(matrix: Matrix, pixels: int = 3, quiet: int = QUIET) -> memoryview:
    """Draw a matrix in grey, *pixels* to a module."""
    margin = [255] * (quiet * pixels)
    blank = [255] * ((len(matrix) + 2 * quiet) * pixels)
    lines = [blank] * (quiet * pixels)
    for row in matrix:
        line = [shade for dark in row for shade in [0 if dark else 255] * pixels]
        lines += [margin + line + margin] * pixels
    lines += [blank] * (quiet * pixels)
    flat = bytes(shade for line in lines for shade in line)
    return memoryview(flat).cast("B", (len(lines), len(blank)))


def decode(image: memoryview) -> zxingcpp.Barcode:
    # QR codes only: in a thousand QR codes one row or other passes for an ITF bar code
    (found,) = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)
    return found


def test_the_longest_url_is_version_8_level_m_in_the_fixed_mask() -> None:
    assert len(URL) == 221
    found = decode(picture(qr_matrix(URL)))
    assert found.text == URL
    assert found.format == zxingcpp.BarcodeFormat.QRCode
    assert {name: found.extra[name] for name in ("Version", "ECLevel", "DataMask")} == {
        "Version": "8",
        "ECLevel": "M",
        "DataMask": 3,
    }


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**64), st.integers(106, 110))
def test_whatever_the_token_it_is_read_back(seed: int, length: int) -> None:
    url = token_url(PREFIX, Random(seed).randbytes(length))
    matrix = qr_matrix(url)
    assert (len(matrix), {len(row) for row in matrix}) == (MODULES, {MODULES})
    assert decode(picture(matrix)).text == url


def test_a_stain_over_a_twentieth_of_it_does_no_harm() -> None:
    stain = range(20, 31)
    stained = [bytearray(row) for row in qr_matrix(URL)]
    for y in stain:
        stained[y][stain.start : stain.stop] = b"\1" * len(stain)
    matrix = tuple(bytes(row) for row in stained)
    assert matrix != qr_matrix(URL)
    assert decode(picture(matrix)).text == URL


@pytest.mark.parametrize("text", [URL + "A", "lower case", "GR\u00dcN", "A" * 500])
def test_what_the_symbol_cannot_hold_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"characters|represented"):
        qr_matrix(text)
