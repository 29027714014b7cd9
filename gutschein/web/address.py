"""A postal address: one object in the API, four columns in a table."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Struct
from msgspec.structs import asdict, fields
from sqlalchemy import RowMapping

from gutschein.web.fields import Input, Postcode, line


class Address(Input, frozen=True, kw_only=True):
    """A German postal address."""

    street: Annotated[str, line(70, "Street without the number.", "Markt")]
    house_number: Annotated[str, line(16, "With its letter, if any.", "1 a")]
    postcode: Postcode
    post_town: Annotated[str, line(35, "Town of the postcode.", "Annaberg-Buchholz")]


_COLUMNS = tuple(field.name for field in fields(Address))


def address_columns(thing: Struct) -> dict[str, Any]:
    """Return the fields of *thing* as a row, its ``address`` spread out."""
    row = asdict(thing)
    return row | asdict(row.pop("address"))


def with_address(row: RowMapping) -> dict[str, Any]:
    """Return the values of a row with its address gathered under ``address``."""
    values: dict[str, Any] = dict(row)
    return values | {"address": Address(**{name: values.pop(name) for name in _COLUMNS})}
