"""What a batch sends to the database beside its redemptions or reversals: vouchers that change,
transfers, and the locks of their ledgers. The rows are of types that the database knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from msgspec.structs import astuple

from gutschein.db.locks import lock_key
from gutschein.kernel.ids import AccountId
from gutschein.ledger.entries import NewTransfer
from gutschein.ledger.rules import balance_changes
from gutschein.redemption.rules import VoucherKey
from gutschein.vouchers.rules import VoucherState


class Found(Protocol):
    """A voucher as the decisions found it."""

    @property
    def state(self) -> VoucherState: ...
    @property
    def valid_until(self) -> date: ...
    @property
    def balance_cents(self) -> int: ...


def voucher_rows(
    found: Mapping[VoucherKey, Found], transfers: Sequence[NewTransfer]
) -> list[tuple[object, ...]]:
    """Return ``voucher_changed``: what each was, and by how much *transfers* change it."""
    changes = balance_changes(transfers)
    return [
        (
            town_id,
            id_,
            each.state,
            each.valid_until,
            each.balance_cents,
            changes[town_id, AccountId(id_)],
        )
        for (town_id, id_), each in found.items()
    ]


def transfer_rows(
    transfers: Iterable[NewTransfer], instants: Mapping[UUID, tuple[datetime, date]]
) -> list[tuple[object, ...]]:
    """Return ``transfer_made``.

    :param instants: by what the transfers are of, with their days in Germany.
    """
    return [(*astuple(each), *instants[each.reference_id]) for each in transfers]


def ledger_locks(transfers: Iterable[NewTransfer]) -> list[int]:
    """Return the locks of the ledgers that are posted in, in their order."""
    return sorted(lock_key(town_id, "ledger") for town_id in {each.town_id for each in transfers})
