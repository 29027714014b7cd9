"""Read payment files back, and hold them against the ISO schema."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from importlib.resources import files

from lxml import etree

from gutschein.bank.pain001 import NAMESPACE
from gutschein.bank.payout_order import CreditTransfer, PayoutOrder, PostalAddress
from gutschein.kernel.errors import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutFile:
    """What a payment file says: the order as the bank reads it, and the totals it states."""

    order: PayoutOrder
    count: int
    control_sum_cents: int
    batch_count: int
    batch_sum_cents: int

    @property
    def end_to_end_ids(self) -> tuple[str, ...]:
        return tuple(transfer.end_to_end_id for transfer in self.order.transfers)


def validate_pain001(xml: bytes) -> list[str]:
    """Hold *xml* against the ISO 20022 schema; return what is wrong with it, or nothing.

    Nothing outside *xml* is ever loaded, and a document type declaration is an error.
    """
    return _parse(xml)[1]


def read_pain001(xml: bytes) -> PayoutFile:
    """Read a payment file with one batch in euros, as :func:`write_pain001` makes it.

    The totals are those the file states; whether they are right is for the caller to compare.

    :raises Refusal: ``payout_file.unreadable`` when it breaks the schema or is of another kind.
    """
    document, mistakes = _parse(xml)
    if document is None or mistakes:
        raise Refusal("payout_file.unreadable", reason=mistakes[0])
    header = document.find(_path("CstmrCdtTrfInitn/GrpHdr"))
    batches = document.findall(_path("CstmrCdtTrfInitn/PmtInf"))
    if len(batches) != 1:
        raise Refusal("payout_file.unreadable", reason=f"{len(batches)} PmtInf")
    try:
        return _read(header, batches[0])
    except ValueError as mistake:  # a year, an hour or a fraction that only the schema knows
        raise Refusal("payout_file.unreadable", reason=str(mistake)) from mistake


def _parse(xml: bytes) -> tuple[etree._Element | None, list[str]]:
    # Parser and schema are made anew each time: they keep their error log, so threads
    # that shared them would read one another's mistakes.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True
    )
    try:
        document = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as mistake:
        return None, [str(mistake)]
    if document.getroottree().docinfo.doctype:
        return document, ["a document type declaration is not allowed"]
    source = files("sepaxml") / "schemas" / "pain.001.001.09.xsd"
    schema = etree.XMLSchema(etree.fromstring(source.read_bytes()))
    schema.validate(document)
    return document, [f"line {entry.line}: {entry.message}" for entry in schema.error_log]


def _read(header: etree._Element, batch: etree._Element) -> PayoutFile:
    created_at = datetime.fromisoformat(_text(header, "CreDtTm"))
    if created_at.tzinfo is None:
        raise ValueError("CreDtTm has no time zone")
    order = PayoutOrder(
        message_id=_text(header, "MsgId"),
        payment_information_id=_text(batch, "PmtInfId"),
        created_at=created_at,
        requested_on=date.fromisoformat(_text(batch, "ReqdExctnDt/Dt")),
        debtor_name=_text(batch, "Dbtr/Nm"),
        debtor_iban=_text(batch, "DbtrAcct/Id/IBAN"),
        debtor_bic=_optional(batch, "DbtrAgt/FinInstnId/BICFI"),
        transfers=tuple(map(_transfer, batch.iterfind(_path("CdtTrfTxInf")))),
    )
    return PayoutFile(
        order=order,
        count=int(_text(header, "NbOfTxs")),
        control_sum_cents=_cents(_text(header, "CtrlSum")),
        batch_count=int(_text(batch, "NbOfTxs")),
        batch_sum_cents=_cents(_text(batch, "CtrlSum")),
    )


def _transfer(transfer: etree._Element) -> CreditTransfer:
    amount = transfer.find(_path("Amt/InstdAmt"))
    if amount is None or amount.get("Ccy") != "EUR":
        raise ValueError("an amount is not in euros")
    return CreditTransfer(
        end_to_end_id=_text(transfer, "PmtId/EndToEndId"),
        amount_cents=_cents(amount.text),
        creditor_name=_text(transfer, "Cdtr/Nm"),
        creditor_iban=_text(transfer, "CdtrAcct/Id/IBAN"),
        remittance=_text(transfer, "RmtInf/Ustrd"),
        creditor_address=_address(transfer.find(_path("Cdtr/PstlAdr"))),
    )


def _address(postal: etree._Element | None) -> PostalAddress | None:
    if postal is None:
        return None
    return PostalAddress(
        street=_optional(postal, "StrtNm"),
        house_number=_optional(postal, "BldgNb"),
        postcode=_optional(postal, "PstCd"),
        town_name=_text(postal, "TwnNm"),
        country=_text(postal, "Ctry"),
    )


def _cents(text: str) -> int:
    cents = Decimal(text).scaleb(2)
    if cents != cents.to_integral_value():
        raise ValueError(f"{text} is not a whole number of cents")
    return int(cents)


def _text(parent: etree._Element, path: str) -> str:
    text = _optional(parent, path)
    if text is None:
        raise ValueError(f"{path} is missing")
    return text


def _optional(parent: etree._Element, path: str) -> str | None:
    text: str | None = parent.findtext(_path(path))
    return text


def _path(path: str) -> str:
    return "/".join(f"{{{NAMESPACE}}}{tag}" for tag in path.split("/"))
