"""Refusals: one stable code each, with one HTTP status and words for people.

The texts live in :mod:`gutschein.kernel.error_texts`. A refusal always means that
nothing was moved.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

from gutschein.kernel.clock import format_day
from gutschein.kernel.error_texts import ERROR_TEXTS, ErrorText
from gutschein.kernel.money import format_euro

RefusalParam = int | str | date  # what a text may be filled with; amounts end in _cents

Audience = Literal["staff", "public"]
Language = Literal["de", "en"]


class Refusal(Exception):
    """Something that is refused, for a reason that has a name.

    :param code: a key of ``ERROR_TEXTS``, such as ``voucher.empty``.
    :param params: the facts of the case. Amounts are integer cents under a name ending
        in ``_cents``; the text uses the name without that ending.
    """

    def __init__(self, code: str, **params: RefusalParam) -> None:
        if code not in ERROR_TEXTS:
            raise KeyError(f"error code without a text: {code}")
        super().__init__(code)
        self.code = code
        self.params = params

    @property
    def text(self) -> ErrorText:
        return ERROR_TEXTS[self.code]

    @property
    def status(self) -> int:
        """The HTTP status, one for each code."""
        return self.text.status

    def message(self, language: Language = "de", audience: Audience = "staff") -> str:
        """Say it to a person: what is wrong, and what to do next."""
        return self.text.for_audience(language, audience).format_map(_words(self.params, language))

    def __str__(self) -> str:
        facts = ", ".join(f"{name}={value}" for name, value in self.params.items())
        return f"{self.code}({facts})"


def _words(params: Mapping[str, RefusalParam], language: Language) -> dict[str, str]:
    words: dict[str, str] = {}
    for name, value in params.items():
        if name.endswith("_cents") and isinstance(value, int):
            words[name.removesuffix("_cents")] = format_euro(value, language)
        elif isinstance(value, date):
            words[name] = format_day(value)
        else:
            words[name] = str(value)
    return words
