"""The typed redemption code: what is printed, what may be typed, what is noticed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gutschein.kernel.errors import Refusal
from gutschein.signing.code import format_code, new_code, parse_code

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

codes = st.binary(min_size=10, max_size=10).filter(lambda code: int.from_bytes(code) % 37 < 32)


def typo(text: str) -> dict[str, object]:
    with pytest.raises(Refusal) as refused:
        parse_code(text)
    assert refused.value.code == "code.typo"
    return dict(refused.value.params)


def test_a_code_worked_by_hand() -> None:
    # 80 bits in groups of five: 00000 00001 00010 ... 01111, check = number mod 37
    number = 0
    for value in range(16):
        number = number * 32 + value
    assert number % 37 == 19
    assert format_code(number.to_bytes(10)) == "0123-4567-89AB-CDEF-K"


@given(codes)
def test_what_is_printed_is_read_back(code: bytes) -> None:
    assert parse_code(format_code(code)) == code


@given(codes)
def test_it_has_21_characters_in_groups_of_four(code: bytes) -> None:
    assert [len(group) for group in format_code(code).split("-")] == [4, 4, 4, 4, 1]


def test_a_new_code_is_ten_random_bytes() -> None:
    drawn = {new_code() for _ in range(200)}
    assert len(drawn) == 200
    assert {len(code) for code in drawn} == {10}


def test_a_code_whose_check_would_be_a_symbol_is_drawn_again() -> None:
    # 32 to 36 would be written * ~ $ = U
    draws = iter([*(number.to_bytes(10) for number in range(32, 37)), (37).to_bytes(10)])
    assert new_code(lambda _: next(draws)) == (37).to_bytes(10)


@pytest.mark.parametrize("number", range(32, 37))
def test_such_a_code_cannot_be_printed(number: int) -> None:
    with pytest.raises(ValueError, match="ordinary"):
        format_code(number.to_bytes(10))


def test_a_code_has_ten_bytes() -> None:
    with pytest.raises(ValueError, match="10 bytes"):
        format_code(bytes(9))


@pytest.mark.parametrize(
    "typed",
    [
        "0123-4567-89AB-CDEF-K",
        "0123456789abcdefk",
        " 0123 4567 89AB CDEF K\r\n",
        "oI23-4567-89ab-cdef-k",
        "OL23-4567-89AB-CDEF-K",
        "0l23\u20134567\u201189AB\u00a0CDEF\u202fK",
        "0-1-2-3-4-5-6-7-8-9-A-B-C-D-E-F-K-",
    ],
)
def test_people_may_type_it_their_way(typed: str) -> None:
    assert format_code(parse_code(typed)) == "0123-4567-89AB-CDEF-K"


@pytest.mark.parametrize(
    ("typed", "position"),
    [
        ("", 0),
        ("   ", 3),
        ("0123-4567-89AB-CDEF", 19),  # the check is missing
        ("0123-4567-89AB-CDEF-KF", 21),  # one too many
        ("0123-4567-89AB-CDEF-U", 20),  # U is a check symbol we never use
        ("0123-4567-89AB-CDE?-K", 18),
        ("0123-4567-89\u00c4B-CDEF-K", 12),
        ("\u01312345", 0),  # a dotless i is not an I
        ("0123_4567", 4),
    ],
)
def test_the_first_character_that_cannot_be_is_named(typed: str, position: int) -> None:
    assert typo(typed) == {"position": position}


def test_no_place_is_named_when_only_the_check_disagrees() -> None:
    assert typo("0123-4567-89AB-CDEF-E") == {}


@given(codes)
def test_every_single_substitution_is_noticed(code: bytes) -> None:
    typed = format_code(code).replace("-", "")
    for place, right in enumerate(typed):
        for wrong in ALPHABET.replace(right, ""):
            assert typo(typed[:place] + wrong + typed[place + 1 :]) == {}


@given(codes)
def test_every_swap_of_two_neighbours_is_noticed(code: bytes) -> None:
    typed = format_code(code).replace("-", "")
    for place in range(len(typed) - 1):
        first, second = typed[place], typed[place + 1]
        if first != second:
            assert typo(typed[:place] + second + first + typed[place + 2 :]) == {}


@given(st.text())
def test_any_text_is_a_code_or_a_typo_at_a_place_in_it(text: str) -> None:
    position: object = 0
    try:
        parse_code(text)
    except Refusal as refusal:
        position = refusal.params.get("position", 0)
    assert position in range(len(text) + 1)
