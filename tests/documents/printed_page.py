"""Reading printed documents back, with another library than the one that wrote them."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from datetime import UTC, datetime

import pypdfium2
import pypdfium2.raw as pdfium
import zxingcpp

URL = "HTTPS://GUTSCHEIN.ERZGEBIRGE.DE/V/" + "MFRGGZDFMZTWQ2LK" * 10 + "GEZDGNBVGY3TQ"
NOON = datetime(2026, 11, 30, 11, 0, tzinfo=UTC)

PIXELS_PER_MM = 8.0  # about 200 dpi, a plain office scanner


@dataclass(frozen=True)
class Tag:
    """One element of the tag tree that a screen reader follows."""

    kind: str
    alt: str
    depth: int


class Printed:
    """A PDF, opened and asked what stands in it."""

    def __init__(self, pdf: bytes) -> None:
        self.bytes = pdf
        self.document = pypdfium2.PdfDocument(pdf)

    def __len__(self) -> int:
        return len(self.document)

    def text(self, page: int | None = None) -> str:
        """The text as one line, of one page or of all."""
        pages = range(len(self.document)) if page is None else [page]
        texts = (self.document[n].get_textpage().get_text_range() for n in pages)
        return " ".join(" ".join(texts).split())

    def title(self) -> str:
        return self.document.get_metadata_dict()["Title"]

    def language(self) -> str:
        buffer = ctypes.create_string_buffer(64)
        length = pdfium.FPDFCatalog_GetLanguage(
            self.document, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), 64
        )
        return buffer.raw[: length - 2].decode("utf-16-le")

    def is_tagged(self) -> bool:
        return bool(pdfium.FPDFCatalog_IsTagged(self.document))

    def tags(self, page: int = 0) -> list[Tag]:
        """The tag tree of a page, in reading order."""
        tree = pdfium.FPDF_StructTree_GetForPage(self.document[page])
        found: list[Tag] = []
        for index in range(pdfium.FPDF_StructTree_CountChildren(tree)):
            _collect(pdfium.FPDF_StructTree_GetChildAtIndex(tree, index), 0, found)
        pdfium.FPDF_StructTree_Close(tree)
        return found

    def pixels(self, page: int = 0) -> memoryview:
        """The page in shades of grey, rows of bytes, at ``PIXELS_PER_MM``."""
        scale = PIXELS_PER_MM * 25.4 / 72
        bitmap = self.document[page].render(scale=scale, grayscale=True)
        raw = bytes(bitmap.buffer)
        rows = (raw[y * bitmap.stride :][: bitmap.width] for y in range(bitmap.height))
        return memoryview(b"".join(rows)).cast("B", (bitmap.height, bitmap.width))

    def barcodes(self, page: int = 0) -> list[zxingcpp.Barcode]:
        return zxingcpp.read_barcodes(self.pixels(page))


def _collect(element: object, depth: int, found: list[Tag]) -> None:
    if not element:  # a leaf: marked content
        return
    kind = _string(pdfium.FPDF_StructElement_GetType, element)
    found.append(Tag(kind, _string(pdfium.FPDF_StructElement_GetAltText, element), depth))
    for index in range(pdfium.FPDF_StructElement_CountChildren(element)):
        child = pdfium.FPDF_StructElement_GetChildAtIndex(element, index)
        _collect(child, depth + 1, found)


def _string(read: object, element: object) -> str:
    length = read(element, None, 0)
    if not length:
        return ""
    buffer = ctypes.create_string_buffer(length)
    read(element, buffer, length)
    return buffer.raw[: length - 2].decode("utf-16-le")
