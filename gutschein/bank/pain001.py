"""Payment files: ISO 20022 pain.001.001.09, a batch of SEPA credit transfers.

Written element by element, so that a file of 50,000 transfers never stands in memory as a
tree, and so that nothing in it comes from a clock or a die
(``docs/decisions/0005-payout-files.md``).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from io import BytesIO

from lxml import etree
from lxml.builder import E

from gutschein.bank.iban import parse_iban
from gutschein.bank.payout_order import CreditTransfer, PayoutOrder, PostalAddress, check_order
from gutschein.bank.sepa_text import sepa_text
from gutschein.kernel.money import format_decimal

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"

#: The schema would allow names of 140 characters; the SEPA rulebook carries 70.
NAME_LENGTH = 70
REMITTANCE_LENGTH = 140


def write_pain001(order: PayoutOrder) -> bytes:
    """Write the payment file of *order*: one batch, valid under the ISO schema, UTF-8.

    Names, remittance text and addresses are brought into the SEPA character set and cut to
    length; references and account numbers are refused rather than changed.

    :raises Refusal: what :func:`check_order` refuses, and ``sepa_text.empty`` for a name,
        remittance text or part of an address in which no letter or digit is left.
    :raises ValueError: when ``created_at`` carries no time zone.
    """
    check_order(order)
    file = BytesIO()
    with etree.xmlfile(file, encoding="UTF-8") as xml:
        xml.write_declaration()
        # The elements below carry no namespace of their own: they stand inside the default one.
        with xml.element("Document", nsmap={None: NAMESPACE}), xml.element("CstmrCdtTrfInitn"):
            xml.write(_group_header(order), pretty_print=True)
            with xml.element("PmtInf"):
                for element in _batch(order):
                    xml.write(element, pretty_print=True)
    return file.getvalue()


def _group_header(order: PayoutOrder) -> etree._Element:
    created_at = order.created_at.astimezone(UTC)
    return E.GrpHdr(
        E.MsgId(order.message_id),
        E.CreDtTm(f"{created_at:%Y-%m-%dT%H:%M:%SZ}"),
        *_totals(order),
        E.InitgPty(E.Nm(sepa_text(order.debtor_name, NAME_LENGTH))),
    )


def _totals(order: PayoutOrder) -> Iterator[etree._Element]:
    yield E.NbOfTxs(str(len(order.transfers)))
    yield E.CtrlSum(format_decimal(order.control_sum_cents))


def _batch(order: PayoutOrder) -> Iterator[etree._Element]:
    yield E.PmtInfId(order.payment_information_id)
    yield E.PmtMtd("TRF")
    yield E.BtchBookg("true")  # one debit on the trust account for the whole order
    yield from _totals(order)
    yield E.PmtTpInf(E.SvcLvl(E.Cd("SEPA")))
    yield E.ReqdExctnDt(E.Dt(order.requested_on.isoformat()))
    yield E.Dbtr(E.Nm(sepa_text(order.debtor_name, NAME_LENGTH)))
    yield E.DbtrAcct(_account(order.debtor_iban))
    if order.debtor_bic is None:
        # The element is mandatory; this is how Anlage 3 says "by IBAN only".
        yield E.DbtrAgt(E.FinInstnId(E.Othr(E.Id("NOTPROVIDED"))))
    else:
        yield E.DbtrAgt(E.FinInstnId(E.BICFI(order.debtor_bic)))
    yield E.ChrgBr("SLEV")
    for transfer in order.transfers:
        yield _transfer(transfer)


def _transfer(transfer: CreditTransfer) -> etree._Element:
    creditor = E.Cdtr(E.Nm(sepa_text(transfer.creditor_name, NAME_LENGTH)))
    if transfer.creditor_address is not None:
        creditor.append(_address(transfer.creditor_address))
    return E.CdtTrfTxInf(
        E.PmtId(E.EndToEndId(transfer.end_to_end_id)),
        E.Amt(E.InstdAmt(format_decimal(transfer.amount_cents), Ccy="EUR")),
        creditor,
        E.CdtrAcct(_account(transfer.creditor_iban)),
        E.RmtInf(E.Ustrd(sepa_text(transfer.remittance, REMITTANCE_LENGTH))),
    )


def _account(iban: str) -> etree._Element:
    return E.Id(E.IBAN(parse_iban(iban)))


def _address(address: PostalAddress) -> etree._Element:
    postal = E.PstlAdr()
    for tag, part, max_length in (
        ("StrtNm", address.street, 70),
        ("BldgNb", address.house_number, 16),
        ("PstCd", address.postcode, 16),
        ("TwnNm", address.town_name, 35),
    ):
        if part is not None:
            etree.SubElement(postal, tag).text = sepa_text(part, max_length)
    postal.append(E.Ctry(address.country))
    return postal
