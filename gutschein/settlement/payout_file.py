"""The payment order of a settlement: written once as pain.001, kept sealed, read as it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from gutschein.bank.pain001 import write_pain001
from gutschein.bank.pain001_reading import validate_pain001
from gutschein.bank.payout_order import CreditTransfer, PayoutOrder
from gutschein.db.unit_of_work import Work
from gutschein.kernel.clock import berlin_day, format_day
from gutschein.kernel.ids import SettlementId, TownId
from gutschein.settlement import payout_repository as repository
from gutschein.settlement.models import FILE_CONTENT, STATEMENT_ACCOUNT
from gutschein.signing.data_keys import town_data_keys
from gutschein.signing.sealing import DataKey, KeyEncryptionKey
from gutschein.towns.schemas import Town
from gutschein.towns.service import town_with_account


@dataclass(frozen=True, slots=True)
class PayoutFile:
    """A payout file, opened: the very bytes that go to the bank."""

    name: str
    control_sum_cents: int
    content: bytes


async def write_payout_file(
    work: Work, settlement: Row[Any], paid: Sequence[Row[Any]], kek: KeyEncryptionKey, now: datetime
) -> None:
    """Write the file that pays the statements *paid*, and keep it sealed.

    :raises Refusal: ``key.sealed``, ``bank_data.altered``, and what :func:`write_pain001`
        refuses.
    :raises ValueError: when the file would not be valid; nothing may leave then.
    """
    town_id = TownId(settlement.town_id)
    town = await town_with_account(work, town_id, kek)
    key = await town_data_keys(work, town_id, kek)
    order = _order(town, settlement, [_transfer(key, town, settlement, each) for each in paid], now)
    row = {
        "town_id": town_id,
        "settlement_id": settlement.id,
        "message_id": order.message_id,
        "transfer_count": len(order.transfers),
        "control_sum_cents": order.control_sum_cents,
        "written_at": now,
    }
    content = {"content": _xml(order).decode()}
    await repository.insert_file(work, row | FILE_CONTENT.seal(key, content, settlement.id))


async def read_payout_file(
    work: Work, town_id: TownId, settlement_id: SettlementId, kek: KeyEncryptionKey
) -> PayoutFile | None:
    """Return the payout file of a settlement; there is none when nothing was paid out.

    :raises Refusal: ``key.sealed``, ``bank_data.altered``.
    """
    row = await repository.find_file(work, town_id, settlement_id)
    if row is None:
        return None
    key = await town_data_keys(work, town_id, kek)
    content = FILE_CONTENT.open(key, row, settlement_id)["content"].encode()
    return PayoutFile(f"{row.message_id}.xml", row.control_sum_cents, content)


def _order(
    town: Town, settlement: Row[Any], transfers: Sequence[CreditTransfer], now: datetime
) -> PayoutOrder:
    message_id = f"{town.ags}-{settlement.number:04d}"
    return PayoutOrder(
        message_id=message_id,
        payment_information_id=f"{message_id}-1",
        created_at=now,
        requested_on=berlin_day(now),
        debtor_name=town.trust_account_holder,
        debtor_iban=town.trust_iban,
        debtor_bic=None,
        transfers=tuple(transfers),
    )


def _transfer(
    key: DataKey, town: Town, settlement: Row[Any], statement: Row[Any]
) -> CreditTransfer:
    """The creditor is the account holder, not the shop, as Verification of Payee compares it.
    No address: the shop's need not be the account holder's.
    """
    account = STATEMENT_ACCOUNT.open(key, statement, statement.id)
    period = f"{format_day(settlement.period_from)}-{format_day(settlement.period_to)}"
    return CreditTransfer(
        end_to_end_id=statement.number,
        amount_cents=statement.payout_cents,
        creditor_name=account["account_holder"],
        creditor_iban=account["iban"],
        remittance=f"Stadtgutschein {town.name} Abrechnung {statement.number} {period}",
    )


def _xml(order: PayoutOrder) -> bytes:
    """Write the order as pain.001.001.09, checked against the ISO 20022 schema."""
    xml = write_pain001(order)
    if faults := validate_pain001(xml):
        raise ValueError(f"the payout file {order.message_id} is not valid: {faults[0]}")
    return xml
