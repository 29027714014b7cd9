from __future__ import annotations

import unicodedata

import pytest

from gutschein.identity.password_rules import check_password, normal_password
from gutschein.kernel.errors import Refusal

ERIKA = ("Erika Mustermann", "e.mustermann@stadt-zwoenitz.de", "Zwönitz")


def refused(password: str, *known: str) -> str:
    with pytest.raises(Refusal) as refusal:
        check_password(password, known)
    return refusal.value.code


@pytest.mark.parametrize(
    "password",
    [
        "Ameise-Kochtopf-Fahrstuhl-17",
        "vqzkmhtwrbnp",  # any characters will do
        "48-1593-7702-66",
        "пароль на печи лежит",
        "Zwönitz liegt sehr schön im Tal",
        "x" * 5 + "Vorfahrtsstraße" + "é" * 108,
        "🐝🐙🦑🦉🐿🦔🐌🦋🐢🦀🐳🦜",
    ],
)
def test_long_and_unlikely_is_enough(password: str) -> None:
    check_password(password, ERIKA)


def test_eleven_characters_are_too_few_and_129_too_many() -> None:
    assert refused("vqzkmhtwrbn") == "password.short"
    check_password("vqzkmhtwrbnp" + "v" * 116)
    assert refused("vqzkmhtwrbnp" + "v" * 117) == "password.long"


def test_length_is_counted_in_composed_characters() -> None:
    decomposed = unicodedata.normalize("NFD", "äöüÄÖÜéèêàçñ")
    assert len(decomposed) == 24
    check_password(decomposed)
    assert refused(unicodedata.normalize("NFD", "äöüÄÖÜéèêàç")) == "password.short"
    assert normal_password(decomposed) == "äöüÄÖÜéèêàçñ"


@pytest.mark.parametrize(
    "password",
    [
        "passwort1234",
        "Passwort2026!",
        "P@ssw0rt!2024",
        "123456789012",
        "210987654321",
        "aaaaaaaaaaaa",
        "abababababab",
        "hugohugohugo",
        "qwertzuiop12",
        "1q2w3e4r5t6z",
        "Sommer-Sonne-2026",
        "iloveyou-iloveyou",
        "Hallo Schatz 123",
        "correct horse battery staple",
        "DynamoDresden1953",
    ],
)
def test_what_is_guessed_first_is_refused(password: str) -> None:
    assert refused(password) == "password.common"


@pytest.mark.parametrize(
    "password",
    [
        "Mustermann-Erika",
        "erika.mustermann!",
        "Zwönitz-09-2026",
        "zwonitz zwonitz",
        "StadtZwoenitz1",
    ],
)
def test_what_everybody_knows_of_its_owner_is_refused(password: str) -> None:
    assert refused(password, *ERIKA) == "password.personal"
