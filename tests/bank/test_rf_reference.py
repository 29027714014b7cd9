"""Creditor references: made, checked, and found in what people write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gutschein.bank.rf_reference import (
    compacted,
    format_reference,
    is_reference,
    make_reference,
    references_in,
)

#: From guidelines of the EPC and of Finance Finland.
PUBLISHED = ["RF18539007547034", "RF712348231", "RF45G72UUR", "RF6518K5"]

BODIES = st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=21)
WRONG = st.sampled_from("0123456789")


@pytest.mark.parametrize("reference", PUBLISHED)
def test_published_references_check_and_are_made_so(reference: str) -> None:
    assert is_reference(reference)
    assert make_reference(reference[4:]) == reference


@pytest.mark.parametrize("body", ["", "A" * 22, "rf", "1 2", "Ü", "٣", "1-2"])
def test_what_cannot_stand_in_a_reference_is_refused(body: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        make_reference(body)


@pytest.mark.parametrize(
    "no_reference",
    ["", "RF18", "rf18539007547034", "RF18 539007547034", "RF19539007547034", "XF18539007547034"],
)
def test_what_does_not_check_is_none(no_reference: str) -> None:
    assert not is_reference(no_reference)


@given(BODIES, st.data())
def test_every_wrong_digit_and_every_swapped_pair_is_told(body: str, data: st.DataObject) -> None:
    reference = make_reference(body)
    place = data.draw(st.integers(2, len(reference) - 1))
    if reference[place].isdigit():
        wrong = data.draw(WRONG.filter(lambda digit: digit != reference[place]))
        assert not is_reference(reference[:place] + wrong + reference[place + 1 :])
    one, other = (reference[place - 1], reference[place]) if place > 3 else ("", "")
    if one != other and one.isdigit() == other.isdigit():
        assert not is_reference(reference[: place - 1] + other + one + reference[place + 1 :])


def test_people_read_it_in_groups_of_four() -> None:
    assert format_reference("RF18539007547034") == "RF18 5390 0754 7034"


@pytest.mark.parametrize(
    "text",
    [
        "RF18539007547034",
        "RF18 5390 0754 7034",
        "rf18-5390.0754/7034",
        "Gutschein für Oma RF18 5390 0754 7034 vielen Dank",
        "SVWZ+RF18 5390 0754 7034",
        "EREF+NOTPROVIDEDSVWZ+RF185390075470342026-12-04",
        "RF18 5390 07\n54 7034",
    ],
)
def test_it_is_found_in_what_payers_write(text: str) -> None:
    assert "RF18539007547034" in references_in(text)


@pytest.mark.parametrize(
    "text", ["", "Danke", "RF", "RF19 5390 0754 7034", "18539007547034", "RFRFRF", "SURF12"]
)
def test_nothing_is_found_where_none_is(text: str) -> None:
    assert references_in(text) == []


def test_two_are_found_in_the_order_they_begin() -> None:
    found = references_in("RF6518K5 und RF18 5390 0754 7034")
    assert [each for each in found if each in PUBLISHED] == ["RF6518K5", "RF18539007547034"]


@given(st.text(max_size=200))
def test_any_text_is_searched_and_what_is_found_checks(text: str) -> None:
    for reference in references_in(text):
        assert is_reference(reference)
        assert reference in compacted(text)


@given(BODIES, st.text("abcxyz äß,.-/ \n", max_size=30), st.text(" ,.-", max_size=30))
def test_a_reference_is_found_wherever_it_stands(body: str, before: str, after: str) -> None:
    reference = make_reference(body)
    assert reference in references_in(f"{before} {format_reference(reference).lower()}{after}")
