"""The reference lists exactly the checks there are, each with a meaning and an advice."""

from __future__ import annotations

import re
from pathlib import Path

from gutschein.auditor.check import MOST_FINDINGS
from gutschein.auditor.checks import CHECKS

REFERENCE = (Path(__file__).parents[2] / "docs/reference/audit.md").read_text(encoding="utf-8")


def test_the_reference_lists_every_check_in_order_under_its_title() -> None:
    rows = re.findall(r"^\| (A\d+) \| (.+?) \| (.+?) \| (.+?) \|$", REFERENCE, re.MULTILINE)
    assert [(number, title) for number, title, _, _ in rows] == [
        (check.number, check.title) for check in CHECKS
    ]


def test_the_reference_says_how_many_findings_are_listed() -> None:
    assert f"first {MOST_FINDINGS:,} findings" in REFERENCE
