"""The whole job on a service of its own, as ``make smoke`` runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gutschein.bank.pain001_reading import read_pain001, validate_pain001

pytestmark = pytest.mark.slow

NO_DATABASE = "postgresql://nobody@127.0.0.1:9/nothing"


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the job says at its end."""
    papers = tmp_path_factory.mktemp("papers")
    # The job is on its own, whatever this installation is set to.
    (papers / "gutschein.toml").write_text(f'database_url = "{NO_DATABASE}"\n')
    done = subprocess.run(
        [sys.executable, "-m", "gutschein", "smoke", "--out", str(papers)],
        cwd=papers,
        env={**os.environ, "DATABASE_URL": NO_DATABASE, "GUTSCHEIN_PORT": "9"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


def test_the_value_that_came_in_is_spent_lapsed_or_open(figures: dict[str, Any]) -> None:
    came_in = figures["issued_cents"] + figures["reversed_cents"]
    went_out = figures["redeemed_cents"] + figures["expired_cents"] + figures["open_cents"]
    assert came_in == went_out > 0


def test_what_was_redeemed_is_paid_charged_or_carried(figures: dict[str, Any]) -> None:
    earned = figures["redeemed_cents"] - figures["reversed_cents"]
    settled = sum(figures[f"{name}_cents"] for name in ("paid_out", "fees", "vat", "carried"))
    assert earned == settled > 0


def test_every_figure_is_exercised(figures: dict[str, Any]) -> None:
    cents = {name: value for name, value in figures.items() if name.endswith("_cents")}
    assert len(cents) == 9
    assert all(value > 0 for value in cents.values())


def test_each_reason_was_given(figures: dict[str, Any]) -> None:
    assert set(figures["refused"]) >= {
        "amount.invalid",
        "branch.closed",
        "code.typo",
        "merchant.not_accepted",
        "redemption.conflict",
        "reversal.other_merchant",
        "token.signature",
        "token.unreadable",
        "voucher.blocked",
        "voucher.empty",
        "voucher.expired",
        "voucher.insufficient",
        "voucher.replaced",
        "voucher.unknown",
        "voucher.whole_only",
    }


def test_the_payout_files_are_valid_and_order_what_left(figures: dict[str, Any]) -> None:
    files = [Path(name).read_bytes() for name in figures["pain001_files"]]
    assert [validate_pain001(xml) for xml in files] == [[]] * len(files)
    ordered_cents = sum(read_pain001(xml).control_sum_cents for xml in files)
    # One payout comes back in the job; it is carried, and no longer paid out.
    assert ordered_cents > figures["paid_out_cents"] > 0


def test_every_paper_is_there(figures: dict[str, Any]) -> None:
    for name in figures["voucher_pdfs"]:
        assert Path(name).read_bytes().startswith(b"%PDF-")
    endings = {Path(name).suffix for name in figures["statement_files"]}
    assert endings == {".pdf", ".csv"}
    assert all(Path(name).stat().st_size for name in figures["statement_files"])


def test_the_towns_are_even_after_the_netting(figures: dict[str, Any]) -> None:
    left = dict(figures["netting"]["positions_cents"])
    assert sum(left.values()) == 0
    for payment in figures["netting"]["payments"]:
        left[payment["from"]] += payment["amount_cents"]
        left[payment["to"]] -= payment["amount_cents"]
    assert set(left.values()) == {0}
    assert len(figures["netting"]["payments"]) < len(left)


def test_the_auditor_agrees(figures: dict[str, Any]) -> None:
    assert figures["audit_ok"] is True
    assert figures["findings"] == 0
