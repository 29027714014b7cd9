"""Vouchers for print and screen: one A4 page each, QR and typed code side by side. What has
a PIN is followed by a slip that names it, on a page of its own.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import msgspec

from gutschein.documents.contrast import palette
from gutschein.documents.printable import printable_line, printable_lines
from gutschein.documents.typst_pdf import render_pdf
from gutschein.documents.voucher_words import VOUCHER_WORDS, Language, VoucherWords, listed
from gutschein.kernel.clock import format_day
from gutschein.kernel.money import format_euro

#: Typst holds about 1 MB for each page until the file is written.
MOST_SHEETS = 250

#: The upper part of a page in a motif, across the paper (210 by 64 mm), in units of its own.
MOTIF_SHAPE = (1050, 320)

_QUIET_ZONE = 4  # modules on each side, white (ISO/IEC 18004, 9.1)
_DARK_RUN = re.compile(rb"\x01+")


class ForSale(msgspec.Struct, frozen=True, kw_only=True):
    """What is printed on a voucher that is not sold yet, for the issuing point."""

    activation_text: str  # as it is typed: ABCD-EFGH-JKMN-PQRS-T
    activation_matrix: Sequence[bytes | Sequence[bool]]  # as qr_matrix
    sell_until: date  # inclusive
    years: int  # how many, after the year of sale, it will be good for
    value_is_open: bool = False  # chosen at the sale, and written on it


class MotifPicture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture to give a voucher in. What is not of :data:`MOTIF_SHAPE` is cut to it."""

    content: bytes
    media_type: str  # image/svg+xml, image/png or image/jpeg
    alt: str  # what is to be seen


class VoucherSheet(msgspec.Struct, frozen=True, kw_only=True):
    """All that is printed on one voucher."""

    town_name: str
    region_name: str
    programme_name: str
    value_cents: int
    code_text: str  # as it is typed: ABCD-EFGH-JKMN-PQRS-T
    qr_url: str
    qr_matrix: Sequence[bytes | Sequence[bool]]  # dark modules 1, without the quiet zone
    valid_until: date  # inclusive
    serial: str
    accepted_in: list[str]  # town names, at least the issuer's own
    issuer_lines: list[str]  # the legal issuer's address
    brand_colour: str  # #rrggbb
    coat_of_arms_svg: bytes | None = None
    motif: MotifPicture | None = None
    message: str | None = None  # from the giver, may have several lines
    language: Language = "de"
    partial_redemption: bool = True
    pin_text: str | None = None  # as it is typed: 482 913
    for_sale: ForSale | None = None  # of one in stock: its last day depends on the sale


def voucher_pdf(sheets: Sequence[VoucherSheet], created_at: datetime) -> bytes:
    """Lay out *sheets* as PDF/UA-1, one A4 page each and in the order given, and behind each
    that has a PIN the page with its slip.

    The QR symbol is 48 mm wide, its quiet zone comes on top.
    Names of some hundred characters may push a voucher to a second page; nothing is cut.

    :raises ValueError: without sheets or with more than :data:`MOST_SHEETS`, without an
        accepting town, for a URL that is not one of the web, for a matrix that is not a QR
        symbol without its quiet zone, and for a colour that is not ``#rrggbb``.
    :raises DocumentError: when Typst refuses the document, for example its coat of arms.
    """
    if not 1 <= len(sheets) <= MOST_SHEETS:
        raise ValueError(f"one file holds 1 to {MOST_SHEETS} vouchers, not {len(sheets)}")
    languages = {sheet.language for sheet in sheets}
    drawings = {svg: number for number, svg in enumerate(_drawings(sheets))}
    data = {
        "title": _title(sheets),
        "language": sheets[0].language,
        "quiet_zone": _QUIET_ZONE,
        "words": {language: VOUCHER_WORDS[language] for language in languages},
        "drawings": list(drawings),
        "sheets": [_page(sheet, drawings) for sheet in sheets],
    }
    return render_pdf("voucher", data, created_at=created_at)


def _drawings(sheets: Sequence[VoucherSheet]) -> dict[str, None]:
    """Return the pictures and coats of arms of *sheets*, each once: most share theirs."""
    found = [svg for sheet in sheets for svg in (_picture_svg(sheet), _arms_svg(sheet))]
    return dict.fromkeys(svg for svg in found if svg is not None)


def _title(sheets: Sequence[VoucherSheet]) -> str:
    first = sheets[0]
    words = VOUCHER_WORDS[first.language]
    if len(sheets) == 1:
        value = _value(first, words)
        name = printable_line(first.programme_name)
        return f"{name}, {value}, {words.number} {printable_line(first.serial)}"
    towns = listed(sorted({printable_line(s.town_name) for s in sheets}), words.conjunction)
    return f"{len(sheets)} {words.vouchers}: {towns}"


