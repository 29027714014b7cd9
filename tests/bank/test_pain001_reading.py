from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gutschein.bank.pain001_reading import read_pain001, validate_pain001
from gutschein.kernel.errors import Refusal

GOLDEN = (Path(__file__).parent / "golden" / "zwoenitz.xml").read_bytes()


def changed(old: bytes, new: bytes) -> bytes:
    assert old in GOLDEN
    return GOLDEN.replace(old, new, 1)


def reason_of_refusal(xml: bytes) -> str:
    with pytest.raises(Refusal) as refused:
        read_pain001(xml)
    assert refused.value.code == "payout_file.unreadable"
    return str(refused.value.params["reason"])


@pytest.mark.parametrize(
    ("xml", "mistake"),
    [
        (b"", "Document is empty"),
        (b"PK\x03\x04", "Start tag expected"),
        (b"<html/>", "line 1: Element 'html'"),
        (changed(b"pain.001.001.09", b"pain.001.001.03"), "No matching global declaration"),
        (changed(b"<ChrgBr>SLEV<", b"<ChrgBr>ALL<"), "'ALL' is not an element of the set"),
        (changed(b"<MsgId>", b"<MsgId>" + b"x" * 35), "exceeds the allowed maximum length"),
        (changed(b"1234.50", b"-1234.50"), "less than the minimum value"),
        (changed(b"<Nm>Stadt", b"<Name>Stadt"), "Opening and ending tag mismatch"),
    ],
)
def test_what_breaks_the_schema_is_named(xml: bytes, mistake: str) -> None:
    assert mistake in validate_pain001(xml)[0]
    assert mistake in reason_of_refusal(xml)


@pytest.mark.parametrize(
    ("xml", "mistake"),
    [
        (changed(b'Ccy="EUR"', b'Ccy="CZK"'), "not in euros"),
        (changed(b">1234.50<", b">1234.505<"), "not a whole number of cents"),
        (changed(b"<CtrlSum>1234.57</CtrlSum>", b""), "CtrlSum is missing"),
        (changed(b"02T07:30:15Z", b"02T07:30:15"), "no time zone"),
        (changed(b"<Dt>2026-11-04", b"<Dt>12026-11-04"), "12026"),
        (changed(b"<TwnNm>Zwoenitz</TwnNm>", b""), "TwnNm is missing"),
    ],
)
def test_a_valid_file_of_another_kind_is_refused(xml: bytes, mistake: str) -> None:
    assert validate_pain001(xml) == []
    assert mistake in reason_of_refusal(xml)


def test_a_file_with_two_batches_is_refused() -> None:
    start, end = GOLDEN.index(b"<PmtInf>"), GOLDEN.index(b"</CstmrCdtTrfInitn>")
    xml = GOLDEN[:end] + GOLDEN[start:end] + GOLDEN[end:]
    assert validate_pain001(xml) == []
    assert reason_of_refusal(xml) == "2 PmtInf"


def test_the_totals_are_those_the_file_states() -> None:
    file = read_pain001(changed(b"<CtrlSum>1234.57<", b"<CtrlSum>9999.99<"))
    assert file.control_sum_cents == 999_999
    assert file.batch_sum_cents == file.order.control_sum_cents == 123_457


def test_no_comment_hides_part_of_a_name() -> None:
    file = read_pain001(changed(b"Lukasz Zdarsky", b"Lukasz<!-- not --> Zdarsky"))
    assert file.order.transfers[1].creditor_name == "Lukasz Zdarsky"


def test_no_entity_is_resolved_and_no_other_file_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("trust account")
    doctype = f'<!DOCTYPE Document [<!ENTITY s SYSTEM "{secret.as_uri()}">]>\n<Document'
    xml = changed(b"<Document", doctype.encode()).replace(b"Lukasz Zdarsky", b"&s;")
    assert validate_pain001(xml) == ["a document type declaration is not allowed"]
    assert reason_of_refusal(xml) == "a document type declaration is not allowed"


@given(st.binary(max_size=200))
@example(b"\xff\xfe<\x00a\x00/\x00>\x00")
@example(b'<?xml version="1.0" encoding="no-such"?><a/>')
def test_any_bytes_are_read_or_refused(xml: bytes) -> None:
    assert validate_pain001(xml) != []
    reason_of_refusal(xml)


@given(st.integers(0, len(GOLDEN) - 1), st.binary(min_size=1, max_size=3))
def test_a_damaged_file_is_read_or_refused(place: int, damage: bytes) -> None:
    damaged = GOLDEN[:place] + damage + GOLDEN[place + len(damage) :]
    try:
        outcome = f"{read_pain001(damaged).count} transfers"
    except Refusal as refusal:
        outcome = refusal.code
    assert re.fullmatch(r"\d+ transfers|payout_file\.unreadable", outcome)
