"""The report of an audit: as text for a treasurer, as JSON for machines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID

import msgspec

from gutschein.auditor.findings import AuditReport, Finding, TownCoverage
from gutschein.kernel.clock import BERLIN
from gutschein.kernel.money import format_euro

#: What a caller of the command is told: everything agrees, something does not, no audit.
EXIT_OK, EXIT_FINDINGS, EXIT_IMPOSSIBLE = 0, 1, 2


def exit_code(report: AuditReport) -> int:
    """Return 0 when everything agrees, 1 when there are findings, and 2 when there are none
    but not every check could be run.
    """
    if report.findings:
        return EXIT_FINDINGS
    return EXIT_OK if report.ok else EXIT_IMPOSSIBLE


def render_json(report: AuditReport) -> bytes:
    """Write the report as JSON, UTF-8: all amounts in cents, findings in order of check."""
    return msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n"


def render_text(report: AuditReport) -> str:
    """Write the report for a treasurer: the cover of each town, findings, checks."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: AuditReport) -> Iterator[str]:
    at = report.audited_at.astimezone(BERLIN)
    yield f"Audit of {at:%d.%m.%Y, %H:%M} (German time)"
    for town in report.towns:
        yield ""
        yield from _town(town)
    yield ""
    names: dict[UUID | None, str] = {town.town_id: town.name for town in report.towns}
    yield from _findings(report, names)
    yield ""
    yield from _checks(report)
    yield ""
    not_run = [run.number for run in report.checks if not run.ran]
    if not_run:
        yield (
            f"{', '.join(not_run)} could not be run: the key-encryption key that opens bank data"
            " is not at hand."
        )
    found = sum(run.found for run in report.checks)
    if found:
        yield f"{found:,} {'finding' if found == 1 else 'findings'}. The books must be examined."
    else:
        agree = len(report.checks) - len(not_run)
        yield f"{'The other' if not_run else 'All'} {agree} checks agree."


def _town(town: TownCoverage) -> Iterator[str]:
    yield town.name
    yield "=" * len(town.name)
    owed, held = town.owed, town.held
    yield from _columns(
        [
            ("issued", town.issued_cents),
            ("redeemed", town.redeemed_cents),
            ("reversed", town.reversed_cents),
            ("expired", town.expired_cents),
        ],
        [],
    )
    yield ""
    yield from _columns(
        [
            ("open vouchers", owed.open_vouchers_cents),
            ("paid, not yet issued", owed.unissued_payments_cents),
            ("came in, not assigned", owed.unassigned_deposits_cents),
            ("merchants", owed.merchants_cents),
            ("payouts in transit", owed.payouts_in_transit_cents),
            ("other towns", owed.other_towns_cents),
            ("fees", owed.fees_cents),
            ("VAT", owed.vat_cents),
            ("lapsed vouchers", owed.lapsed_cents),
            ("owed in all", owed.total_cents),
        ],
        [
            ("trust account", held.trust_bank_cents),
            ("payment provider", held.payment_provider_cents),
            ("cash", held.cash_cents),
            ("subsidy", held.subsidy_cents),
            *[("", None)] * 5,
            ("held in all", held.total_cents),
        ],
    )
    if town.difference_cents == 0:
        yield "  covered to the cent"
    elif town.difference_cents < 0:
        yield f"  NOT COVERED: {format_euro(-town.difference_cents, 'en')} are missing"
    else:
        yield f"  {format_euro(town.difference_cents, 'en')} MORE than the books can explain"


_Amounts = list[tuple[str, int | None]]


def _columns(left: _Amounts, right: _Amounts) -> Iterator[str]:
    rows = [*right, *[("", None)] * (len(left) - len(right))]
    for first, second in zip(left, rows, strict=True):
        yield f"  {_amount(*first)}     {_amount(*second)}".rstrip()


def _amount(name: str, cents: int | None) -> str:
    return f"{name:<22}{'' if cents is None else format_euro(cents, 'en'):>16}"


def _findings(report: AuditReport, names: Mapping[UUID | None, str]) -> Iterator[str]:
    if not report.findings:
        yield "Findings: none"
        return
    yield "Findings"
    yield "--------"
    listed = {run.number: run.found for run in report.checks}
    for finding in report.findings:
        listed[finding.check] -= 1
        yield from _finding(finding, names)
    for number, left in listed.items():
        if left:
            yield f"{number}  and {left:,} more"


def _finding(finding: Finding, names: Mapping[UUID | None, str]) -> Iterable[str]:
    where = names.get(finding.town_id, "" if finding.town_id is None else str(finding.town_id))
    yield f"{finding.check}  {where + ': ' if where else ''}{finding.sentence}"
    yield f"     row {finding.row_id}; expected {finding.expected}; found {finding.actual}"


def _checks(report: AuditReport) -> Iterator[str]:
    yield "Checks (rows examined)"
    yield "----------------------"
    for run in report.checks:
        mark = "ok" if run.ran else "not run"
        mark = f"{run.found:,} findings" if run.found else mark
        yield f"{run.number}  {run.examined:>12,}  {mark:<14}  {run.title}"
