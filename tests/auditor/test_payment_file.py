"""The auditor reads payment files by itself, and refuses what a bank would not take."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from desk import NOW

from gutschein.auditor.payment_file import PaymentTransfer, Unreadable, read_payment_file
from gutschein.bank.pain001 import write_pain001
from gutschein.bank.payout_order import CreditTransfer, PayoutOrder


def _transfer(number: int, cents: int) -> CreditTransfer:
    return CreditTransfer(
        end_to_end_id=f"14521710-0001-{number:04d}",
        amount_cents=cents,
        creditor_name="Café Anton",
        creditor_iban="DE02200505501015871393",
        remittance="Abrechnung",
    )


FILE = write_pain001(
    PayoutOrder(
        message_id="14521710-0001",
        payment_information_id="14521710-0001-1",
        created_at=NOW,
        requested_on=date(2026, 4, 2),
        debtor_name="Stadt Zwönitz",
        debtor_iban="DE02120300000000202051",
        debtor_bic=None,
        transfers=(_transfer(1, 38_57), _transfer(2, 9)),
    )
)


def test_the_auditor_reads_what_the_service_wrote() -> None:
    file = read_payment_file(FILE)
    assert file.message_id == "14521710-0001"
    assert file.header_totals == file.batch_totals == (2, Decimal(38_66))
    assert file.debtor_ibans == {"DE02120300000000202051"}
    assert file.transfers == [
        PaymentTransfer("14521710-0001-0001", 38_57, "DE02200505501015871393"),
        PaymentTransfer("14521710-0001-0002", 9, "DE02200505501015871393"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"</Document>", b"", "."),
        (b"pain.001.001.09", b"pain.001.001.03", "no pain.001.001.09"),
        (b"<Document", b"<!DOCTYPE Document [<!ENTITY e 'x'>]><Document", "document type"),
        (b'Ccy="EUR"', b'Ccy="CZK"', "not in euros"),
        (b">38.57<", b">38.571<", "no amount in cents"),
        (b">38.57<", b">-38.57<", "no amount in cents"),
        (b">38.57<", b">3857e-2<", "no amount in cents"),
        (b"<NbOfTxs>2<", b"<NbOfTxs>two<", "NbOfTxs is no number"),
        (b"<CtrlSum>38.66</CtrlSum>", b"", "CtrlSum is missing"),
        (b"<EndToEndId>14521710-0001-0001</EndToEndId>", b"", "EndToEndId is missing"),
        (FILE, b"", "."),
    ],
)
def test_what_no_bank_could_read_is_unreadable(old: bytes, new: bytes, reason: str) -> None:
    assert old in FILE
    with pytest.raises(Unreadable, match=reason):
        read_payment_file(FILE.replace(old, new))


def test_nothing_outside_the_file_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("DE00")
    declared = f'<!DOCTYPE Document [<!ENTITY e SYSTEM "file://{secret}">]><Document'.encode()
    with pytest.raises(Unreadable, match="document type"):
        read_payment_file(
            FILE.replace(b"<Document", declared).replace(b"DE02120300000000202051", b"&e;")
        )