def _page(sheet: VoucherSheet, drawings: Mapping[str, int]) -> dict[str, Any]:
    words = VOUCHER_WORDS[sheet.language]
    value = _value(sheet, words)
    if not sheet.accepted_in:
        raise ValueError("a voucher is accepted in at least one town")
    towns = listed([printable_line(name) for name in sheet.accepted_in], words.conjunction)
    if not sheet.qr_url.lower().startswith(("https://", "http://")):
        raise ValueError("the QR code's URL does not start with https:// or http://")
    picture, arms = _picture_svg(sheet), _arms_svg(sheet)
    partial = sheet.partial_redemption
    return {
        "language": sheet.language,
        "town": printable_line(sheet.town_name),
        "region": printable_line(sheet.region_name),
        "programme": printable_line(sheet.programme_name),
        "value": value,
        "open_value": sheet.for_sale is not None and sheet.for_sale.value_is_open,
        "code": printable_line(sheet.code_text),
        "url": sheet.qr_url,
        "qr_svg": _qr_svg(sheet.qr_matrix),
        "qr_modules": len(sheet.qr_matrix),
        "valid_until": _last_day(sheet, words),
        "for_sale": _for_sale(sheet.for_sale, words),
        "serial": printable_line(sheet.serial),
        "rule": words.rest_stays if partial else words.whole_only,
        "steps": [
            words.step_show,
            words.step_scan if sheet.pin_text is None else words.step_scan_pin,
            words.step_rest_stays if partial else _whole_only(sheet, words),
        ],
        "where": words.where_towns.format(towns=towns),
        "issuer": [printable_line(line) for line in sheet.issuer_lines],
        "keep_safe": words.keep_safe if sheet.pin_text is None else words.keep_safe_pin,
        "pin": None if sheet.pin_text is None else printable_line(sheet.pin_text),
        "colours": palette(sheet.brand_colour),
        "arms": None if arms is None else drawings[arms],
        "picture": None if picture is None else drawings[picture],
        "picture_alt": None if sheet.motif is None else printable_line(sheet.motif.alt),
        "message": printable_lines(sheet.message) if sheet.message else "",
    }


def _value(sheet: VoucherSheet, words: VoucherWords) -> str:
    if sheet.for_sale is not None and sheet.for_sale.value_is_open:
        return words.value_open
    return format_euro(sheet.value_cents, sheet.language)


def _whole_only(sheet: VoucherSheet, words: VoucherWords) -> str:
    if sheet.for_sale is not None and sheet.for_sale.value_is_open:
        return words.step_whole_only_open
    return words.step_whole_only.format(value=_value(sheet, words))


def _last_day(sheet: VoucherSheet, words: VoucherWords) -> str:
    if sheet.for_sale is not None:
        return words.valid_from_sale.format(years=sheet.for_sale.years)
    return format_day(sheet.valid_until)


def _for_sale(for_sale: ForSale | None, words: VoucherWords) -> dict[str, Any] | None:
    if for_sale is None:
        return None
    return {
        "code": printable_line(for_sale.activation_text),
        "qr_svg": _qr_svg(for_sale.activation_matrix),
        "qr_modules": len(for_sale.activation_matrix),
        "sell_until": words.sell_until.format(day=format_day(for_sale.sell_until)),
        "value_is_open": for_sale.value_is_open,
    }


def _arms_svg(sheet: VoucherSheet) -> str | None:
    arms = sheet.coat_of_arms_svg
    return None if arms is None else arms.decode("utf-8", "replace")


def _picture_svg(sheet: VoucherSheet) -> str | None:
    picture = sheet.motif
    return None if picture is None else _as_svg(picture)


@lru_cache(maxsize=32)
def _as_svg(picture: MotifPicture) -> str:
    """Return a motif as SVG: as it is, or around the PNG or JPEG, which fills it."""
    if picture.media_type == "image/svg+xml":
        return picture.content.decode("utf-8", "replace")
    width, height = MOTIF_SHAPE
    content = b64encode(picture.content).decode("ascii")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">'
        f'<image width="{width}" height="{height}" preserveAspectRatio="xMidYMid slice" '
        f'href="data:{picture.media_type};base64,{content}"/></svg>'
    )


def _qr_svg(matrix: Sequence[bytes | Sequence[bool]]) -> str:
    """Draw the dark modules as one path, a rectangle for each run, in their quiet zone."""
    size = len(matrix)
    if size < 21 or any(len(row) != size for row in matrix):
        raise ValueError("a QR code is a square of at least 21 modules")
    if not (matrix[0][0] and matrix[0][-1] and matrix[-1][0]):
        raise ValueError("the matrix starts with the QR code's corners, without a quiet zone")
    path = "".join(
        f"M{run.start()} {y}h{len(run[0])}v1h-{len(run[0])}z"
        for y, row in enumerate(matrix)
        for run in _DARK_RUN.finditer(bytes(row))
    )
    framed = size + 2 * _QUIET_ZONE
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" '
        f'viewBox="-{_QUIET_ZONE} -{_QUIET_ZONE} {framed} {framed}">'
        f'<path d="{path}"/></svg>'
    )
