"""Findings in the words of the tests: checks with their faults, rows by their names."""

from __future__ import annotations

import re
from collections.abc import Mapping

from gutschein.auditor.checks import CHECKS
from gutschein.auditor.findings import AuditReport, Finding


def _pattern(sentence: str) -> re.Pattern[str]:
    literal = re.split(r"\{[a-z_]+\}", sentence)
    return re.compile(".*".join(map(re.escape, literal)), re.DOTALL)


#: Every fault the auditor knows, as ``A31 day``, or ``A05`` where a check has only one, with
#: the sentence it is told in.
FAULTS = {
    f"{check.number} {fault}".strip(): _pattern(sentence)
    for check in CHECKS
    for fault, sentence in ({"": check.says} if isinstance(check.says, str) else check.says).items()
}


def found(report: AuditReport, ids: Mapping[str, str]) -> set[tuple[str, str]]:
    """Return each finding as its fault and the name of its row."""
    names = {id_: name for name, id_ in ids.items()}
    return {(_fault(finding), _row(finding, names)) for finding in report.findings}


def _fault(finding: Finding) -> str:
    (fault,) = (
        fault
        for fault, pattern in FAULTS.items()
        if fault.split()[0] == finding.check and pattern.fullmatch(finding.sentence)
    )
    return fault


def _row(finding: Finding, names: Mapping[str, str]) -> str:
    if finding.row_id in names:
        return names[finding.row_id]
    if finding.town_id is None:
        return finding.row_id
    return f"{names[str(finding.town_id)]}:{finding.row_id}"
