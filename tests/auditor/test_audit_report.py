"""The report: readable for a treasurer, exact for a machine."""

from __future__ import annotations

from uuid import UUID

import msgspec
import pytest
from desk import NOW

from gutschein.auditor.findings import (
    AuditReport,
    CheckRun,
    Finding,
    Held,
    Owed,
    TownCoverage,
)
from gutschein.auditor.report import exit_code, render_json, render_text

TOWN = UUID("01890000-0000-7000-8000-000000000001")


def _report(*, missing_cents: int = 0, findings: int = 0) -> AuditReport:
    owed = Owed(open_vouchers_cents=1_234_50, merchants_cents=100_00, other_towns_cents=-34_50)
    held = Held(trust_bank_cents=1_300_00 - missing_cents)
    return AuditReport(
        ok=not findings,
        audited_at=NOW,
        towns=[
            TownCoverage(
                town_id=TOWN,
                name="Zwönitz",
                issued_cents=1_400_00,
                redeemed_cents=165_50,
                reversed_cents=0,
                expired_cents=0,
                owed=owed,
                held=held,
                difference_cents=held.total_cents - owed.total_cents,
            )
        ],
        findings=[
            Finding(
                check="A04",
                town_id=TOWN,
                row_id=str(TOWN),
                sentence="All accounts of the town add up to 20.00 € instead of 0.00 €.",
                expected="0.00 €",
                actual="20.00 €",
            )
        ][:findings],
        checks=[
            CheckRun(number="A01", title="Balances", examined=1_234_567, found=0),
            CheckRun(number="A04", title="Zero sum", examined=12, found=findings),
        ],
    )


def test_a_treasurer_reads_that_everything_is_covered() -> None:
    assert render_text(_report()).splitlines() == [
        "Audit of 01.04.2026, 10:00 (German time)",
        "",
        "Zwönitz",
        "=======",
        "  issued                      1,400.00 €",
        "  redeemed                      165.50 €",
        "  reversed                        0.00 €",
        "  expired                         0.00 €",
        "",
        "  open vouchers               1,234.50 €     trust account               1,300.00 €",
        "  paid, not yet issued            0.00 €     payment provider                0.00 €",
        "  came in, not assigned           0.00 €     cash                            0.00 €",
        "  merchants                     100.00 €     subsidy                         0.00 €",
        "  payouts in transit              0.00 €",
        "  other towns                   -34.50 €",
        "  fees                            0.00 €",
        "  VAT                             0.00 €",
        "  lapsed vouchers                 0.00 €",
        "  owed in all                 1,300.00 €     held in all                 1,300.00 €",
        "  covered to the cent",
        "",
        "Findings: none",
        "",
        "Checks (rows examined)",
        "----------------------",
        "A01     1,234,567  ok              Balances",
        "A04            12  ok              Zero sum",
        "",
        "All 2 checks agree.",
    ]


def test_a_treasurer_reads_what_is_missing_and_where() -> None:
    text = render_text(_report(missing_cents=20_00, findings=1))
    assert "  NOT COVERED: 20.00 € are missing" in text
    assert "A04  Zwönitz: All accounts of the town add up to 20.00 € instead of 0.00 €." in text
    assert f"     row {TOWN}; expected 0.00 €; found 20.00 €" in text
    assert text.endswith("1 finding. The books must be examined.\n")


def test_money_too_much_is_said_as_well() -> None:
    assert "  5.00 € MORE than the books can explain" in render_text(_report(missing_cents=-5_00))


def test_findings_that_are_not_listed_are_counted() -> None:
    report = _report(findings=1)
    many = msgspec.structs.replace(
        report, checks=[msgspec.structs.replace(report.checks[1], found=2_001)]
    )
    assert "A04  and 2,000 more" in render_text(many)
    assert render_text(many).endswith("2,001 findings. The books must be examined.\n")


def test_a_machine_reads_the_same_report_back() -> None:
    report = _report(missing_cents=20_00, findings=1)
    assert msgspec.json.decode(render_json(report), type=AuditReport) == report


@pytest.mark.parametrize(("findings", "code"), [(0, 0), (1, 1)])
def test_the_exit_code_says_whether_there_are_findings(findings: int, code: int) -> None:
    assert exit_code(_report(findings=findings)) == code
