"""Bank statements as banks write them: camt.053 in both versions, made from a few words."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Literal
from xml.sax.saxutils import escape

TRUST_IBAN = "DE89370400440532013000"
PAYER_IBAN = "DE02120300000000202051"

Version = Literal["02", "08"]


@dataclass(frozen=True, kw_only=True)
class Booking:
    """A movement: above zero money came in.

    :param parts: the payments of a collective entry, with or without amounts of their own.
    """

    cents: int
    text: tuple[str, ...] = ()
    reference: str = ""
    end_to_end: str = ""
    name: str = "Erika Beispiel"
    iban: str = PAYER_IBAN
    day: str = "2026-12-04"
    value_day: str = ""
    bank_reference: str = ""
    is_reversal: bool = False
    return_reason: str = ""
    status: str = "BOOK"
    told: str = ""
    parts: tuple[Booking, ...] = ()
    tells_amount: bool = True


def message(
    *bookings: Booking,
    version: Version = "08",
    opening: int = 1_000_00,
    closing: int | None = None,
    id: str = "2026-245",  # noqa: A002 - what it is called there
    sequence: int | None = 245,
    iban: str = TRUST_IBAN,
    days: tuple[str, str] | None = ("2026-12-04", "2026-12-04"),
) -> bytes:
    """A message with one statement, whose closing balance is right unless told."""
    return messages(
        Sheet(
            bookings,
            opening=opening,
            closing=closing,
            id=id,
            sequence=sequence,
            iban=iban,
            days=days,
        ),
        version=version,
    )


@dataclass(frozen=True)
class Sheet:
    """One statement of a message."""

    bookings: Sequence[Booking]
    opening: int = field(default=1_000_00, kw_only=True)
    closing: int | None = field(default=None, kw_only=True)
    id: str = field(default="2026-245", kw_only=True)
    sequence: int | None = field(default=245, kw_only=True)
    iban: str = field(default=TRUST_IBAN, kw_only=True)
    days: tuple[str, str] | None = field(default=("2026-12-04", "2026-12-04"), kw_only=True)


def messages(*sheets: Sheet, version: Version = "08") -> bytes:
    """A message with several statements."""
    statements = "".join(_statement(sheet, version) for sheet in sheets)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt>'
        "<GrpHdr><MsgId>27632364572</MsgId><CreDtTm>2026-12-05T04:00:00+01:00</CreDtTm></GrpHdr>"
        f"{statements}</BkToCstmrStmt></Document>"
    ).encode()


def zipped(*files: bytes) -> bytes:
    """The files in a ZIP, as banks hand out those of several days."""
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as pack:
        for number, file in enumerate(files, start=1):
            pack.writestr(f"2026-12-{number:02d}_C53_{TRUST_IBAN}_EUR.xml", file)
    return archive.getvalue()


def _statement(sheet: Sheet, version: Version) -> str:
    booked = sum(each.cents for each in sheet.bookings if each.status == "BOOK")
    closing = sheet.opening + booked if sheet.closing is None else sheet.closing
    from_day, to_day = sheet.days or ("2026-12-04", "2026-12-04")
    limits = (
        f"<FrToDt><FrDtTm>{from_day}T00:00:00+01:00</FrDtTm>"
        f"<ToDtTm>{to_day}T23:59:59+01:00</ToDtTm></FrToDt>"
    )
    return (
        f"<Stmt><Id>{escape(sheet.id)}</Id>"
        + ("" if sheet.sequence is None else _tag("ElctrncSeqNb", str(sheet.sequence)))
        + "<CreDtTm>2026-12-05T04:00:00+01:00</CreDtTm>"
        + (limits if sheet.days else "")
        + f"<Acct><Id><IBAN>{sheet.iban}</IBAN></Id><Ccy>EUR</Ccy></Acct>"
        + _balance("PRCD", sheet.opening, from_day)
        + _balance("CLBD", closing, to_day)
        + "".join(_entry(each, version) for each in sheet.bookings)
        + "</Stmt>"
    )


def _balance(code: str, cents: int, day: str) -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>{_amount(cents)}"
        f"<CdtDbtInd>{_side(cents)}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def _entry(booking: Booking, version: Version) -> str:
    status = f"<Cd>{booking.status}</Cd>" if version == "08" else booking.status
    details = "".join(_details(part, version) for part in booking.parts or (booking,))
    return (
        f"<Ntry>{_amount(booking.cents)}<CdtDbtInd>{_side(booking.cents)}</CdtDbtInd>"
        + ("<RvslInd>true</RvslInd>" if booking.is_reversal else "")
        + f"<Sts>{status}</Sts><BookgDt><Dt>{booking.day}</Dt></BookgDt>"
        + f"<ValDt><Dt>{booking.value_day or booking.day}</Dt></ValDt>"
        + _tag("AcctSvcrRef", booking.bank_reference)
        + "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly>"
        "</Domn></BkTxCd>"
        + f"<NtryDtls>{details}</NtryDtls>"
        + _tag("AddtlNtryInf", booking.told)
        + "</Ntry>"
    )


def _details(part: Booking, version: Version) -> str:
    """One payment. A version 08 tells its amount openly and nests its parties."""
    amount = _amount(part.cents) if part.tells_amount else ""
    if version == "02" and amount:
        amount = f"<AmtDtls><TxAmt>{amount}</TxAmt></AmtDtls>"
    elif amount:
        amount += f"<CdtDbtInd>{_side(part.cents)}</CdtDbtInd>"
    party = _tag("Nm", part.name)
    if version == "08":
        party = f"<Pty>{party}</Pty>"
    side = "Dbtr" if part.cents > 0 else "Cdtr"
    account = f"<{side}Acct><Id><IBAN>{part.iban}</IBAN></Id></{side}Acct>" if part.iban else ""
    reference = ""
    if part.reference:
        kind = "<Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry></Tp>"
        reference = f"<Strd><CdtrRefInf>{kind}{_tag('Ref', part.reference)}</CdtrRefInf></Strd>"
    remittance = "".join(_tag("Ustrd", line) for line in part.text) + reference
    reason = _tag("Cd", part.return_reason)
    return (
        "<TxDtls><Refs>"
        + _tag("EndToEndId", part.end_to_end or "NOTPROVIDED")
        + f"</Refs>{amount}<RltdPties><{side}>{party}</{side}>{account}</RltdPties>"
        + (f"<RmtInf>{remittance}</RmtInf>" if remittance else "")
        + (f"<RtrInf><Rsn>{reason}</Rsn></RtrInf>" if reason else "")
        + "</TxDtls>"
    )


def _amount(cents: int) -> str:
    return f'<Amt Ccy="EUR">{abs(cents) // 100}.{abs(cents) % 100:02d}</Amt>'


def _side(cents: int) -> str:
    return "DBIT" if cents < 0 else "CRDT"


def _tag(name: str, words: str) -> str:
    return f"<{name}>{escape(words)}</{name}>" if words else ""
