"""What is sealed in a column opens there, and nowhere else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId, new_id
from gutschein.signing.sealed_columns import SealedColumns
from gutschein.signing.sealing import DataKey

KEY = DataKey.new(TownId(new_id()))
MERCHANT = new_id()
SINCE = datetime(2026, 12, 5, 9, 0, 0, 1, tzinfo=UTC)
ACCOUNT = {"iban": "DE89370400440532013000", "account_holder": "Jörg Müßig"}

ACCOUNTS = SealedColumns("payout_account", ("iban", "account_holder"))
STATEMENTS = SealedColumns("statement", ("iban", "account_holder"))


def row(**columns: bytes) -> Any:
    """A row as a query returns it, with a column that is nobody's business here."""
    return SimpleNamespace(**columns, number="1")


@pytest.fixture
def sealed() -> dict[str, bytes]:
    return ACCOUNTS.seal(KEY, ACCOUNT | {"valid_from": SINCE}, MERCHANT, SINCE)


def test_columns_open_in_their_row(sealed: dict[str, bytes]) -> None:
    assert set(sealed) == {"sealed_iban", "sealed_account_holder"}
    assert ACCOUNTS.open(KEY, row(**sealed), MERCHANT, SINCE) == ACCOUNT


def test_nothing_of_the_text_shows_and_no_two_seals_are_alike(sealed: dict[str, bytes]) -> None:
    assert b"DE89" not in sealed["sealed_iban"]
    again = ACCOUNTS.seal(KEY, ACCOUNT, MERCHANT, SINCE)
    assert again["sealed_iban"] != sealed["sealed_iban"]


def test_an_instant_is_the_same_in_every_time_zone(sealed: dict[str, bytes]) -> None:
    in_berlin = SINCE.astimezone(timezone(timedelta(hours=1)))
    assert ACCOUNTS.open(KEY, row(**sealed), MERCHANT, in_berlin) == ACCOUNT


@pytest.mark.parametrize(
    ("columns", "key", "at"),
    [
        (STATEMENTS, KEY, (MERCHANT, SINCE)),
        (ACCOUNTS, DataKey(KEY.town_id, DataKey.new(KEY.town_id).key), (MERCHANT, SINCE)),
        (ACCOUNTS, DataKey(TownId(new_id()), KEY.key), (MERCHANT, SINCE)),
        (ACCOUNTS, KEY, (new_id(), SINCE)),
        (ACCOUNTS, KEY, (MERCHANT, SINCE + timedelta(microseconds=1))),
        (ACCOUNTS, KEY, (MERCHANT,)),
    ],
    ids=["table", "key", "town", "merchant", "instant", "part of the row's key"],
)
def test_columns_open_nowhere_else(
    sealed: dict[str, bytes],
    columns: SealedColumns,
    key: DataKey,
    at: tuple[UUID | datetime, ...],
) -> None:
    with pytest.raises(Refusal, match=r"bank_data\.altered"):
        columns.open(key, row(**sealed), *at)


def test_one_column_does_not_open_in_place_of_another(sealed: dict[str, bytes]) -> None:
    exchanged = row(
        sealed_iban=sealed["sealed_account_holder"], sealed_account_holder=sealed["sealed_iban"]
    )
    with pytest.raises(Refusal, match=r"bank_data\.altered"):
        ACCOUNTS.open(KEY, exchanged, MERCHANT, SINCE)
