"""What a clerk may sell for how much, and what a count of the cash must say: pure decisions."""

from __future__ import annotations

from typing import Literal

from gutschein.kernel.errors import Refusal
from gutschein.programmes.rules import Terms, is_value_offered, offered_values

#: How people pay at the desk.
DeskMethod = Literal["cash", "card"]


def price_of_card(printed_cents: int | None, wanted_cents: int | None, terms: Terms) -> int:
    """Return what a voucher in stock is sold for.

    :param printed_cents: the value that is printed on it, if any.
    :param wanted_cents: the value that was chosen, if any.
    :raises Refusal: ``stock.value`` for another value than the printed one,
        ``programme.value_refused`` for one that the programme does not offer.
    """
    if printed_cents is not None:
        if wanted_cents not in {None, printed_cents}:
            raise Refusal("stock.value", value_cents=printed_cents)
        return printed_cents
    if wanted_cents is None or not is_value_offered(terms, wanted_cents):
        raise Refusal("programme.value_refused", allowed=offered_values(terms))
    return wanted_cents


def check_count(
    expected_cents: int, counted_cents: int, banked_cents: int, reason: str | None
) -> None:
    """Refuse a count that takes more to the bank than was there, or that differs unexplained.

    :raises Refusal: ``closing.banked``, ``closing.difference``.
    """
    if banked_cents > counted_cents:
        raise Refusal("closing.banked", counted_cents=counted_cents)
    if counted_cents != expected_cents and reason is None:
        raise Refusal(
            "closing.difference",
            expected_cents=expected_cents,
            counted_cents=counted_cents,
            difference_cents=counted_cents - expected_cents,
        )
