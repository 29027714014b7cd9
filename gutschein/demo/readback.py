"""Read vouchers back from their printed pages, as a till's camera would.

The decoder is ZXing's, which shares nothing with the code that draws.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import pypdfium2
import zxingcpp

from gutschein.demo.client import Unexpected

_DOTS_PER_INCH = 150
_QR_CODES = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
_PIN = re.compile(r"\b\d{3} \d{3}\b")
_TYPED_CODE = re.compile(r"\b(?:[0-9A-HJKMNP-TV-Z]{4}[-\s]){4}[0-9A-HJKMNP-TV-Z]\b")


@dataclass(frozen=True, slots=True)
class Printed:
    """What stands on one page: the text of the QR code, and the code beside it; and the PIN on
    the slip behind it, where there is one.
    """

    qr_text: str
    typed_code: str
    pin: str | None = None


def read_pages(pdf: bytes) -> list[Printed]:
    """Read every page of a PDF with vouchers.

    :raises Unexpected: when a page has not exactly one QR code and one typed code, and is no
        slip with a PIN behind one that has.
    """
    document = pypdfium2.PdfDocument(pdf)
    found: list[Printed] = []
    try:
        for page in document:
            read = _read(page)
            if isinstance(read, Printed):
                found.append(read)
            elif found and found[-1].pin is None:
                found[-1] = replace(found[-1], pin=read)
            else:
                raise Unexpected("a slip with a PIN, and no voucher before it")
    finally:
        document.close()
    return found


def _read(page: pypdfium2.PdfPage) -> Printed | str:
    """Return a voucher, or the PIN on a slip."""
    bitmap = page.render(scale=_DOTS_PER_INCH / 72, grayscale=True)
    raw = bytes(bitmap.buffer)
    rows = (raw[y * bitmap.stride :][: bitmap.width] for y in range(bitmap.height))
    pixels = memoryview(b"".join(rows)).cast("B", (bitmap.height, bitmap.width))
    found = zxingcpp.read_barcodes(pixels, formats=_QR_CODES)
    texts = {barcode.text for barcode in found}
    words = page.get_textpage().get_text_range()
    codes = set(_TYPED_CODE.findall(words))
    pins = _PIN.findall(words)
    if not texts and not codes and len(pins) == 1:
        return str(pins[0]).replace(" ", "")
    if len(texts) != 1 or len(codes) != 1:
        raise Unexpected(f"a page with {len(texts)} QR codes and {len(codes)} typed codes")
    return Printed(texts.pop(), codes.pop())
