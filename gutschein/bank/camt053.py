"""Bank statements: camt.053.001.02 and camt.053.001.08 (ISO 20022), read into plain values.

Where the two versions differ, one path finds what the other does not: a status is text or a code,
a party stands by itself or one level deeper, the amount of a detail is named or wrapped.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from gutschein.bank.bank_statement import Entry, Statement
from gutschein.bank.iban import parse_iban
from gutschein.bank.message_element import Element, day_of, root_of
from gutschein.bank.rf_reference import compacted
from gutschein.kernel.errors import Refusal
from gutschein.kernel.money import format_euro

NAMESPACES = frozenset(
    {f"urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}" for version in ("02", "08")}
)

#: Balances that a statement may begin and end with. A page of a longer one has interim ones.
_OPENING, _CLOSING = ("OPBD", "PRCD", "ITBD"), ("CLBD", "ITBD")

#: Where the amount of a detail stands: in version 08, in version 02.
_AMOUNTS = ("Amt", "AmtDtls/TxAmt/Amt")

#: The bank's own word for a payment that came back (ISO 20022, bank transaction codes).
_RETURNED = "RRTN"

#: What banks write where they have no reference.
_NO_REFERENCE = frozenset({"", "NONREF", "NOTPROVIDED"})


def read_camt053(xml: bytes) -> list[Statement]:
    """Read the statements of one message.

    Nothing outside *xml* is ever loaded, and a document type declaration is refused.

    :raises Refusal: ``bank_statement.format`` for anything but these messages,
        ``bank_statement.invalid`` when something is missing, ``bank_statement.currency``,
        ``bank_statement.sums`` when the entries do not lead from one balance to the other.
    """
    document = root_of(xml, NAMESPACES)
    return [_statement(each) for each in document.all("BkToCstmrStmt/Stmt")]


def _statement(stmt: Element) -> Statement:
    currency = stmt.text("Acct/Ccy") or "EUR"
    if currency != "EUR":
        raise Refusal("bank_statement.currency", currency=currency)
    written = stmt.needed("Acct/Id/IBAN")
    try:
        iban = parse_iban(written)
    except Refusal:
        stmt.amiss("Acct/Id/IBAN")
    entries = tuple(entry for ntry in stmt.all("Ntry") for entry in _entries(ntry, iban))
    closing, to_day = _balance(stmt, _CLOSING, last=True)
    opening, _ = _balance(stmt, _OPENING, last=False)
    statement = Statement(
        id=stmt.needed("Id"),
        sequence_number=_number(stmt, "ElctrncSeqNb", "LglSeqNb"),
        iban=iban,
        from_day=_limit(stmt, "Fr") or min([to_day, *(entry.booked_on for entry in entries)]),
        to_day=_limit(stmt, "To") or to_day,
        opening_cents=opening,
        closing_cents=closing,
        entries=entries,
    )
    if statement.from_day > statement.to_day:
        stmt.amiss("FrToDt")
    if (expected := opening + statement.entries_cents) != closing:
        raise Refusal(
            "bank_statement.sums",
            statement=statement.id,
            expected=format_euro(expected),
            actual=format_euro(closing),
        )
    return statement


def _balance(stmt: Element, codes: tuple[str, ...], *, last: bool) -> tuple[int, date]:
    balances = list(stmt.all("Bal"))
    in_order = balances[::-1] if last else balances
    found = [each for code in codes for each in in_order if each.text("Tp/CdOrPrtry/Cd") == code]
    if not found:
        stmt.amiss(f"Bal {' | '.join(codes)}")
    return found[0].signed_cents("Amt"), found[0].day("Dt")


def _number(stmt: Element, *paths: str) -> int | None:
    written = stmt.text(*paths)
    if written and not (written.isascii() and written.isdigit() and len(written) <= 18):
        stmt.amiss(" | ".join(paths))
    return int(written) if written else None


def _limit(stmt: Element, side: str) -> date | None:
    written = stmt.text(f"FrToDt/{side}DtTm")
    try:
        return day_of(written) if written else None
    except ValueError:
        stmt.amiss(f"FrToDt/{side}DtTm")


def _entries(ntry: Element, own_iban: str) -> list[Entry]:
    """Return what an entry brought: several payments when it says what each of them was."""
    if ntry.needed("Sts/Cd", "Sts") != "BOOK":
        return []
    whole = Entry(
        amount_cents=ntry.cents("Amt"),
        is_credit=ntry.is_credit(),
        is_reversal=ntry.text("RvslInd") in ("true", "1"),
        booked_on=ntry.day("BookgDt"),
        value_on=ntry.day("ValDt") if ntry.first("ValDt") else ntry.day("BookgDt"),
        bank_reference=_reference(ntry.text("AcctSvcrRef")),
    )
    if ntry.text("BkTxCd/Domn/Fmly/SubFmlyCd") == _RETURNED:
        whole = replace(whole, return_reason=_RETURNED)
    details = list(ntry.all("NtryDtls/TxDtls"))
    if len(details) > 1:
        parts = _split(whole, details, own_iban)
        if parts is None:
            parts = [_lump(whole, details, own_iban)]
    else:
        parts = [_described(whole, details[0] if details else ntry, own_iban)]
    told = ntry.lines("AddtlNtryInf")
    return [
        part if part.remittance else replace(part, remittance=told)
        for part in parts
        if part.amount_cents
    ]


def _split(whole: Entry, details: list[Element], own_iban: str) -> list[Entry] | None:
    """Tell the payments of a collective entry apart, where their amounts make up its own."""
    parts: list[Entry] = []
    for detail in details:
        path = next((path for path in _AMOUNTS if detail.is_in_euros(path)), None)
        if path is None:
            return None
        is_credit = detail.is_credit() if detail.text("CdtDbtInd") else whole.is_credit
        part = replace(whole, amount_cents=detail.cents(path), is_credit=is_credit)
        parts.append(_described(part, detail, own_iban))
    adds_up = sum(part.signed_cents for part in parts) == whole.signed_cents
    return parts if adds_up else None


def _lump(whole: Entry, details: list[Element], own_iban: str) -> Entry:
    told = [line for each in details for line in _described(whole, each, own_iban).remittance]
    return replace(whole, remittance=tuple(told), is_lump=True)


def _described(entry: Entry, detail: Element, own_iban: str) -> Entry:
    """Add what a detail says of an entry: its reference is that of the payment, not the sum's."""
    sides = {side: _party(detail, side) for side in ("Dbtr", "Cdtr")}
    other, own = ("Dbtr", "Cdtr") if entry.is_credit else ("Cdtr", "Dbtr")
    # A payment that comes back still names the account as the one that it went out from.
    if sides[other][1] == own_iban and sides[own][1] != own_iban:
        other = own
    name, iban = sides[other]
    return replace(
        entry,
        bank_reference=_reference(detail.text("Refs/AcctSvcrRef")) or entry.bank_reference,
        end_to_end_id=_reference(detail.text("Refs/EndToEndId")),
        structured_reference=compacted(detail.text("RmtInf/Strd/CdtrRefInf/Ref")),
        remittance=detail.lines("RmtInf/Ustrd"),
        party_name=name,
        party_iban=iban,
        return_reason=detail.text("RtrInf/Rsn/Cd", "RtrInf/Rsn/Prtry") or entry.return_reason,
    )


def _party(detail: Element, side: str) -> tuple[str, str]:
    parties = detail.first("RltdPties")
    if parties is None:
        return "", ""
    name = parties.text(f"{side}/Pty/Nm", f"{side}/Nm", f"Ultmt{side}/Pty/Nm", f"Ultmt{side}/Nm")
    account = f"{side}Acct/Id"
    return name, parties.text(f"{account}/IBAN", f"{account}/Othr/Id").replace(" ", "")


def _reference(written: str) -> str:
    return "" if written.upper() in _NO_REFERENCE else written
