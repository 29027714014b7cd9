"""The demo's bank: it pays an order and hands the town a statement that says so."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from html import unescape
from uuid import uuid4

from gutschein.demo.client import Client, Unexpected, fixed_id
from gutschein.demo.high_street import FRONTS
from gutschein.demo.till import RUN
from gutschein.kernel.clock import BERLIN

_VALUE = re.compile(r'class="[^"]*\bpay__value\b[^"]*">([^<]+)<')
_EUROS = re.compile(r"([\d.]+),(\d\d) €")
_PLACE = re.compile(r"/([a-z0-9-]+)/bestellung/[a-z2-7]+")

_STATEMENT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<GrpHdr><MsgId>{id}</MsgId><CreDtTm>{instant}</CreDtTm></GrpHdr>
<Stmt><Id>{id}</Id><CreDtTm>{instant}</CreDtTm>
<Acct><Id><IBAN>{iban}</IBAN></Id><Ccy>EUR</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">0.00</Amt>
<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{amount}</Amt>
<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>
<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt><AcctSvcrRef>{id}</AcctSvcrRef>
<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>
<NtryDtls><TxDtls><Refs><AcctSvcrRef>{id}</AcctSvcrRef></Refs>
<RltdPties><Dbtr><Pty><Nm>Erika Beispiel</Nm></Pty></Dbtr>
<DbtrAcct><Id><IBAN>DE02120300000000202051</IBAN></Id></DbtrAcct></RltdPties>
<RmtInf><Ustrd>{reference}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
</Stmt></BkToCstmrStmt></Document>
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page of an order asks its buyer to transfer, as it stands there."""

    amount: str
    iban: str
    reference: str


def pay(client: Client, address: str, now: datetime) -> str:
    """Pay the order whose page has this address, and return what to say of it.

    :raises Unexpected: when the page is none of an open order of a demo town.
    """
    found = _PLACE.search(address)
    slugs = {front.slug: town for town, front in FRONTS.items()}
    if found is None or found[1] not in slugs:
        raise Unexpected("give the address of an order's page, http://…/bestellung/…")
    asked = _asked(client.page(found[0]))
    town_id = fixed_id(RUN, slugs[found[1]])
    statement = _statement(asked, now.astimezone(BERLIN).date(), now)
    imported = client.send(f"towns/{town_id}/bank-statements", statement, "application/xml")
    return f"{asked.amount} € arrived under {asked.reference}; orders paid: {imported['paid']}"


def _asked(page: str) -> Asked:
    values = [unescape(value).strip() for value in _VALUE.findall(page)]
    euros = _EUROS.fullmatch(values[0].replace("\u00a0", " ")) if len(values) == 4 else None
    if euros is None:
        raise Unexpected("nothing is to be paid on that page")
    amount = f"{euros[1].replace('.', '')}.{euros[2]}"
    return Asked(amount, values[2].replace(" ", ""), values[3])


def _statement(asked: Asked, day: date, now: datetime) -> bytes:
    return _STATEMENT.format(
        id=uuid4().hex[:16],
        instant=now.isoformat(timespec="seconds"),
        day=day.isoformat(),
        iban=asked.iban,
        amount=asked.amount,
        reference=asked.reference,
    ).encode()
