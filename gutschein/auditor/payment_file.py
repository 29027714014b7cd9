"""A reader of payment files (ISO 20022 pain.001.001.09) that shares no code with the writer.

It takes the file apart as a stream and keeps of each transfer only what is paid to whom.
A document type declaration, and with it every entity, is refused.
"""

from __future__ import annotations

import re
from decimal import Decimal
from io import BytesIO
from typing import NamedTuple

from lxml import etree

_N = "{urn:iso:std:iso:20022:tech:xsd:pain.001.001.09}"
_AMOUNT = re.compile(r"[0-9]{1,13}(\.[0-9]{1,2})?")


class Unreadable(Exception):
    """The file is not what a bank could read; the text says why."""


class PaymentTransfer(NamedTuple):
    """One payment: how much, to which account, under which reference."""

    end_to_end_id: str
    amount_cents: int
    iban: str


class PaymentFile(NamedTuple):
    """What the file orders, and the numbers and control sums (in cents) that it states.

    ``batch_totals`` are those of all its batches together.
    """

    message_id: str
    header_totals: tuple[int, Decimal]
    batch_totals: tuple[int, Decimal]
    debtor_ibans: set[str]
    transfers: list[PaymentTransfer]


def read_payment_file(content: bytes) -> PaymentFile:
    """Read a payment file.

    :raises Unreadable: when it is no well-formed pain.001.001.09 or lacks what a bank needs.
    """
    transfers: list[PaymentTransfer] = []
    steps = etree.iterparse(
        BytesIO(content),
        events=("end",),
        tag=f"{_N}CdtTrfTxInf",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
    )
    try:
        for _, element in steps:
            transfers.append(_transfer(element))
            element.clear()
    except etree.XMLSyntaxError as error:
        raise Unreadable(str(error)) from error
    root = steps.root
    if root is None or root.tag != f"{_N}Document":
        raise Unreadable("it is no pain.001.001.09")
    if root.getroottree().docinfo.doctype:
        raise Unreadable("it declares a document type")
    header = _totals(root, "CstmrCdtTrfInitn/GrpHdr/")
    batches = list(root.iter(f"{_N}PmtInf"))
    stated = [_totals(batch, "") for batch in batches]
    return PaymentFile(
        message_id=_text(root, "CstmrCdtTrfInitn/GrpHdr/MsgId"),
        header_totals=header,
        batch_totals=(
            sum(count for count, _ in stated),
            sum((cents for _, cents in stated), Decimal(0)),
        ),
        debtor_ibans={_text(batch, "DbtrAcct/Id/IBAN") for batch in batches},
        transfers=transfers,
    )


def _totals(element: etree._Element, at: str) -> tuple[int, Decimal]:
    count = _text(element, f"{at}NbOfTxs")
    if not count.isdecimal():
        raise Unreadable("NbOfTxs is no number")
    return int(count), _cents(element, f"{at}CtrlSum")


def _transfer(element: etree._Element) -> PaymentTransfer:
    amount = element.find(_path("Amt/InstdAmt"))
    if amount is None or amount.get("Ccy") != "EUR":
        raise Unreadable("an amount is not in euros")
    return PaymentTransfer(
        end_to_end_id=_text(element, "PmtId/EndToEndId"),
        amount_cents=int(_cents(element, "Amt/InstdAmt")),
        iban=_text(element, "CdtrAcct/Id/IBAN"),
    )


def _cents(element: etree._Element, path: str) -> Decimal:
    words = _text(element, path)
    if not _AMOUNT.fullmatch(words):
        raise Unreadable(f"{path} is no amount in cents")
    return Decimal(words) * 100


def _text(element: etree._Element, path: str) -> str:
    found = element.findtext(_path(path))
    if not found:
        raise Unreadable(f"{path} is missing")
    return str(found)


def _path(path: str) -> str:
    return "/".join(_N + step for step in path.split("/"))
