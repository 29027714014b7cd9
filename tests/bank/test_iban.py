from __future__ import annotations

from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from schwifty import IBAN

from gutschein.bank.iban import SEPA_COUNTRIES, bic_of, format_iban, parse_iban
from gutschein.kernel.errors import Refusal

COMMERZBANK = "DE89370400440532013000"

german_ibans = st.builds(
    lambda account: str(IBAN.generate("DE", bank_code="37040044", account_code=f"{account:010d}")),
    st.integers(0, 10**10 - 1),
)


@pytest.mark.parametrize(
    "typed",
    [
        COMMERZBANK,
        "DE89 3704 0044 0532 0130 00",
        "  de89 3704 0044 0532 0130 00\n",
        "DE89\u00a03704\u00a00044\u00a00532\u00a00130\u00a000",  # pasted from a web page
    ],
)
def test_an_iban_is_read_however_it_is_spaced(typed: str) -> None:
    assert parse_iban(typed) == COMMERZBANK


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "DE",
        "DE88370400440532013000",  # wrong check digits
        "DE8937040044053201300",  # one digit short
        "DE893704004405320130000",  # one digit long
        "DE89370400440532O13000",  # a letter where Germany has only digits
        "DE89-3704-0044-0532-0130-00",
        "\u0661" + COMMERZBANK,
        "DE\u0668\u0669370400440532013000",  # Arabic-Indic digits
        "D\uff2589370400440532013000",  # full-width E
        "\u0131T60X0542811101000000123456",  # a dotless i, whose capital is a plain I
        "QQ89370400440532013000",
        "DE89370400440532013000\u200b",
        "X" * 10_000,
    ],
)
def test_what_is_no_iban_is_refused(typed: str) -> None:
    with pytest.raises(Refusal, match=r"iban\.invalid"):
        parse_iban(typed)


@pytest.mark.parametrize("country", sorted(SEPA_COUNTRIES))
def test_every_sepa_country_is_accepted(country: str) -> None:
    iban = str(IBAN.random(country, random=Random(7)))
    assert parse_iban(iban) == iban


@pytest.mark.parametrize("country", ["TR", "BR", "UA", "GG"])
def test_a_valid_iban_from_outside_sepa_is_refused(country: str) -> None:
    outside = IBAN.random(country, random=Random(7), use_registry=False)
    assert outside.is_valid
    with pytest.raises(Refusal, match=r"iban\.invalid"):
        parse_iban(outside)


@given(german_ibans, st.integers(2, 21), st.integers(1, 9))
def test_one_mistyped_digit_is_always_noticed(iban: str, place: int, shift: int) -> None:
    mistyped = iban[:place] + str((int(iban[place]) + shift) % 10) + iban[place + 1 :]
    with pytest.raises(Refusal, match=r"iban\.invalid"):
        parse_iban(mistyped)


@given(german_ibans)
def test_the_grouped_form_reads_back(iban: str) -> None:
    grouped = format_iban(iban)
    assert [len(group) for group in grouped.split(" ")] == [4, 4, 4, 4, 4, 2]
    assert parse_iban(grouped) == iban


@given(st.one_of(st.text(), st.from_regex(r"\A[A-Za-z]{2}[0-9]{2}[A-Za-z0-9]{5,34}\Z")))
@example("\ud800")
@example("DE\x00")
def test_any_text_is_an_iban_or_refused(text: str) -> None:
    try:
        outcome = parse_iban(text)
    except Refusal as refusal:
        outcome = refusal.code
    assert outcome == "iban.invalid" or (
        outcome == "".join(text.split()).upper() and IBAN(outcome).is_valid
    )


def test_the_bic_is_named_only_when_the_registry_knows_the_bank() -> None:
    assert bic_of(COMMERZBANK) == "COBADEFFXXX"
    assert bic_of(format_iban(COMMERZBANK)) == "COBADEFFXXX"
    nobody = str(IBAN.generate("DE", bank_code="00000000", account_code="1"))
    assert bic_of(nobody) is None


def test_no_bic_without_an_iban() -> None:
    with pytest.raises(Refusal, match=r"iban\.invalid"):
        bic_of("COBADEFFXXX")
