"""Read vouchers back from their printed pages, as a till's camera would.

The decoder is ZXing's, which shares nothing with the code that draws.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pypdfium2
import zxingcpp

from gutschein.demo.client import Unexpected

_DOTS_PER_INCH = 150
_QR_CODES = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
_TYPED_CODE = re.compile(r"\b(?:[0-9A-HJKMNP-TV-Z]{4}[-\s]){4}[0-9A-HJKMNP-TV-Z]\b")


@dataclass(frozen=True, slots=True)
class Printed:
    """What stands on one page: the text of the QR code, and the code beside it."""

    qr_text: str
    typed_code: str


def read_pages(pdf: bytes) -> list[Printed]:
    """Read every page of a PDF with vouchers.

    :raises Unexpected: when a page has not exactly one QR code and one typed code.
    """
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [_read(page) for page in document]
    finally:
        document.close()


def _read(page: pypdfium2.PdfPage) -> Printed:
    bitmap = page.render(scale=_DOTS_PER_INCH / 72, grayscale=True)
    raw = bytes(bitmap.buffer)
    rows = (raw[y * bitmap.stride :][: bitmap.width] for y in range(bitmap.height))
    pixels = memoryview(b"".join(rows)).cast("B", (bitmap.height, bitmap.width))
    found = zxingcpp.read_barcodes(pixels, formats=_QR_CODES)
    texts = {barcode.text for barcode in found}
    codes = set(_TYPED_CODE.findall(page.get_textpage().get_text_range()))
    if len(texts) != 1 or len(codes) != 1:
        raise Unexpected(f"a page with {len(texts)} QR codes and {len(codes)} typed codes")
    return Printed(texts.pop(), codes.pop())
