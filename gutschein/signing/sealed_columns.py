"""Columns that hold a town's data sealed: account numbers, and whose accounts they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from gutschein.kernel.errors import Refusal
from gutschein.signing.sealing import BrokenSeal, DataKey, place


@dataclass(frozen=True, slots=True)
class SealedColumns:
    """The sealed columns of a table. Each is named ``sealed_`` and what it holds.

    :param names: what they hold.
    """

    table: str
    names: tuple[str, ...]

    def seal(
        self, key: DataKey, values: Mapping[str, Any], *row: UUID | str | datetime
    ) -> dict[str, bytes]:
        """Return the columns of a row, sealed.

        :param values: has what they hold, under its names, and may have more.
        :param row: the primary key of the row without the town.
        """
        return {
            f"sealed_{name}": key.seal(values[name], self._place(name, row)) for name in self.names
        }

    def open(self, key: DataKey, sealed: Row[Any], *row: UUID | str | datetime) -> dict[str, str]:
        """Return what the columns of a row hold, under its names.

        :param sealed: the row, with other columns or without.
        :raises Refusal: ``bank_data.altered``.
        """
        try:
            return {
                name: key.unseal(getattr(sealed, f"sealed_{name}"), self._place(name, row))
                for name in self.names
            }
        except BrokenSeal:
            raise Refusal("bank_data.altered") from None

    def _place(self, name: str, row: tuple[UUID | str | datetime, ...]) -> bytes:
        return place(self.table, f"sealed_{name}", *row)
