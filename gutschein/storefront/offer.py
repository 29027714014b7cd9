"""A kind of voucher as citizens are shown it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from msgspec import Struct

from gutschein.programmes.rules import valid_until
from gutschein.programmes.schemas import Programme
from gutschein.programmes.service import terms_of


class Offer(Struct, frozen=True, kw_only=True):
    """What can be bought today.

    :param values_cents: the only values there are; empty where any from the minimum to the
        maximum will do.
    :param valid_until: the last day of a voucher bought today.
    """

    id: UUID
    name: str
    values_cents: tuple[int, ...]
    minimum_cents: int
    maximum_cents: int
    valid_until: date
    partial: bool


def offer_of(programme: Programme, today: date) -> Offer:
    """Return what citizens are shown of a programme that is on sale *today*."""
    return Offer(
        id=programme.id,
        name=programme.name,
        values_cents=tuple(programme.fixed_values_cents or ()),
        minimum_cents=programme.minimum_cents,
        maximum_cents=programme.maximum_cents,
        valid_until=valid_until(terms_of(programme), today),
        partial=programme.partial_redemption,
    )
