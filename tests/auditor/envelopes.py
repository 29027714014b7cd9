"""Bank data sealed for the row they stand in, under keys that are the same in every run."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from gutschein.auditor.opening import DoesNotOpen
from gutschein.kernel.ids import TownId
from gutschein.signing.sealing import BrokenSeal, DataKey, place


class _Sealed(NamedTuple):
    """What is sealed in a table, and what its rows go by beside their town."""

    names: tuple[str, ...]
    key: tuple[str, ...]
    town: str = "town_id"


_TABLES = {
    "town": _Sealed(("trust_iban", "trust_account_holder"), (), "id"),
    "merchant": _Sealed(("contact_email",), ("id",)),
    "payout_account": _Sealed(("iban", "account_holder"), ("merchant_id", "valid_from")),
    "statement": _Sealed(("iban", "account_holder"), ("id",)),
    "payout_file": _Sealed(("content",), ("settlement_id",)),
    "approval_request": _Sealed(("terms",), ("id",)),
    "bank_entry": _Sealed(("details",), ("id",)),
    "deposit": _Sealed(("payer_name", "payer_iban", "remittance"), ("id",)),
}


def sealed_row(table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row as it is stored: what must be sealed in envelopes of its own."""
    sealed = _TABLES.get(table, _Sealed((), ()))
    return {
        f"sealed_{name}" if name in sealed.names else name: (
            _seal(table, row, name, value) if name in sealed.names else value
        )
        for name, value in row.items()
    }


def resealed(table: str, row: Mapping[str, Any], **changes: Any) -> str:
    """SQL that sets the sealed columns named by *changes*, as only who has the key can."""
    changed = {**row, **changes}
    return ", ".join(
        f"sealed_{name} = '\\x{_seal(table, changed, name, changed[name]).hex()}'"
        for name in _TABLES[table].names
        if name in changes
    )


def opens(
    town_id: UUID, table: str, column: str, row: Sequence[UUID | datetime], sealed: bytes
) -> str:
    """Open an envelope for the auditor."""
    try:
        return _key(town_id).unseal(sealed, place(table, column, *row))
    except BrokenSeal:
        raise DoesNotOpen from None


def _seal(table: str, row: Mapping[str, Any], name: str, text: str) -> bytes:
    sealed = _TABLES[table]
    key = [row[column] for column in sealed.key]
    return _key(row[sealed.town]).seal(text, place(table, f"sealed_{name}", *key))


def _key(town_id: UUID) -> DataKey:
    return DataKey(TownId(town_id), hashlib.sha256(b"data key" + town_id.bytes).digest())
