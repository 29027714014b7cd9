"""Every corruption is found, and nothing else is."""

from __future__ import annotations

import pytest
from corruption import Corruption
from corruptions import CORRUPTIONS
from desk import Desk
from found import FAULTS, found
from harmless import HARMLESS

from gutschein.auditor.checks import CHECKS


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("corruption", CORRUPTIONS, ids=lambda c: f"{c.number} {c.title}")
async def test_a_corruption_is_found_and_nothing_else_is(
    desk: Desk, corruption: Corruption
) -> None:
    report = await desk.audit_after(corruption)
    assert found(report, desk.ids) == corruption.expected
    assert not report.ok


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("change", HARMLESS, ids=lambda c: f"{c.number} {c.title}")
async def test_what_may_well_happen_is_no_finding(desk: Desk, change: Corruption) -> None:
    report = await desk.audit_after(change)
    assert found(report, desk.ids) == set()
    assert report.ok


def test_every_fault_of_every_check_has_a_corruption_that_shows_it() -> None:
    shown = {fault for corruption in CORRUPTIONS for fault in corruption.finds}
    assert set(FAULTS) - shown == set()


def test_checks_and_corruptions_are_numbered_without_a_gap() -> None:
    assert [check.number for check in CHECKS] == [f"A{n:02}" for n in range(1, len(CHECKS) + 1)]
    assert [each.number for each in CORRUPTIONS] == [
        f"C{n:03}" for n in range(1, len(CORRUPTIONS) + 1)
    ]
