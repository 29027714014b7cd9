"""The entries of a statement open in a German spreadsheet as they are, and run nothing."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gutschein.documents.statement_csv import StatementEntry, statement_csv


def entry(**changes):
    facts = {
        "kind": "redemption",
        "occurred_at": datetime(2026, 11, 5, 13, 3, 22, tzinfo=UTC),
        "entry_id": "0193f1a2-0000-7000-8000-000000000001",
        "branch_name": "Markt 3",
        "issuer_town_name": "Zwönitz",
        "programme_name": "Stadtgutschein",
        "amount_cents": 123_450,
    }
    return StatementEntry(**(facts | changes))


def opened(content: bytes) -> list[list[str]]:
    """Read the file as a spreadsheet does."""
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


def test_each_entry_is_a_row_and_the_sums_follow():
    returned = {"branch_name": "", "issuer_town_name": "", "programme_name": ""}
    rows = opened(
        statement_csv(
            [
                entry(),
                entry(amount_cents=5),
                entry(kind="reversal", amount_cents=-2_000),
                entry(kind="return", amount_cents=5_000, **returned),
            ]
        )
    )
    head = ["Art", "Datum", "Uhrzeit", "Kennung", "Filiale", "Stadt", "Gutscheinart", "Betrag"]
    number = "0193f1a2-0000-7000-8000-000000000001"
    when = ["05.11.2026", "14:03:22", number]
    assert rows == [
        head,
        ["Einlösung", *when, "Markt 3", "Zwönitz", "Stadtgutschein", "1234,50"],
        ["Einlösung", *when, "Markt 3", "Zwönitz", "Stadtgutschein", "0,05"],
        ["Storno", *when, "Markt 3", "Zwönitz", "Stadtgutschein", "-20,00"],
        ["Rückläufer", *when, "", "", "", "50,00"],
        ["Summe Einlösung", "", "", "", "", "", "", "1234,55"],
        ["Summe Storno", "", "", "", "", "", "", "-20,00"],
        ["Summe Rückläufer", "", "", "", "", "", "", "50,00"],
        ["Summe", "", "", "", "", "", "", "1264,55"],
    ]


def test_it_starts_with_a_byte_order_mark_and_lines_end_as_rfc_4180_says():
    content = statement_csv([entry()])
    assert content.startswith(b"\xef\xbb\xbfArt;Datum")
    assert content.count(b"\r\n") == content.count(b"\n") == 6


def test_without_entries_there_are_head_and_zero_sums():
    rows = opened(statement_csv([]))
    assert [row[-1] for row in rows] == ["Betrag", "0,00", "0,00", "0,00", "0,00"]


def test_times_are_german_on_both_sides_of_the_clock_change():
    before = entry(occurred_at=datetime(2026, 10, 24, 22, 30, tzinfo=UTC))
    after = entry(occurred_at=datetime(2026, 10, 25, 23, 30, tzinfo=UTC))
    rows = opened(statement_csv([before, after]))
    assert [row[1:3] for row in rows[1:3]] == [
        ["25.10.2026", "00:30:00"],
        ["26.10.2026", "00:30:00"],
    ]


@pytest.mark.parametrize(
    "text", ["=1+1", "+49 3733", "-5", "@SUM(A1)", "\t=1", "  =cmd|' /C calc'!A0", "\uff1d1"]
)
def test_text_that_looks_like_a_formula_is_only_text(text):
    rows = opened(statement_csv([entry(branch_name=text, programme_name=text)]))
    assert rows[1][4] == rows[1][6] == f"'{text}"


@given(st.text(), st.text())
def test_any_name_comes_back_whole_and_starts_no_formula(branch, programme):
    row = opened(statement_csv([entry(branch_name=branch, programme_name=programme)]))[1]
    for typed, read in ((branch, row[4]), (programme, row[6])):
        assert read in (typed, f"'{typed}")
        assert read.strip()[:1] not in tuple("=+-@")


def test_a_time_without_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        statement_csv([entry(occurred_at=datetime(2026, 11, 5, 13, 3))])  # noqa: DTZ001
