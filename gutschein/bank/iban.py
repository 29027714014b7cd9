"""Account numbers: read, shown, and looked up (ISO 13616)."""

from __future__ import annotations

import re

from schwifty import IBAN
from schwifty.exceptions import SchwiftyException

from gutschein.kernel.errors import Refusal

#: First two letters of the IBANs that SEPA reaches: EPC409-09, list of SEPA scheme countries,
#: as of November 2026. Kept here because schwifty's own flag lacks the five countries of the last
#: line and accepts prefixes no bank issues, such as GG (Guernsey's accounts begin with GB).
SEPA_COUNTRIES = frozenset(
    (
        *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU"),
        *("IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
        *("IS", "LI", "NO"),
        *("AD", "CH", "GB", "GI", "MC", "SM", "VA"),
        *("AL", "MD", "ME", "MK", "RS"),
    )
)

_COMPACT = re.compile(r"[A-Za-z]{2}[0-9]{2}[A-Za-z0-9]{11,30}", re.ASCII)


def parse_iban(text: str) -> str:
    """Return the IBAN a person typed, compact and in capitals: ``DE89370400440532013000``.

    White space anywhere is ignored. Country, length, structure and check digits are verified.

    :raises Refusal: ``iban.invalid`` for anything that is not an IBAN of a SEPA country.
    """
    compact = "".join(text.split())
    if not _COMPACT.fullmatch(compact):  # also keeps letters away whose capital is another letter
        raise Refusal("iban.invalid")
    compact = compact.upper()
    if compact[:2] not in SEPA_COUNTRIES:
        raise Refusal("iban.invalid")
    try:
        IBAN(compact)
    except SchwiftyException:
        raise Refusal("iban.invalid") from None
    return compact


def format_iban(iban: str) -> str:
    """Write a compact IBAN for people, in groups of four: ``DE89 3704 0044 0532 0130 00``."""
    return " ".join(iban[start : start + 4] for start in range(0, len(iban), 4))


def masked_iban(iban: str) -> str:
    """Write a compact IBAN so that who knows it recognises it: ``DE89 … 3000``."""
    return f"{iban[:4]} … {iban[-4:]}"


def bic_of(iban: str) -> str | None:
    """Return the BIC of the account's bank, or None when schwifty's registry has none for it.

    :raises Refusal: ``iban.invalid``.
    """
    bic = IBAN(parse_iban(iban)).bic
    return None if bic is None else str(bic)
