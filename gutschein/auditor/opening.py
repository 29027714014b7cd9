"""What is sealed in the database: the auditor looks into it with the help of who can open it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID


class DoesNotOpen(Exception):
    """A sealed value was altered or moved here from another row, or its key was altered."""


class Opener(Protocol):
    """Opens what stands sealed in a column of a row, and nowhere else."""

    def __call__(
        self,
        town_id: UUID,
        table: str,
        column: str,
        row: Sequence[UUID | datetime],
        sealed: bytes,
    ) -> str:
        """Return what is sealed.

        :param row: the primary key of the row without the town.
        :raises DoesNotOpen: naming nothing of what is sealed.
        """


def masked(iban: str) -> str:
    """Write an IBAN for a report, which may be kept where no account number belongs."""
    return f"{iban[:4]} … {iban[-4:]}"
