"""The forms of signing in and of one's own account."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from gutschein.web.fields import line
from gutschein.web.forms import Secret

Then = Annotated[str, Meta(max_length=2048)]


class SignIn(Struct, frozen=True):
    """E-mail address and password; *weiter* is where to go afterwards."""

    email: Annotated[str, Meta(max_length=254)]
    password: Secret
    weiter: Then = ""


class CodeEntry(Struct, frozen=True):
    """The digits that an authenticator shows."""

    code: Secret
    weiter: Then = ""


class Proof(Struct, frozen=True):
    """Password and code once more."""

    password: Secret
    code: Secret = ""
    weiter: Then = ""


class NewPassword(Struct, frozen=True):
    """The password until now, where there is one, and the one from now on."""

    new: Secret
    current: Secret = ""


class LanguageChoice(Struct, frozen=True):
    """The language of pages and mails."""

    language: Literal["de", "en"]


class PasskeyName(Struct, frozen=True):
    """What its owner calls a passkey."""

    name: Annotated[str, line(60, "Name of a passkey.", "Laptop im Büro")]
