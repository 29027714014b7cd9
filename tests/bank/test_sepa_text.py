from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gutschein.bank.sepa_text import sepa_text
from gutschein.kernel.errors import Refusal

SEPA_CHARACTERS = re.compile(r"[a-zA-Z0-9/\-?:().,'+ ]+")


@pytest.mark.parametrize(
    ("name", "written"),
    [
        # the German way
        ("Bäckerei Müller", "Baeckerei Mueller"),
        ("Öl & Ähre GmbH", "Oel + Aehre GmbH"),
        ("Übergröße Weißwurst", "Uebergroesse Weisswurst"),
        ("STRAẞE", "STRASSE"),
        ("Mu\u0308ller", "Mueller"),  # u and a combining diaeresis, as some systems store it
        # neighbours: Lower Sorbian, Czech, Polish, French, Danish, Turkish
        ("Chóśebuz", "Chosebuz"),
        ("Žďár pod Klínovcem, Vejprty č. 5", "Zdar pod Klinovcem, Vejprty c. 5"),
        ("Łukasz Wójcik", "Lukasz Wojcik"),
        ("Café Œuvre Française", "Cafe Oeuvre Francaise"),
        ("Smørrebrød Ærø", "Smorrebrod Aero"),
        ("Dilan I\u015f\u0131k", "Dilan Isik"),
        # typography
        ("Kunst\u2013Handwerk", "Kunst-Handwerk"),
        ("Anna\u2019s Blumen\u00adladen", "Anna's Blumenladen"),
        ("5 \u00bd", "5 1/2"),
        ("50\u00a0€", "50 EUR"),
        ("No_1", "No-1"),
        # what has no place in a payment
        ("<script>alert(1)</script>", "script alert(1) /script"),
        ("Rosi\U0001f339Blumen", "Rosi Blumen"),
        ("Haus 中文 Berlin", "Haus Berlin"),
        ("a;b|c*d\\e", "a b c d e"),
        ("  viel \t Platz \n hier  ", "viel Platz hier"),
        ("Zeile\x00eins", "Zeile eins"),
        # slashes and line starts
        ("//Doppel//Strich//", "Doppel/Strich"),
        ("-Leading", "Leading"),
        (":61:Buchung", "61:Buchung"),
        ("/-: /Laden", "Laden"),
    ],
)
def test_names_as_banks_accept_them(name: str, written: str) -> None:
    assert sepa_text(name, 70) == written


@pytest.mark.parametrize(
    "text", ["", "   ", "中文商店", "\U0001f339\U0001f339", "//", "-", "...", "\u0308"]
)
def test_text_without_a_letter_is_refused_not_sent_empty(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        sepa_text(text, 70)
    assert refused.value.code == "sepa_text.empty"
    assert f"»{text}«" in refused.value.message("de")


def test_long_names_are_cut_after_they_are_spelt_out() -> None:
    assert sepa_text("Ä" * 500, 70) == "Ae" * 35
    assert sepa_text("ä" * 3, 5) == "aeaea"


def test_a_cut_leaves_no_slash_or_space_at_the_end() -> None:
    assert sepa_text("abc/def", 4) == "abc"
    assert sepa_text("abc def", 4) == "abc"
    assert sepa_text("abc / def", 5) == "abc"


@given(st.text(), st.integers(1, 140))
@example("/ / /a", 140)
@example("\uff0f\uff0fa\uff0f", 140)  # full-width slashes
def test_whatever_comes_in_the_result_keeps_every_rule(text: str, max_length: int) -> None:
    try:
        written = sepa_text(text, max_length)
    except Refusal:
        assert not re.match("[/ :-]*[A-Za-z0-9]", text)
        return
    assert SEPA_CHARACTERS.fullmatch(written)
    assert re.search("[A-Za-z0-9]", written)
    assert len(written) <= max_length
    assert "//" not in written
    assert "  " not in written
    assert written[0] not in "/-: "
    assert written[-1] not in "/ "
    assert sepa_text(written, max_length) == written


@given(st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1))
def test_plain_text_is_left_alone(text: str) -> None:
    assert sepa_text(text, len(text)) == text
