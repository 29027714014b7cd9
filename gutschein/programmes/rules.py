"""The terms of a programme: which values it offers, how long its vouchers last.

A reason for a refusal is written as the rule that does not hold, in the names of the API,
so that it reads the same in every language.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from gutschein.kernel.errors import Refusal
from gutschein.kernel.money import format_euro

Validity = Literal["end_of_year", "days", "fixed_day"]
Payer = Literal["citizen", "town"]

#: What one voucher may be worth unless the town says otherwise: common practice for
#: limited networks (paragraph 2 (1) no. 10 ZAG), and the most we let a town say.
USUAL_CAP_CENTS = 25_000
LARGEST_CAP_CENTS = 100_000

#: Own money lapses no earlier than three years after the end of the year of sale
#: (paragraphs 195, 199 BGB).
STATUTORY_YEARS = 3
LONGEST_YEARS = 30
LONGEST_DAYS = LONGEST_YEARS * 365


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What vouchers of a programme are sold under. Values are in cents, days inclusive.

    :param fixed_values_cents: the only values there are, ascending; ``None`` for any
        value from the minimum to the maximum.
    :param validity: ``end_of_year`` runs to 31 December of the year of sale plus
        ``validity_count``, ``days`` that many days after the sale, ``fixed_day`` to
        ``validity_day``.
    :param pin_from_cents: vouchers of this value and above carry a PIN; ``None`` for none.
    """

    fixed_values_cents: tuple[int, ...] | None
    minimum_cents: int
    maximum_cents: int
    cap_cents: int = USUAL_CAP_CENTS
    validity: Validity = "end_of_year"
    validity_count: int | None = STATUTORY_YEARS
    validity_day: date | None = None
    payer: Payer = "citizen"
    pin_from_cents: int | None = None


def check_terms(terms: Terms, today: date) -> None:
    """Refuse terms that contradict themselves or the law.

    :raises Refusal: ``programme.rule_invalid`` with the first rule that does not hold.
    """
    for rule in _broken_value_rules(terms):
        raise Refusal("programme.rule_invalid", reason=rule)
    for rule in _broken_validity_rules(terms, today):
        raise Refusal("programme.rule_invalid", reason=rule)


def _broken_value_rules(terms: Terms) -> Iterator[str]:
    if not 1 <= terms.minimum_cents <= terms.maximum_cents:
        yield "1 <= minimum_cents <= maximum_cents"
    if terms.maximum_cents > terms.cap_cents:
        yield "maximum_cents <= cap_cents"
    if terms.cap_cents > LARGEST_CAP_CENTS:
        yield f"cap_cents <= {LARGEST_CAP_CENTS}"
    if terms.pin_from_cents is not None and not 1 <= terms.pin_from_cents <= terms.maximum_cents:
        yield "1 <= pin_from_cents <= maximum_cents"
    if terms.fixed_values_cents is not None:
        if not terms.fixed_values_cents:
            yield "len(fixed_values_cents) >= 1"
        if list(terms.fixed_values_cents) != sorted(set(terms.fixed_values_cents)):
            yield "fixed_values_cents: a < b < c …"
        for value_cents in terms.fixed_values_cents:
            if not terms.minimum_cents <= value_cents <= terms.maximum_cents:
                yield f"minimum_cents <= {value_cents} <= maximum_cents"


def _broken_validity_rules(terms: Terms, today: date) -> Iterator[str]:
    count, day = terms.validity_count, terms.validity_day
    if (count is None) is not (terms.validity == "fixed_day"):
        yield "validity_count: end_of_year, days"
    if (day is None) is (terms.validity == "fixed_day"):
        yield "validity_day: fixed_day"
    if terms.payer == "citizen" and terms.validity != "end_of_year":
        yield "payer = citizen: validity = end_of_year (§§ 195, 199 BGB)"
    if terms.validity == "end_of_year" and count is not None:
        least = STATUTORY_YEARS if terms.payer == "citizen" else 0
        if not least <= count <= LONGEST_YEARS:
            yield f"{least} <= validity_count <= {LONGEST_YEARS}"
    if terms.validity == "days" and count is not None and not 1 <= count <= LONGEST_DAYS:
        yield f"1 <= validity_count <= {LONGEST_DAYS}"
    if day is not None and not today <= day <= today + timedelta(days=LONGEST_DAYS):
        yield f"{today} <= validity_day <= {today + timedelta(days=LONGEST_DAYS)}"


def is_value_offered(terms: Terms, value_cents: int) -> bool:
    """Tell whether a voucher of *value_cents* is sold under these terms."""
    if terms.fixed_values_cents is not None:
        return value_cents in terms.fixed_values_cents
    return terms.minimum_cents <= value_cents <= terms.maximum_cents


def carries_pin(terms: Terms, value_cents: int) -> bool:
    """Tell whether a voucher of *value_cents* is issued with a PIN."""
    return terms.pin_from_cents is not None and value_cents >= terms.pin_from_cents


def offered_values(terms: Terms) -> str:
    """Write the values on offer for people: ``10,00 €, 25,00 €`` or ``1,00 € - 250,00 €``."""
    if terms.fixed_values_cents is not None:
        return ", ".join(format_euro(value_cents) for value_cents in terms.fixed_values_cents)
    return f"{format_euro(terms.minimum_cents)} - {format_euro(terms.maximum_cents)}"


def valid_until(terms: Terms, sold_on: date) -> date:
    """Return the last day, included, of a voucher sold on *sold_on*.

    :raises Refusal: ``programme.rule_invalid`` when the fixed day is over.
    """
    if terms.validity == "end_of_year":
        return date(sold_on.year + (terms.validity_count or 0), 12, 31)
    if terms.validity == "days":
        return sold_on + timedelta(days=terms.validity_count or 0)
    if terms.validity_day is None or terms.validity_day < sold_on:
        raise Refusal("programme.rule_invalid", reason=f"{sold_on} <= validity_day")
    return terms.validity_day
