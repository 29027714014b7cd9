"""One element of an ISO 20022 message, read by paths of tags in its own namespace.

What is missing or does not fit is refused by the place where it should be.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import NoReturn

from lxml import etree

from gutschein.kernel.clock import berlin_day
from gutschein.kernel.errors import Refusal
from gutschein.kernel.money import LARGEST_AMOUNT_CENTS

#: xs:decimal without a sign, of the length that ISO 20022 gives amounts.
_AMOUNT = re.compile(r"[0-9]{1,18}(?:\.[0-9]{0,5})?", re.ASCII)
_ZONE = re.compile(r"(?:Z|[+-][0-9]{2}:[0-9]{2})$")


def root_of(xml: bytes, namespaces: Collection[str]) -> Element:
    """Read a message of one of the namespaces.

    Nothing outside *xml* is ever loaded, and a document type declaration is refused.

    :raises Refusal: ``bank_statement.format``.
    """
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        document = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as mistake:
        raise Refusal("bank_statement.format") from mistake
    name = etree.QName(document)
    if document.getroottree().docinfo.doctype or name.namespace not in namespaces:
        raise Refusal("bank_statement.format")
    return Element(document)


class Element:
    """An element, and how it is called where something about it is amiss."""

    def __init__(self, element: etree._Element, name: str = "") -> None:
        self._element = element
        self._namespace = etree.QName(element).namespace
        self.name = name

    def all(self, path: str) -> Iterator[Element]:
        tag = path.rsplit("/", maxsplit=1)[-1]
        for number, each in enumerate(self._element.iterfind(self._path(path)), start=1):
            yield Element(each, f"{self.name} {tag} {number}".lstrip())

    def first(self, *paths: str) -> Element | None:
        return next((found for path in paths for found in self.all(path)), None)

    def lines(self, path: str) -> tuple[str, ...]:
        """Return the texts at a path, each in one line, without those that say nothing."""
        texts = (_in_one_line(each.text) for each in self._element.iterfind(self._path(path)))
        return tuple(line for line in texts if line)

    def text(self, *paths: str) -> str:
        """Return the text at the first of the paths that has any, in one line; or none."""
        return next((line for path in paths for line in self.lines(path)), "")

    def needed(self, *paths: str) -> str:
        return self.text(*paths) or self.amiss(" | ".join(paths))

    def cents(self, path: str) -> int:
        """Return an amount in euro cents, which is never below zero."""
        element = self._element.find(self._path(path))
        if element is None or not element.text:
            self.amiss(path)
        if (currency := element.get("Ccy")) != "EUR":
            raise Refusal("bank_statement.currency", currency=currency or "?")
        written = element.text.strip()
        cents = Decimal(written).scaleb(2) if _AMOUNT.fullmatch(written) else Decimal("NaN")
        if cents != cents.to_integral_value() or cents > LARGEST_AMOUNT_CENTS:
            self.amiss(path)
        return int(cents)

    def is_credit(self) -> bool:
        indicator = self.needed("CdtDbtInd")
        if indicator not in ("CRDT", "DBIT"):
            self.amiss("CdtDbtInd")
        return indicator == "CRDT"

    def is_in_euros(self, path: str) -> bool:
        element = self._element.find(self._path(path))
        return element is not None and element.get("Ccy") == "EUR"

    def signed_cents(self, path: str) -> int:
        return self.cents(path) if self.is_credit() else -self.cents(path)

    def day(self, path: str) -> date:
        """Return a date, or the day in Germany of an instant."""
        try:
            if written := self.text(f"{path}/Dt"):
                # xs:date may name a time zone, which a day of the bank's books does not have.
                return date.fromisoformat(_ZONE.sub("", written))
            return day_of(self.text(f"{path}/DtTm"))
        except ValueError:
            self.amiss(path)

    def amiss(self, path: str) -> NoReturn:
        raise Refusal("bank_statement.invalid", reason=f"{self.name}, {path}")

    def _path(self, path: str) -> str:
        return "/".join(f"{{{self._namespace}}}{tag}" for tag in path.split("/"))


def _in_one_line(text: str | None) -> str:
    line = " ".join((text or "").split())
    return "".join(c for c in line if unicodedata.category(c)[0] != "C")


def day_of(written: str) -> date:
    """Return the day in Germany of an instant, or of a time without a zone.

    :raises ValueError: for anything else.
    """
    instant = datetime.fromisoformat(written)
    try:
        return instant.date() if instant.tzinfo is None else berlin_day(instant)
    except OverflowError as mistake:
        raise ValueError(written) from mistake
